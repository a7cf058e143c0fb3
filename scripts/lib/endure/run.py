"""What every scenario is given: servers, the sender, the bars, and the ledger of answers."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from load import Load, Sender
from report import Report
from service import Service

ANSWERS = re.compile(r'elman_http_requests_total\{route="([^"]*)",code="(\d+)"\}')


def answers_by_status(metrics: dict[str, float]) -> Counter[int]:
    """Answers of /classify and to connections without a place, by status."""
    counts: Counter[int] = Counter()
    for name, value in metrics.items():
        found = ANSWERS.fullmatch(name)
        if found and found[1] in ("/classify", "none"):
            counts[int(found[2])] += int(value)
    return counts


class Run:
    """One run of the scenarios."""

    def __init__(self, program: str, directory: Path, is_short: bool) -> None:
        self.program, self.directory, self.is_short = program, directory, is_short
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, sender_core = cores[0], cores[-1]
        self.sender = Sender(directory, sender_core)
        self.report = Report(is_short)
        self.scenario = ""
        self.soak_seconds = 0.0
        self._states = 0

    def choose(self, full: float, short: float) -> float:
        """A duration or a count of the form that runs."""
        return short if self.is_short else full

    def name(self, what: str) -> str:
        return f"{self.scenario}: {what}"

    @contextmanager
    def service(
        self, *options: str, is_pinned: bool = False, files: int | None = None,
        state: Path | None = None,
    ) -> Iterator[Service]:
        """A ready server; it must end with status 0."""
        core = self.server_core if is_pinned else None
        path = state or self.new_state()
        with Service(self.program, path, list(options), core, files) as service:
            yield service.wait_until_ready()

    def new_state(self) -> Path:
        self._states += 1
        return self.directory / f"state-{self._states}"

    @contextmanager
    def ledger(self, service: Service, loads: list[Load]) -> Iterator[None]:
        """Checks at the end that clients and /metrics have counted the same."""
        before = answers_by_status(service.metrics())
        yield
        seen: Counter[int] = Counter()
        for load in loads:
            seen.update(load.statuses)
        limit = time.monotonic() + 5
        while True:
            counted = answers_by_status(service.metrics())
            counted.subtract(before)
            differing = {
                status: counted[status] - seen[status]
                for status in counted | seen
                if counted[status] != seen[status]
            }
            if not differing or time.monotonic() > limit:
                break
            time.sleep(0.1)
        difference = sum(map(abs, differing.values()))
        self.report.equal(self.name("clients' counts less /metrics"), difference, 0)
        if differing:
            self.report.note(self.name("differences by status"), str(differing))

    def check_files(self, service: Service, before: int, seconds: float) -> None:
        """The open files come back within `seconds`."""
        after = service.settled_files(before, seconds)
        self.report.at_most(self.name("open files more or less"), abs(after - before), 2)
