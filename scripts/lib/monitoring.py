"""Holds rules, their tests and the dashboard against the metrics of a running server.

Every metric, label and fixed value that they name must be there. A series that is recorded from the
server, at work and then draining, must raise the right alerts and no other.
usage: monitoring.py SERVER
"""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROMETHEUS = ROOT / "deploy" / "prometheus"
SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
SELECTOR = re.compile(r"(?<![:\w])((?:elman|process)_\w+)(?:\{([^{}]*)\})?(?!:)")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GIVEN_BY_PROMETHEUS = {"job", "instance"}
# Statuses are counted once they occur, models and versions as they come.
OPEN_VALUES = {"code", "model", "version", "label", "digest"} | GIVEN_BY_PROMETHEUS
STEP_SECONDS = 30
FAULTS = []


class RunningServer:
    """A server on free ports with rows to train and a file to store them in."""

    def __init__(self, program, directory):
        self.log = open(f"{directory}/log", "w+")
        self.process = subprocess.Popen(
            [program, "--port", "0", "--admin-port", "0", "--state", f"{directory}/state",
             "--models", str(ROOT / "models"), "--drain-delay", "60", "--log-format", "json"],
            stderr=self.log,
        )
        for _ in range(600):
            time.sleep(0.05)
            self.log.seek(0)
            listening = [line for line in self.log if '"event":"listening"' in line]
            if listening:
                break
        ports = json.loads(listening[0])
        self.port, self.admin_port = ports["port"], ports["admin_port"]
        while self.get("/readyz")[0] != 200:
            time.sleep(0.05)

    def get(self, path):
        return self.ask(urllib.request.Request(f"http://127.0.0.1:{self.admin_port}{path}"))

    def post(self, path, body, **headers):
        address = f"http://127.0.0.1:{self.port}{path}"
        headers = {"Content-Type": "application/json", **headers}
        return self.ask(urllib.request.Request(address, json.dumps(body).encode(), headers))

    def ask(self, request):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def work(self):
        """What a server meets: known and unknown words, doubt, a bad request, a job."""
        for text in ["I still have not received my new card", "top up failed", "zzz qqq"]:
            self.post("/classify", {"text": text, "min_confidence": 0.5})
        self.post("/classify", {"txt": 1})

    def train(self):
        rows = [{"text": "a fine day", "label": "good"}, {"text": "a bad day", "label": "poor"}] * 2
        body = {"model": "day", "examples": rows, "options": {"epochs": 20}}
        status, answer = self.post("/train", body, Prefer="wait=25")
        if status != 200:
            FAULTS.append(f"POST /train: {status} {answer}")

    def scrape(self):
        return samples(self.get("/metrics")[1])


def samples(text):
    """Each line's name, labels and value."""
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            yield match[1], dict(LABEL.findall(match[2] or "")), match[3]


def look_at(place, expression, values):
    """Whether what `expression` names is among `values`, by metric and label."""
    for name, matchers in SELECTOR.findall(expression):
        if name not in values:
            FAULTS.append(f"{place}: no metric {name}")
            continue
        for label, operator, value in MATCHER.findall(matchers):
            there = values[name].get(label)
            if there is None and label not in GIVEN_BY_PROMETHEUS:
                FAULTS.append(f"{place}: {name} has no label {label}")
            elif operator == "=" and label not in OPEN_VALUES and value not in there:
                FAULTS.append(f"{place}: {name} has no {label}=\"{value}\"")


def look_at_files(scrape):
    values = {}
    for name, labels, _ in scrape:
        metric = values.setdefault(name, {})
        for label, value in labels.items():
            metric.setdefault(label, set()).add(value)
    rules = yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            look_at(rule.get("alert", rule.get("record")), rule["expr"], values)
    for test in yaml.safe_load((PROMETHEUS / "rules_test.yaml").read_text())["tests"]:
        for series in test["input_series"]:
            look_at(f"test '{test['name']}'", series["series"], values)
    board = json.loads((ROOT / "deploy" / "grafana" / "elman.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    queries += [each["query"]["query"] for each in board["templating"]["list"]
                if each["type"] == "query"]
    queries += [each["expr"] for each in board["annotations"]["list"]]
    for query in queries:
        look_at("elman.json", query, values)
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in values}
    described = set(re.findall(r"`(elman_\w+)`", (ROOT / "docs" / "serve.md").read_text()))
    for name in sorted(n for n in families if n.startswith("elman_")):
        if name not in described:
            FAULTS.append(f"docs/serve.md does not name {name}")
        if not any(name in query for query in queries):
            FAULTS.append(f"elman.json does not show {name}")
    print(f"metrics: {len(families)} families; {len(queries)} queries of the dashboard")
    return [rule["alert"] for group in rules["groups"] for rule in group["rules"]
            if "alert" in rule]


def replay(scrapes, alerts, healthy_steps):
    """The recorded series as a test of promtool."""
    series = {}
    for index, scrape in enumerate(scrapes):
        for name, labels, value in scrape:
            labels = {**labels, "job": "elman", "instance": "recorded"}
            inside = ",".join(f"{key}={json.dumps(each)}" for key, each in labels.items())
            # `_` is a sample that is missing: what had not happened yet has no series.
            values = series.setdefault(f"{name}{{{inside}}}", ["_"] * len(scrapes))
            values[index] = value
    at_work = f"{(healthy_steps - 1) * STEP_SECONDS}s"
    at_end = f"{(len(scrapes) - 1) * STEP_SECONDS}s"
    draining = {"ElmanNotReady": {"instance": "recorded", "severity": "warning"},
                "ElmanNoneReady": {"severity": "critical"}}
    rules = yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())
    annotations = {rule["alert"]: rule["annotations"] for group in rules["groups"]
                   for rule in group["rules"] if "alert" in rule}
    checks = []
    for alert in alerts:
        checks.append({"alertname": alert, "eval_time": at_work, "exp_alerts": []})
        expected = []
        if alert in draining:
            labels = {"job": "elman", **draining[alert]}
            filled = {key: re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda m: labels[m[1]], text)
                      for key, text in annotations[alert].items()}
            expected = [{"exp_labels": labels, "exp_annotations": filled}]
        checks.append({"alertname": alert, "eval_time": at_end, "exp_alerts": expected})
    test = {
        "rule_files": [str(PROMETHEUS / "rules.yaml")],
        "evaluation_interval": f"{STEP_SECONDS}s",
        "tests": [{
            "interval": f"{STEP_SECONDS}s",
            "input_series": [{"series": name, "values": " ".join(values)}
                             for name, values in series.items()],
            "alert_rule_test": checks,
        }],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(test, file)
        file.flush()
        said = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True,
                              text=True)
    if said.returncode:
        FAULTS.append(f"the recorded series: {said.stdout}{said.stderr}")
    print(f"recorded: {len(scrapes)} scrapes of {len(series)} series")


with tempfile.TemporaryDirectory() as directory:
    server = RunningServer(sys.argv[1], directory)
    try:
        server.train()
        scrapes = []
        for _ in range(12):
            server.work()
            scrapes.append(list(server.scrape()))
        healthy_steps = len(scrapes)
        server.process.send_signal(signal.SIGTERM)
        while server.get("/readyz")[0] != 503:
            time.sleep(0.05)
        for _ in range(8):
            scrapes.append(list(server.scrape()))
        alerts = look_at_files(scrapes[-1])
        replay(scrapes, alerts, healthy_steps)
    finally:
        server.process.send_signal(signal.SIGINT)
        server.process.wait(30)
for fault in FAULTS:
    print(f"FAILED: {fault}", file=sys.stderr)
sys.exit(1 if FAULTS else 0)
