"""Prints a pod of PostgreSQL and the containers of deploy/kubernetes/overlays/example, for podman.

Podman plays one pod without a cluster: it has no service names, kubelet or secrets of its own. So
the containers share one loopback, the store's address is given, probes are left to the script, and
tokens come from a volume.
"""
import argparse
import pathlib
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def container(deployments, name, image):
    """The container of a deployment, as it is rendered."""
    pod = deployments[f"elman-{name}"]["spec"]["template"]["spec"]
    found = pod["containers"][0]
    found["image"] = image
    found["imagePullPolicy"] = "Never"
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"]:
        found.pop(probe, None)
    # A pod's identity, which podman takes from the container.
    for key in ["runAsUser", "runAsGroup"]:
        found["securityContext"][key] = pod["securityContext"][key]
    for variable in found["env"]:
        if variable["name"] == "ELMAN_STORE":
            del variable["valueFrom"]
            variable["value"] = "postgresql://elman:trial@127.0.0.1/elman"
        if variable["name"] == "ELMAN_TOKENS":
            variable["value"] = "/etc/elman/tokens"
    for mount in found["volumeMounts"]:
        if mount["name"] == "tokens":
            mount["mountPath"] = "/etc/elman"
        mount["name"] = f"{name}-{mount['name']}"
    found["ports"] = []
    return found


def volumes(*containers):
    for each in containers:
        for mount in each["volumeMounts"]:
            if mount["name"] != "server-tokens":
                yield {"name": mount["name"], "emptyDir": {}}


parser = argparse.ArgumentParser()
for option in ["name", "image", "database", "port", "tokens"]:
    parser.add_argument(f"--{option}", required=True)
options = parser.parse_args()
rendered = subprocess.run(
    ["kubectl", "kustomize", str(ROOT / "deploy" / "kubernetes" / "overlays" / "example")],
    stdout=subprocess.PIPE, text=True, check=True,
)
deployments = {each["metadata"]["name"]: each for each in yaml.safe_load_all(rendered.stdout)
               if each["kind"] == "Deployment"}
server = container(deployments, "server", options.image)
server["ports"] = [{"containerPort": 8080, "hostPort": int(options.port), "hostIP": "127.0.0.1"}]
worker = container(deployments, "worker", options.image)
database = {
    "name": "postgresql",
    "image": options.database,
    "imagePullPolicy": "Never",
    "env": [{"name": f"POSTGRES_{key}", "value": value}
            for key, value in [("USER", "elman"), ("DB", "elman"), ("PASSWORD", "trial")]],
}
pod = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": options.name},
    "spec": {
        # Whoever cannot start without its database is started again, as in a cluster.
        "restartPolicy": "OnFailure",
        "containers": [database, server, worker],
        "volumes": [{"name": "server-tokens",
                     "persistentVolumeClaim": {"claimName": options.tokens}},
                    *volumes(server, worker)],
    },
}
yaml.safe_dump(pod, sys.stdout)
