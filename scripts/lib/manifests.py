"""Renders deploy/kubernetes and looks at each document; reads deploy/compose.yaml and nginx.conf.

kubernetes-validate knows the types. What it cannot know stands here: that names lead somewhere,
that pods keep to the restricted profile, and that their time to end is longer than the drain.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
# Its kinds come with the Prometheus operator, so no schema is at hand.
UNKNOWN_KINDS = {"ServiceMonitor"}
FAULTS = []


def expect(holds, sentence):
    if not holds:
        FAULTS.append(sentence)


def render(directory, name):
    """The documents of a kustomization, validated."""
    made = subprocess.run(
        ["kubectl", "kustomize", directory], stdout=subprocess.PIPE, text=True, check=True
    )
    documents = [each for each in yaml.safe_load_all(made.stdout) if each]
    known = [each for each in documents if each["kind"] not in UNKNOWN_KINDS]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump_all(known, file)
        file.flush()
        said = subprocess.run(
            ["kubernetes-validate", "--strict", file.name], capture_output=True, text=True
        )
    passed = re.findall(r"passed for resource (\S+)", said.stdout + said.stderr)
    expect(said.returncode == 0, f"{directory}: {said.stdout}{said.stderr}")
    expect(len(passed) == len(known), f"{directory}: {len(passed)} of {len(known)} documents pass")
    print(f"{name}: {len(passed)} documents valid")
    return documents


def everything():
    """The example with every component, those too that it leaves out."""
    with tempfile.TemporaryDirectory(dir=KUBERNETES) as directory:
        components = sorted((KUBERNETES / "components").iterdir())
        pathlib.Path(directory, "kustomization.yaml").write_text(
            yaml.safe_dump(
                {
                    "resources": ["../overlays/example"],
                    "components": [
                        f"../components/{each.name}" for each in components
                        if each.name != "ingress"
                    ],
                }
            )
        )
        return render(directory, "all components")


def look(documents):
    by_kind = {}
    for each in documents:
        by_kind.setdefault(each["kind"], {})[each["metadata"]["name"]] = each
    for kind in ["Deployment", "Service", "Ingress", "PodDisruptionBudget", "NetworkPolicy",
                 "HorizontalPodAutoscaler", "Secret", "ServiceMonitor"]:
        expect(kind in by_kind, f"no {kind}")
    deployments = by_kind["Deployment"]
    pods = [each["spec"]["template"] for each in deployments.values()]
    expect(deployments["elman-server"]["spec"]["replicas"] == 3, "three servers")
    for name, deployment in deployments.items():
        look_at_pod(name, deployment["spec"]["template"]["spec"], by_kind["Secret"])
        selector = deployment["spec"]["selector"]["matchLabels"]
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        expect(selector.items() <= labels.items(), f"{name} selects its own pods")
    for kind in ["Service", "PodDisruptionBudget", "NetworkPolicy"]:
        for name, each in by_kind[kind].items():
            spec = each["spec"]
            selector = spec.get("podSelector", spec.get("selector"))
            selector = selector.get("matchLabels", selector)
            matched = [pod for pod in pods if selector.items() <= pod["metadata"]["labels"].items()]
            expect(len(matched) == 1, f"{kind} {name} selects {len(matched)} kinds of pods, not 1")
            for port in spec.get("ports", []):
                ports = matched[0]["spec"]["containers"][0]["ports"]
                named = [each["name"] for each in ports]
                expect(port["targetPort"] in named, f"{kind} {name}: port {port['targetPort']}")
    for each in by_kind["HorizontalPodAutoscaler"].values():
        expect(each["spec"]["scaleTargetRef"]["name"] in deployments, "the autoscaler's target")
    for ingress in by_kind["Ingress"].values():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]["name"]
                expect(service in by_kind["Service"], f"Ingress: service {service}")
    for monitor in by_kind["ServiceMonitor"].values():
        wanted = monitor["spec"]["selector"]["matchLabels"]
        found = [each for each in by_kind["Service"].values()
                 if wanted.items() <= each["metadata"]["labels"].items()]
        expect(len(found) == 1, f"the ServiceMonitor selects {len(found)} services")
        ports = [port["name"] for each in found for port in each["spec"]["ports"]]
        for endpoint in monitor["spec"]["endpoints"]:
            expect(endpoint["port"] in ports, f"ServiceMonitor: port {endpoint['port']}")


def look_at_pod(name, pod, secrets):
    """The restricted profile of Pod Security, and what Elman needs."""
    security = pod["securityContext"]
    expect(security.get("runAsNonRoot") is True, f"{name}: non-root")
    expect(security["seccompProfile"]["type"] == "RuntimeDefault", f"{name}: seccomp")
    expect(pod["automountServiceAccountToken"] is False, f"{name}: no token of Kubernetes")
    for key in ["hostNetwork", "hostPID", "hostIPC"]:
        expect(not pod.get(key), f"{name}: {key}")
    for volume in pod.get("volumes", []):
        expect("hostPath" not in volume, f"{name}: no path of the host")
        if "secret" in volume:
            secret = volume["secret"]
            expect(secret["secretName"] in secrets, f"{name}: secret {secret['secretName']}")
            expect(secret["defaultMode"] == 0o440, f"{name}: others may read a secret")
    for container in pod["containers"]:
        own = container["securityContext"]
        expect(own["allowPrivilegeEscalation"] is False, f"{name}: no escalation")
        expect(own["readOnlyRootFilesystem"] is True, f"{name}: read-only root")
        expect(own["capabilities"] == {"drop": ["ALL"]}, f"{name}: no capabilities")
        resources = container["resources"]
        expect("cpu" in resources["requests"], f"{name}: a request of CPU")
        expect("memory" in resources["requests"], f"{name}: a request of memory")
        expect("memory" in resources["limits"], f"{name}: a limit of memory")
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        expect(mounts == {each["name"] for each in pod["volumes"]}, f"{name}: mounts {mounts}")
        variables = {each["name"]: each for each in container["env"]}
        look_at_variables(name, variables)
        for each in variables.values():
            if "valueFrom" in each:
                reference = each["valueFrom"]["secretKeyRef"]
                data = secrets.get(reference["name"], {}).get("data", {})
                expect(reference["key"] in data, f"{name}: {each['name']} has no value")
        if "ELMAN_DRAIN_DELAY" in variables:
            # Open requests get 15 seconds after the drain.
            needed = int(variables["ELMAN_DRAIN_DELAY"]["value"]) + 15
            expect(pod["terminationGracePeriodSeconds"] > needed, f"{name}: the drain needs more")
            for probe in ["startupProbe", "readinessProbe", "livenessProbe"]:
                path = "/readyz" if probe == "readinessProbe" else "/livez"
                expect(container[probe]["httpGet"]["path"] == path, f"{name}: {probe}")


def look_at_variables(place, names):
    """Each ELMAN_ variable is an option of the server, or of the worker."""
    for name in names:
        if name.startswith("ELMAN_"):
            expect(name in known_variables(), f"{place}: {name} is no option")


def known_variables():
    sources = "".join(path.read_text() for path in (ROOT / "docs").glob("serve.md"))
    options = re.findall(r"`--([a-z-]+)`", sources)
    return {"ELMAN_" + name.upper().replace("-", "_") for name in options}


def look_at_compose():
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    services = compose["services"]
    for wanted in ["postgresql", "server-1", "server-2", "worker", "nginx"]:
        expect(wanted in services, f"compose: no {wanted}")
    for name, service in services.items():
        for other in service.get("depends_on", {}):
            expect(other in services, f"compose: {name} depends on {other}")
        look_at_variables(f"compose: {name}", service.get("environment", {}))
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                expect((ROOT / "deploy" / source).exists(), f"compose: {source}")
            else:
                expect(source in compose["volumes"], f"compose: volume {source}")
        expect(service.get("read_only") or name == "postgresql", f"compose: {name} may write")
    upstream = (ROOT / "deploy" / "nginx.conf").read_text()
    servers = re.findall(r"server ([\w-]+):8080", upstream)
    expect(servers == ["server-1", "server-2"], f"nginx.conf: {servers}")


def try_nginx():
    """nginx reads its configuration, with names that this machine knows."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"server-\d:", "127.0.0.1:", text)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(text)
        file.flush()
        said = subprocess.run(["/usr/sbin/nginx", "-t", "-q", "-c", file.name, "-g",
                               "pid /tmp/elman-nginx-test.pid;"], capture_output=True, text=True)
    expect(said.returncode == 0, f"nginx.conf: {said.stderr}")


render(str(KUBERNETES / "base"), "base")
render(str(KUBERNETES / "overlays" / "example"), "example")
look(everything())
look_at_compose()
try_nginx()
for fault in FAULTS:
    print(f"FAILED: {fault}", file=sys.stderr)
sys.exit(1 if FAULTS else 0)
