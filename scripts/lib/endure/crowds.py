"""Many connections: more than there are places, more than there are files, and for a moment."""

import threading
import time

from exchange import connections, dial, exchange_all, reset
from load import TEXTS, Load, classification, with_answers
from run import Run
from service import Service, ServiceError


class Probe:
    """Asks again and again on new connections, in a thread of its own; keeps the longest time."""

    def __init__(self, port: int, sent: bytes, pause: float = 0.1) -> None:
        self.port, self.sent, self.pause = port, sent, pause
        self.longest, self.count, self.failed = 0.0, 0, 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._ends.wait(self.pause):
            [answer] = exchange_all(self.port, [self.sent], 30)
            self.count += 1
            self.failed += answer.status != 200
            self.longest = max(self.longest, answer.seconds or 30)

    def __enter__(self) -> "Probe":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()


def crowd(run: Run) -> None:
    """5,000 silent connections against 512 places: probes answer, and new requests are served."""
    count = int(run.choose(5000, 1500))
    with run.service("--connections", "512") as service:
        files = service.resting_files()
        with connections(service.port, count):
            time.sleep(1)
            probes = [
                service.send("GET", "/livez", port=service.admin_port) for _ in range(100)
            ]
            run.report.equal(run.name("probes answered"), sum(p.status == 200 for p in probes), 100)
            run.report.seconds(run.name("slowest probe"), max(p.seconds for p in probes), 0.1)
        began = time.monotonic()
        answers = exchange_all(service.port, [classification(TEXTS[0])] * 500, 30)
        run.report.equal(run.name("served after"), sum(a.status == 200 for a in answers), 500)
        run.report.seconds(run.name("all served within"), time.monotonic() - began, 1)
        run.check_files(service, files, 20)


def descriptors(run: Run) -> None:
    """Few open files: too few are refused at the start, others lower the limit of connections."""
    try:
        with Service(run.program, run.new_state(), [], files=64):
            said = "it started"
    except ServiceError as error:
        said = "refused with a message" if "ulimit" in str(error) else str(error)[:200]
    run.report.holds(
        run.name("64 open files"), said, "refused with a message", said.startswith("refused")
    )
    with run.service(files=256) as service:
        with connections(service.port, 200):
            time.sleep(1)
            busy, began = service.processor_seconds, time.monotonic()
            time.sleep(3)
            share = (service.processor_seconds - busy) / (time.monotonic() - began)
            run.report.at_most(run.name("processor while full"), round(100 * share, 1), 5, " %")
        [answer] = exchange_all(service.port, [classification(TEXTS[0])], 30)
        run.report.equal(run.name("status afterwards"), answer.status, 200)
        run.report.seconds(run.name("answered within"), answer.seconds or 30, 2)


def cycles(run: Run) -> None:
    """100,000 connections that are closed at once, and as many that are reset."""
    count = int(run.choose(100_000, 10_000))
    with run.service() as service:
        for _ in range(1000):
            dial(service.port).close()
        files, memory = service.resting_files(), service.memory()
        for what, end in (("closed", lambda opened: opened.close()), ("reset", reset)):
            for number in range(count):
                end(dial(service.port, number))
                if number % 100 == 99:  # The server accepts them all, so none may wait too long.
                    service.send("GET", "/livez")
            run.check_files(service, files, 20)
            growth = round(service.memory() - memory, 1)
            run.report.at_most(run.name(f"{count} {what}, memory more"), growth, 5, " MiB")


def kept(run: Run) -> None:
    """3,000 connections that stay, each with a request a second."""
    loads: list[Load] = []
    with run.service() as service:
        texts = with_answers(service)
        with run.ledger(service, loads):
            load = run.sender.send(service, texts, 3000, 3000, run.choose(30, 6), is_pinned=False)
            loads.append(load)
        run.report.equal(run.name("refusals"), load.refusals.count, 0)
        run.report.equal(run.name("wrong answers"), load.unexpected, 0)
        run.report.equal(run.name("lost requests"), load.lost, 0)
        run.report.seconds(run.name("p99 since due"), load.since_due.p99, 0.1)


def herd(run: Run) -> None:
    """500 clients in the same moment, right after a restart."""
    state = run.new_state()
    with run.service(state=state):
        pass
    with Service(run.program, state, []) as service:
        answers = exchange_all(service.port, [classification(TEXTS[0])] * 500, 60)
        others = [a.status for a in answers if a.status not in (200, 503)]
        run.report.equal(run.name("neither 200 nor 503"), len(others), 0)
        run.report.seconds(run.name("slowest"), max(a.seconds or 60 for a in answers), 2)
        served = sum(a.status == 200 for a in answers)
        run.report.note(run.name("served"), f"{served} of 500")
