"""A server that benchmarks start with a state of its own and ask over HTTP."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time


class RunningServer:
    """Runs from its making to `stop`; `trainer` must be beside the program."""

    def __init__(self, program, directory):
        ports = []
        for _ in range(2):
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                ports.append(listener.getsockname()[1])
        self.port = ports[0]
        os.mkdir(directory + "/models")
        self.process = subprocess.Popen(
            [program, "--port", str(ports[0]), "--admin-port", str(ports[1]), "--drain-delay", "0"]
            + ["--models", directory + "/models", "--state", directory + "/state"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except ConnectionError:
                if self.process.poll() is not None:
                    sys.exit(f"{program} ended with status {self.process.returncode} at its start")
                time.sleep(0.01)

    def send(self, method, path, content=None, headers=None):
        """One request on a connection of its own, and how long it took in seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        body = None if content is None else json.dumps(content).encode()
        began = time.perf_counter()
        fields = {"Content-Type": "application/json"} | (headers or {})
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        seconds = time.perf_counter() - began
        connection.close()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {content}")
        return content, seconds

    def stop(self):
        self.process.terminate()
        self.process.wait()
