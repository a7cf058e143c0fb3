"""Measures what training costs a service.

How fast rows are taken, how soon a version serves, and how long others wait meanwhile.

usage: training_service.py SERVER    (scripts/bench calls it; `trainer` must be beside it)
"""

import os
import random
import socket
import statistics
import sys
import tempfile
import time
from datetime import datetime, timezone

from running_server import RunningServer

VERSIONS = 20
SECONDS = 10
PAUSE = 0.002  # 500 requests a second
TEXT = b'{"model":"quick","text":"I am not very happy right now and this is not good"}'


def rows(count, words, seed):
    """Rows of words with a Zipf-like distribution; a tenth of the words depend on the label."""
    draw = random.Random(seed)
    examples = []
    for _ in range(count):
        label = draw.choice("abcd")
        text = " ".join(
            f"{label if draw.random() < 0.1 else 'w'}{int(draw.paretovariate(0.7)) % 20000}"
            for _ in range(words)
        )
        examples.append({"text": text, "label": label})
    return examples


class Server(RunningServer):
    """The server, as this benchmark asks it."""

    def state(self, job):
        return self.send("GET", "/train/" + job)[0]["state"]

    def classify(self, connection):
        connection.sendall(
            b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(TEXT), TEXT)
        )
        answer = connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200"):
            sys.exit(f"training_service.py: {answer}")
        return answer


def accepted(server):
    """Seconds from the first byte of 20,000 rows of 20 words to the answer, five times.

    Each job is then cancelled.
    """
    times = []
    for seed in range(5):
        content = {"model": "large", "examples": rows(20000, 20, seed)}
        job, seconds = server.send("POST", "/train", content)
        times.append(seconds)
        server.send("DELETE", "/train/" + job["id"])
    return times


def swaps(server):
    """Seconds from the end of a job, as the store has it, to the first answer of its version."""
    times = []
    connection = socket.create_connection(("127.0.0.1", server.port))
    for version in range(2, VERSIONS + 2):
        content = {"model": "quick", "examples": rows(100, 8, version), "promote": "always"}
        options = {"recipe": "article", "epochs": 20}
        job, _ = server.send("POST", "/train", content | {"options": options})
        while b'"version":%d,' % version not in server.classify(connection):
            time.sleep(0.0005)
        now = datetime.now(timezone.utc)
        job, _ = server.send("GET", "/train/" + job["id"])
        times.append((now - datetime.fromisoformat(job["finished_at"])).total_seconds())
    return times


def latencies(server):
    """Seconds that each request took, counted from the moment when it should have left."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times = []
    due = time.perf_counter() + PAUSE
    for _ in range(int(SECONDS / PAUSE)):
        time.sleep(max(0, due - time.perf_counter()))
        server.classify(connection)
        times.append(time.perf_counter() - due)
        due += PAUSE
    return times


def percentile(times, share):
    return sorted(times)[int(len(times) * share)]


def main(program):
    if len(os.sched_getaffinity(0)) <= os.getloadavg()[0]:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}), so trust the ratio more "
              "than the rest.\n")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(program, directory)
        try:
            content = {"model": "quick", "examples": rows(100, 8, 1), "promote": "always"}
            content["options"] = {"recipe": "article", "epochs": 20}
            server.send("POST", "/train", content, {"Prefer": "wait=60"})
            taken, live = accepted(server), swaps(server)
            idle, training = [], []
            for _ in range(2):
                idle += latencies(server)
                content = {"model": "large", "examples": rows(20000, 20, 9)}
                jobs = [server.send("POST", "/train", content)[0]["id"] for _ in range(4)]
                while server.state(jobs[0]) != "running":
                    time.sleep(0.01)
                time.sleep(1)
                training += latencies(server)
                if server.state(jobs[-1]) == "succeeded":
                    sys.exit("training_service.py: all jobs ended before the measurement")
                for job in reversed(jobs):
                    server.send("DELETE", "/train/" + job)
                while any(server.state(job) == "running" for job in jobs):
                    time.sleep(0.01)
        finally:
            server.stop()
    print("| training as a service | median | worst | bar |")
    print("|---|---|---|---|")
    median = statistics.median
    print(f"| 20,000 rows of 20 words taken (s) | {median(taken):.2f} | {max(taken):.2f} | 1 |")
    print(f"| published to serving (ms) | {median(live) * 1e3:.0f} | {max(live) * 1e3:.0f} | 300 |")
    print()
    print("| `POST /classify`, 500 a second (µs) | idle | while a job trains | ratio | bar |")
    print("|---|---|---|---|---|")
    for name, share, bar in (("p50", 0.5, ""), ("p99", 0.99, 2)):
        before, after = percentile(idle, share), percentile(training, share)
        print(f"| {name} | {before * 1e6:.0f} | {after * 1e6:.0f} | {after / before:.2f} | {bar} |")


if __name__ == "__main__":
    main(sys.argv[1])
