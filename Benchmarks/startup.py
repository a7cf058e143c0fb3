"""Measures `server` from its start to the first correct answers, and its memory when idle.

usage: startup.py SERVER MODELS    (scripts/bench calls it; Benchmarks/README.md has the figures)
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 11
DEFAULT = (b'{"text":"I still have not received my new card","top_k":1}', "card_arrival")
MOOD = (b'{"model":"mood","text":"i am not happy right now"}', "sad")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(port, body):
    """One attempt to classify; None while nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(
                b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
    except ConnectionError:
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    return json.loads(body).get("label") if b" 200 " in head.split(b"\r\n")[0] else None


def start(server, models, state):
    """Milliseconds until the first correct answer of either model; resident MB a second later."""
    port = free_port()
    arguments = [server, "--port", str(port), "--admin-port", str(free_port())]
    arguments += ["--models", models, "--state", state]
    began = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    milliseconds = []
    for body, label in (DEFAULT, MOOD):
        while ask(port, body) != label:
            if process.poll() is not None or time.perf_counter() - began > 10:
                sys.exit("startup.py: the server did not answer correctly")
            time.sleep(0.0002)
        milliseconds.append((time.perf_counter() - began) * 1e3)
    time.sleep(1)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    return milliseconds, kilobytes / 1024


def main():
    server, models = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    first, again, resident = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as state:
            first.append(start(server, models, state)[0])
            milliseconds, megabytes = start(server, models, state)
            again.append(milliseconds)
            resident.append(megabytes)
    for what, rounds in (("first start (imports the models)", first), ("later start", again)):
        default, both = (statistics.median(column) for column in zip(*rounds))
        print(f"| {what} to a correct answer, median of {ROUNDS} | {default:.1f} ms "
              "| at most 50 ms |")
        print(f"| {what} to correct answers of both models | {both:.1f} ms | |")
    print(f"| resident memory when idle, largest of {ROUNDS} | {max(resident):.1f} MB "
          "| at most 24 MB |")


main()
