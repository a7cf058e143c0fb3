"""Lets a real Label Studio label texts, with Elman as its model, up to a new version.

usage: label_studio.py ELMAN_URL LABEL_STUDIO_URL LABEL_STUDIO_TOKEN [ELMAN_TOKEN [RECORD]]

Label Studio is told to reach Elman through a recorder in this process. RECORD gets what Label
Studio sent, one request a line, with what Elman answered.
"""

import http.server
import json
import re
import sys
import threading
import time
import urllib.error
import urllib.request

CARD = ["my card has not arrived", "the new card is not here", "card still missing", "no card yet"]
REFUND = ["I want my money back", "please refund this", "the refund is late", "no refund so far"]
CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single" showInLine="true">
    <Choice value="card"/>
    <Choice value="Refund please" alias="refund"/>
  </Choices>
</View>"""
SECRET = re.compile(r'("(?:access_token|token|email|hostname|password|login)": ?)"[^"]*"')


def expect(what, condition):
    print(f"{'ok' if condition else 'WRONG'}: {what}", flush=True)
    if not condition:
        sys.exit(1)


def call(method, url, body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {}, method=method)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            content = answer.read()
            return json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        print(f"{method} {url}: {error.code} {error.read()[:2000]}", file=sys.stderr)
        raise


class Recorder(http.server.BaseHTTPRequestHandler):
    """Passes requests on to Elman, and keeps them."""

    elman, seen, took, lock = "", [], [], threading.Lock()

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        names = [name for name in ("Content-Type", "Authorization") if name in self.headers]
        headers = {name: self.headers[name] for name in names}
        request = urllib.request.Request(
            self.elman + self.path, body or None, headers, method=self.command)
        start = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=100) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, content = error.code, error.read()
        seconds = time.monotonic() - start
        with self.lock:
            self.took.append((self.path, seconds))
            self.seen.append({
                "method": self.command, "path": self.path, "status": status,
                "type": self.headers.get("Content-Type"),
                "scheme": (self.headers.get("Authorization") or "").split(" ")[0],
                "body": SECRET.sub(r'\1"x"', body.decode()),
            })
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


def texts():
    for number in range(15):
        yield f"{CARD[number % 4]} {number}", "card"
        yield f"{REFUND[number % 4]} {number}", "refund"


class Project:
    """A project of Label Studio."""

    def __init__(self, url, token):
        self.url, self.headers = url, {"Authorization": f"Token {token}"}
        made = self.call("POST", "/api/projects", {"title": "desk", "label_config": CONFIG})
        self.id = made["id"]

    def call(self, method, path, body=None):
        return call(method, self.url + path, body, self.headers)

    def tasks(self):
        found = self.call("GET", f"/api/tasks?project={self.id}&page_size=100&fields=all")
        return found["tasks"] if isinstance(found, dict) else found

    def predict(self):
        self.call("POST", f"/api/dm/actions?id=retrieve_tasks_predictions&project={self.id}",
                  {"selectedItems": {"all": True, "excluded": []}})

    def predictions(self, version):
        """The labels that a version predicted, by task; waits until each task has one."""
        for _ in range(60):
            found = self.call("GET", f"/api/predictions?project={self.id}")
            found = [one for one in found if one["model_version"] == version]
            if len(found) >= 30:
                break
            time.sleep(0.5)
        return {
            one["task"]: [item["value"]["choices"][0] for item in one["result"]] for one in found}

    def choose(self, task, label):
        """Annotates a task; returns the number of the annotation."""
        made = self.call("POST", f"/api/tasks/{task}/annotations/", {"result": chosen(label)})
        return made["id"]


def chosen(label):
    return [{"from_name": "topic", "to_name": "text", "type": "choices",
             "value": {"choices": [label]}}]


class Elman:
    def __init__(self, url, token):
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method, path, body=None):
        return call(method, self.url + path, body, self.headers)

    def examples(self, count):
        """The annotations that have arrived, by text; waits for a number of them."""
        for _ in range(50):
            try:
                found = self.call("GET", "/models/desk/examples?source=label-studio")["examples"]
            except urllib.error.HTTPError:
                found = []
            if len(found) == count:
                break
            time.sleep(0.1)
        return {row["text"]: row["label"] for row in found}

    def version(self, after=0):
        """The version that is live, once it is a later one."""
        for _ in range(600):
            try:
                card = self.call("GET", "/models/desk")
                if (card.get("live_version") or 0) > after:
                    return card["live_version"]
            except urllib.error.HTTPError:
                pass
            time.sleep(0.2)
        return 0


def label(project, elman):
    """Annotates twelve tasks, then changes one and deletes another."""
    rows = dict(texts())
    ids = {}
    tasks = sorted(project.tasks(), key=lambda task: task["id"])
    for task in tasks[:12]:
        text = task["data"]["text"]
        ids[text] = project.choose(task["id"], rows[text])
    arrived = elman.examples(12)
    expect(f"12 annotations arrive ({len(arrived)})", arrived == {text: rows[text] for text in ids})
    first, second = list(ids)[:2]
    other = "refund" if rows[first] == "card" else "card"
    project.call("PATCH", f"/api/annotations/{ids[first]}/", {"result": chosen(other)})
    time.sleep(1)
    expect("an update follows", elman.examples(12).get(first) == other)
    project.call("PATCH", f"/api/annotations/{ids[first]}/", {"result": chosen(rows[first])})
    project.call("DELETE", f"/api/annotations/{ids[second]}/")
    arrived = elman.examples(11)
    expect("a deletion follows", second not in arrived and arrived.get(first) == rows[first])
    task = next(task for task in tasks if task["data"]["text"] == second)
    project.choose(task["id"], rows[second])
    expect("it is annotated again", len(elman.examples(12)) == 12)


def main(elman_url, studio_url, studio_token, elman_token="", record=None):
    elman = Elman(elman_url, elman_token)
    Recorder.elman = elman_url
    recorder = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=recorder.serve_forever, daemon=True).start()
    user = f"label-studio:{elman_token}@" if elman_token else ""
    project = Project(studio_url, studio_token)
    backend = project.call("POST", "/api/ml", {
        "project": project.id, "title": "Elman", "is_interactive": False,
        "url": f"http://{user}127.0.0.1:{recorder.server_port}/label-studio/desk"})
    expect(f"the model is connected ({backend['state']})", backend["state"] == "CO")
    hooks = project.call("GET", f"/api/webhooks/?project={project.id}")
    print(f"webhooks: {[(hook['url'].split('@')[-1], hook['headers']) for hook in hooks]}")
    project.call("POST", f"/api/projects/{project.id}/import", [{"text": t} for t, _ in texts()])
    project.predict()
    found = project.predictions("v0")
    expect(f"before there is a version nothing is predicted ({len(found)} tasks)",
           len(found) == 30 and not any(found.values()))
    label(project, elman)
    before = 0
    project.call("POST", f"/api/ml/{backend['id']}/train", {})
    after = elman.version(before)
    expect(f"training makes version {after}", after > before)
    project.predict()
    found = project.predictions(f"v{after}")
    rows = dict(texts())
    right = sum(found.get(task["id"]) == [rows[task["data"]["text"]]] for task in project.tasks())
    expect(f"its predictions are shown ({right} of 30 right)", len(found) == 30 and right >= 25)
    slowest = max(s for path, s in Recorder.took if path.endswith("/webhook"))
    expect(f"webhooks are answered within 1 s ({slowest * 1000:.0f} ms)", slowest < 1)
    if elman_token:
        schemes = {one["scheme"] for one in Recorder.seen}
        expect(f"the token comes by basic authentication ({schemes})", schemes == {"Basic"})
    if record:
        with open(record, "w", encoding="utf-8") as file:
            for one in Recorder.seen:
                del one["scheme"]
                file.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
