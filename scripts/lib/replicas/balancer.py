"""nginx before servers, as deploy/nginx.conf sets it up, and clients that count what fails."""

import http.client
import json
import re
import subprocess
import threading
from pathlib import Path

from parts import free_port, wait

SETTINGS = Path(__file__).parents[3] / "deploy" / "nginx.conf"
HEADERS = {"Content-Type": "application/json"}


class Balancer:
    """A running nginx."""

    def __init__(self, place: Path, ports: list[int]) -> None:
        self.port = free_port()
        text = SETTINGS.read_text()
        one = re.search(r"^( *)server server-1:\d+(.*)\n(?: *server server-\d+:.*\n)+", text, re.M)
        servers = "".join(f"{one[1]}server 127.0.0.1:{port}{one[2]}\n" for port in ports)
        text = text.replace(one[0], servers).replace("listen 8080", f"listen 127.0.0.1:{self.port}")
        text = re.sub(r"_temp_path /tmp/", f"_temp_path {place}/", text)
        file = place / f"nginx-{self.port}.conf"
        file.write_text(f"daemon off;\npid {place}/nginx-{self.port}.pid;\n{text}")
        self.process = subprocess.Popen(
            ["nginx", "-c", str(file)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=(place / "nginx.log").open("ab"),
        )
        wait("nginx answers", 10, lambda: ask(self.port, "what a fine day") == 200)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


def ask(port: int, text: str) -> int:
    """The status of one classification; 0 without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/classify", json.dumps({"text": text}), HEADERS)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Clients:
    """Threads that classify without a pause, each over connections of its own."""

    def __init__(self, port: int, count: int = 4) -> None:
        self.answers, self.failures = 0, []
        self._is_over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(port,)) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self, port: int) -> None:
        while not self._is_over.is_set():
            status = ask(port, "what a fine day")
            with self._lock:
                self.answers += 1
                if status != 200:
                    self.failures.append(status)

    def end(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
