"""A real server, a real browser, and what every test of the page demands of both."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / ".build" / os.environ.get("CONFIGURATION", "debug")
DESK = [
    ("billing", "my invoice is wrong"), ("billing", "please refund the payment"),
    ("billing", "the last invoice was charged twice"), ("billing", "refund my last payment"),
    ("bug", "the app crashes at start"), ("bug", "an error when I log in"),
    ("bug", "the app shows an error"), ("bug", "it crashes when I log in"),
]


class Server:
    """A server of its own in a directory of its own."""

    def __init__(self, directory, *options, port=0):
        self.directory, self.options, self.port = directory, options, port
        models = directory / "models"
        if not models.exists():
            models.mkdir(parents=True)
            for name in ("mood.json", "retail-banking.json", "default-model"):
                shutil.copy(ROOT / "models" / name, models / name)
        self.start()

    def start(self):
        log = self.directory / "log"
        log.write_text("")
        self.process = subprocess.Popen(
            [PROGRAMS / "server", "--port", str(self.port), "--admin-port", "off", "--models",
             self.directory / "models", "--state", self.directory / "state", "--drain-delay", "0",
             "--remember", "100", "--log-format", "json", *self.options],
            stderr=log.open("a"),
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = re.search(r'"event":"listening".*?"port":"(\d+)"', log.read_text())
            if found:
                self.port = int(found[1])
                break
            time.sleep(0.05)
        while json.loads(self.get("/readyz", codes=(200, 503)))["status"] == "loading":
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    @property
    def url(self):
        return f"http://localhost:{self.port}/"

    def send(self, method, path, body=None, headers=None, codes=(200, 201, 202, 204)):
        """The answer's bytes and head."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        fields = {"Content-Type": "application/json"} if data is not None else {}
        request = urllib.request.Request(
            self.url + path.lstrip("/"), data, {**fields, **(headers or {})}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=70) as answer:
                result = answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            result = error.code, error.read(), error.headers
        assert result[0] in codes, result
        return result

    def get(self, path, codes=(200,)):
        return self.send("GET", path, codes=codes)[1]

    def train(self, model, rows, **settings):
        """Trains and waits; the job that ended."""
        body = {
            "model": model, "examples": [{"label": label, "text": text} for label, text in rows],
            "options": {"recipe": "linear"}, **settings,
        }
        job = json.loads(self.send("POST", "/train", body, {"Prefer": "wait=60"})[1])
        assert job["state"] == "succeeded", job
        return job


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        yield browser
        browser.close()


class Visit:
    """A page in a context of its own, with what it did that it should not have done."""

    def __init__(self, browser, server, width=1280, scheme="light"):
        height = 900 if width > 600 else 800
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.server, self.faults, self.expected = server, [], []
        self.page = self.context.new_page()
        self.page.set_default_timeout(20000)
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self.asked)

    def heard(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text} {message.location}")

    def asked(self, request):
        if not request.url.startswith((self.server.url, "blob:" + self.server.url)):
            self.faults.append(f"request to elsewhere: {request.url}")

    def open(self, place=""):
        self.page.goto(self.server.url + place)
        return self.page

    def expect_fault(self, text):
        """A fault that the test provokes itself."""
        self.expected.append(text)

    def check(self):
        left = [fault for fault in self.faults if not any(text in fault for text in self.expected)]
        assert not left, left


@pytest.fixture
def visit(browser, server):
    visit = Visit(browser, server)
    yield visit
    visit.context.close()
    visit.check()


def axe_faults(page):
    """What axe-core calls serious or critical, a line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def overflow(page):
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
