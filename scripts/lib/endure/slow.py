"""Clients that send or read slowly, stop half-way, or vanish."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator

from crowds import Probe
from exchange import connections, dial, request, reset
from load import TEXTS, classification
from run import Run

HEAD_SECONDS, BODY_SECONDS = 10, 30  # The server's deadlines.
CHECKPOINT = "/models/retail-banking/versions/1/checkpoint"


def silent(run: Run) -> None:
    """512 connections that send a byte a second: a new client is answered all the same."""
    head = request("POST", "/classify", b"{}" * 50)
    with run.service() as service, connections(service.port, 512) as opened:
        with Probe(service.port, classification(TEXTS[0])) as probe:
            for second in range(int(run.choose(25, 6))):
                for each in opened:
                    try:
                        each.send(head[second : second + 1])
                    except OSError:
                        pass  # Its deadline has passed.
                time.sleep(1)
        run.report.equal(run.name("new clients failed"), probe.failed, 0)
        run.report.seconds(run.name(f"slowest of {probe.count} new clients"), probe.longest, 0.5)


def readers(run: Run) -> None:
    """200 clients read a checkpoint slowly: that costs little memory and nobody's time."""
    with run.service() as service:
        service.send("GET", CHECKPOINT)
        time.sleep(1)
        service.forget_peak()
        memory = service.memory()
        with connections(service.port, 200, receives=4096) as opened:
            with Probe(service.port, classification(TEXTS[0]), 0.02) as probe:
                time.sleep(0.2)
                for each in opened:
                    each.send(request("GET", CHECKPOINT))
                for _ in range(int(run.choose(20, 6))):
                    for each in opened:
                        _read_a_little(each)
                    time.sleep(1)
            growth = round(service.memory("VmHWM") - memory, 1)
        run.report.at_most(run.name("memory more"), growth, 30, " MiB")
        run.report.equal(run.name("others failed"), probe.failed, 0)
        run.report.seconds(run.name(f"slowest of {probe.count} others"), probe.longest, 0.05)


def _read_a_little(opened: socket.socket) -> None:
    try:
        opened.recv(1024)
    except OSError:
        pass


def drip(run: Run) -> None:
    """A byte a second in the request line, a field and the body: each is cut off in time."""
    whole = request("POST", "/classify", b'{"model":"mood","text":"' + b"x" * 1000 + b'"}')
    phases = {"request line": whole[:6], "field": whole[: whole.index(b"localhost")]}
    if not run.is_short:
        phases["body"] = whole[:-1000]
    with run.service() as service:
        opened: dict[socket.socket, str] = {}
        for phase, sent in phases.items():
            for number in range(3):
                each = dial(service.port, number)
                time.sleep(0.01)
                each.send(sent)
                opened[each] = phase
        began, ticks = time.monotonic(), 0
        lasted: dict[str, list[float]] = {phase: [] for phase in phases}
        while opened and time.monotonic() < began + BODY_SECONDS + 10:
            for each, phase in list(opened.items()):
                if _is_cut(each, b"x" if ticks % 10 == 0 else b""):
                    lasted[phase].append(time.monotonic() - began)
                    del opened[each]
                    each.close()
            ticks += 1
            time.sleep(0.1)
        for phase, seconds in lasted.items():
            bar = BODY_SECONDS if phase == "body" else HEAD_SECONDS
            run.report.equal(run.name(f"{phase}, cut off"), len(seconds), 3)
            last = round(max(seconds, default=99), 1)
            run.report.at_most(run.name(f"{phase}, after"), last, bar + 1, " s")


def _is_cut(opened: socket.socket, byte: bytes) -> bool:
    """Sends the byte, if any. True once the server has closed, with an answer or without."""
    try:
        if byte:
            opened.send(byte)
        return opened.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _phases() -> Iterator[tuple[str, bytes]]:
    whole = classification(TEXTS[0])
    head = whole.index(b"\r\n\r\n") + 4
    yield "no byte", b""
    yield "request line", whole[:6]
    yield "field", whole[: head - 6]
    yield "head", whole[:head]
    yield "body", whole[: head + 9]
    yield "request", whole


def halves(run: Run) -> None:
    """Clients that close one half, or reset, in each phase of a request."""
    with run.service() as service:
        files = service.resting_files()
        opened = []
        for _, sent in _phases():
            for number in range(20):
                for is_reset in (False, True):
                    each = dial(service.port, number)
                    each.setblocking(True)
                    each.sendall(sent)
                    if is_reset:
                        reset(each)
                    else:
                        each.shutdown(socket.SHUT_WR)
                        opened.append(each)
        run.check_files(service, files, BODY_SECONDS + 1)
        for each in opened:
            each.close()
        answer = service.send("POST", "/classify", {"model": "mood", "text": "good"})
        run.report.equal(run.name("status afterwards"), answer.status, 200)


def attacks(run: Run) -> None:
    """slowhttptest: slow heads, slow bodies, slow reads of a large answer."""
    with run.service() as service:
        url = f"http://127.0.0.1:{service.port}"
        common = ["slowhttptest", "-c", "500", "-r", "100", "-l", "60", "-p", "2"]
        kinds = {
            "heads": ["-H", "-i", "5", "-u", url + "/classify"],
            "bodies": ["-B", "-i", "5", "-s", "8192", "-t", "POST", "-u", url + "/classify"],
            "reads": ["-X", "-n", "1", "-w", "1", "-y", "2", "-z", "1", "-u", url + CHECKPOINT],
        }
        for kind, options in kinds.items():
            service.forget_peak()
            memory = service.memory()
            done = subprocess.run([*common, *options], capture_output=True, text=True, check=False)
            said = re.findall(r"service available:\S*\s+(?:\x1b\[\S*m)?(YES|NO)", done.stdout)
            unavailable = sum(each == "NO" for each in said)
            run.report.at_least(run.name(f"{kind}, samples"), len(said), 2)
            run.report.equal(run.name(f"{kind}, service unavailable"), unavailable, 0)
            growth = round(service.memory("VmHWM") - memory, 1)
            run.report.at_most(run.name(f"{kind}, memory more"), growth, 128, " MiB")
