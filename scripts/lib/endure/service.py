"""A server of its own for one scenario: its start, its stop, and what it costs."""

import ctypes
import http.client
import json
import os
import re
import resource
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType


PRCTL, PR_SET_PDEATHSIG = ctypes.CDLL(None).prctl, 1


@dataclass
class Answer:
    """One answer of the service."""

    status: int
    fields: dict[str, str]
    body: bytes
    seconds: float

    @property
    def content(self) -> dict:
        return json.loads(self.body)


class ServiceError(Exception):
    """The server did not start or did not stop."""


class Service:
    """A running server on free ports, with a state directory that the caller owns."""

    def __init__(
        self, program: str, state: Path, options: list[str], core: int | None = None,
        files: int | None = None,
    ) -> None:
        self.log = state.with_suffix(".log")
        command = [program, "--port", "0", "--admin-port", "0", "--models", "models"]
        command += ["--state", str(state), "--drain-delay", "0", "--log-format", "json", *options]

        def prepare() -> None:
            PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)  # It must not outlive this program.
            if core is not None:
                os.sched_setaffinity(0, {core})
            if files is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        # A group of its own, so that an interrupt reaches this program first.
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, preexec_fn=prepare, start_new_session=True
            )
        try:
            self.port, self.admin_port = self._ports()
        except BaseException:
            self.kill()
            raise

    def _ports(self) -> tuple[int, int]:
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            for line in self.log.read_text().splitlines():
                if '"listening"' in line:
                    event = json.loads(line)
                    return int(event["port"]), int(event["admin_port"])
            if self.process.poll() is not None:
                break
            time.sleep(0.005)
        raise ServiceError(f"The server did not start: {self.log.read_text()[-2000:]}")

    def wait_until_ready(self) -> "Service":
        limit = time.monotonic() + 60
        while self.send("GET", "/readyz", port=self.admin_port).status != 200:
            if time.monotonic() > limit:
                raise ServiceError("The server was not ready within a minute.")
            time.sleep(0.02)
        return self

    # Its end.

    def stop(self) -> int:
        """Ends the server by SIGTERM. Returns its status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except BaseException as error:
            self.kill()
            raise ServiceError("The server did not stop within a minute.") from error

    def kill(self) -> None:
        """Ends the server and its trainer by SIGKILL."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def __enter__(self) -> "Service":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Also when interrupted: the server takes its trainer along.
        status = self.process.returncode if self.process.poll() is not None else self.stop()
        if status != 0 and kind is None:
            raise ServiceError(f"The server ended with {status}: {self.log.read_text()[-2000:]}")

    # Requests.

    def send(
        self, method: str, path: str, content: object = None, fields: dict[str, str] | None = None,
        port: int | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("localhost", port or self.port, timeout=120)
        body = None if content is None else json.dumps(content).encode()
        try:
            all_fields = {"Content-Type": "application/json"} | (fields or {})
            connection.request(method, path, body, all_fields)
            answer = connection.getresponse()
            taken = answer.read()
            lowered = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, lowered, taken, time.monotonic() - began)
        finally:
            connection.close()

    def metrics(self) -> dict[str, float]:
        """All samples of /metrics, by name and labels as they stand there."""
        text = self.send("GET", "/metrics", port=self.admin_port).body.decode()
        samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    # What it costs.

    @property
    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resting_files(self) -> int:
        """The number of open files that stays for a second: the start opens some for a while."""
        number, since = self.open_files, time.monotonic()
        while time.monotonic() - since < 1:
            time.sleep(0.05)
            if self.open_files != number:
                number, since = self.open_files, time.monotonic()
        return number

    @property
    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def memory(self, kind: str = "VmRSS") -> float:
        """Resident memory in MiB: `VmRSS`, `RssAnon`, or `VmHWM` for the peak."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{kind}:\s+(\d+) kB", status, re.M)
        return int(found[1]) / 1024 if found else 0.0

    def forget_peak(self) -> None:
        """Lets the peak of resident memory begin anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @property
    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settled_files(self, wanted: int, seconds: float) -> int:
        """The number of open files, as soon as it is within 2 of `wanted`, or after `seconds`."""
        limit = time.monotonic() + seconds
        while abs(self.open_files - wanted) > 2 and time.monotonic() < limit:
            time.sleep(0.02)
        return self.open_files
