"""A PostgreSQL server, servers and workers of Elman, and what they say."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def wait(what: str, seconds: float, is_reached) -> float:
    """Waits, and returns for how long."""
    began = time.monotonic()
    while not is_reached():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what}: not in {seconds:.0f} seconds")
        time.sleep(0.01)
    return time.monotonic() - began


class Database:
    """A PostgreSQL server of its own, which is as durable as any."""

    def __init__(self) -> None:
        # PostgreSQL refuses to run as root.
        self.user = []
        if os.geteuid() == 0:
            self.user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        self.directory = tempfile.mkdtemp(prefix="elman-replicas-")
        if self.user:
            shutil.chown(self.directory, "postgres", "postgres")
        self.port = free_port()
        self.run("initdb", "-A", "trust", "-N", "-E", "UTF8", "--no-locale", "-U", "elman")
        with open(f"{self.directory}/data/postgresql.conf", "a", encoding="utf8") as settings:
            settings.write(
                f"unix_socket_directories='{self.directory}'\nport={self.port}\n"
                "listen_addresses='127.0.0.1'\nmax_connections=200\n"
            )
        self.control("start")
        self.address = f"postgresql://elman@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        command = [*self.user, program, "-D", f"{self.directory}/data", *arguments]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd="/")

    def control(self, *arguments: str) -> None:
        self.run("pg_ctl", "-s", "-w", "-l", f"{self.directory}/log", *arguments)

    def ask(self, sql: str) -> list[list[str]]:
        command = ["psql", "-qtAXd", self.address, "-F", "\t", "-c", sql]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in text.splitlines()]

    def configure(self, setting: str) -> None:
        """Changes a setting, which counts from the next `reload` or `restart` on."""
        with open(f"{self.directory}/data/postgresql.conf", "a", encoding="utf8") as settings:
            settings.write(f"{setting}\n")

    def connections(self) -> int:
        """How many connections were asked for since the log began, with `log_connections`."""
        with open(f"{self.directory}/log", encoding="utf8", errors="replace") as log:
            return sum("connection received" in line for line in log)

    def end(self) -> None:
        try:
            self.run("pg_ctl", "-s", "-m", "immediate", "stop")
        except subprocess.CalledProcessError:
            pass
        shutil.rmtree(self.directory, ignore_errors=True)


class Program:
    """A server or a worker."""

    def __init__(
        self, place: Path, name: str, command: list[str], address: str, environment: dict = {},
    ) -> None:
        self.log = place / f"{name}-{time.monotonic_ns()}.log"
        if environment:
            # A preloaded library may change the environment when it is loaded, and then Swift does
            # not find the arguments; `env` has that behind it.
            command = ["env", *command]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.log.open("wb"), env=os.environ | {"ELMAN_STORE": address} | environment,
        )

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()


class Server(Program):
    """A replica, which trains nothing."""

    def __init__(
        self, program: str, place: Path, name: str, address: str, port: int = 0,
        environment: dict = {},
    ) -> None:
        models = place / "models"
        models.mkdir(exist_ok=True)
        command = [
            program, "--port", str(port), "--admin-port", "off", "--models", str(models),
            "--state", str(place / name), "--trainer", "off", "--log-format", "json",
            "--drain-delay", "0", "--queue-limit", "100000", "--queue-limit-per-token", "100000",
        ]
        super().__init__(place, name, command, address, environment)
        wait(f"{name} listens", 30, lambda: self.event("listening") is not None)
        self.port = int(self.event("listening")["port"])

    def event(self, name: str):
        for line in self.log.read_text(errors="replace").splitlines():
            if f'"event":"{name}"' in line:
                return json.loads(line)
        return None

    def send(
        self, method: str, path: str, body=None, headers: dict = {},
    ) -> tuple[int, dict]:
        """The status and the object that is answered; 0 without an answer."""
        text = None if body is None else json.dumps(body)
        fields = {"Content-Type": "application/json"} | headers
        status, content = self.exchange(method, path, text, fields)
        return status, json.loads(content) if content else {}

    def fetch(self, path: str) -> tuple[int, bytes]:
        """The status and the bytes of a file; 0 without an answer."""
        return self.exchange("GET", path, None, {})

    def exchange(self, method: str, path: str, text, headers: dict) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status == 503 and answer.getheader("Retry-After") is None:
                raise ValueError("a 503 without Retry-After")
            return answer.status, content
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def version(self) -> int:
        """The version that answers; 0 without one."""
        status, answer = self.send("POST", "/classify", {"model": "mood", "text": "a sunny day"})
        return answer["version"] if status == 200 else 0


def job(model: str, epochs: int) -> dict:
    """A training job that takes a moment."""
    texts = [("what a fine and sunny day", "glad"), ("nothing works and it rains", "grumpy")]
    rows = [{"text": f"{text} {n}", "label": label} for n in range(4) for text, label in texts]
    return {
        "model": model, "examples": rows, "promote": "always",
        "options": {"recipe": "article", "epochs": epochs},
    }
