"""Load by the clock: the sender in C, its requests, and what it saw."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exchange import request
from service import Service

TEXTS = [
    "I am not very happy right now and this is not good",
    "I am very happy today",
    "this is good",
    "I am sad right now",
    "this is not bad at all",
    "I was not happy earlier and I am bad right now",
]


@dataclass
class Expected:
    """A request and what its answer must be."""

    sent: bytes
    status: int = 200
    part: str = '"label":'  # Without blanks, 63 bytes at most.


@dataclass
class Latency:
    """Seconds; what half and 99 of 100 took at most, and the longest."""

    count: int
    p50: float
    p99: float
    most: float

    @staticmethod
    def of(counts: dict[str, int]) -> "Latency":
        micros = (counts[name] / 1e6 for name in ("p50_us", "p99_us", "most_us"))
        return Latency(counts["count"], *micros)


@dataclass
class Load:
    """What the clients of one run saw. `since_due` counts from when a request should have left."""

    statuses: dict[int, int]
    seconds: float
    sent: int
    unexpected: int
    resets: int
    connect_failures: int
    unanswered: int
    held: int
    since_due: Latency
    since_begin: Latency
    refusals: Latency
    each_second: list[dict[str, int]]
    sender_share: float

    @property
    def answered(self) -> int:
        """Answers that are no refusal."""
        return sum(count for status, count in self.statuses.items() if status != 503)

    @property
    def goodput(self) -> float:
        """Answers a second that are no refusal."""
        return sum(each["good"] for each in self.each_second) / max(1, len(self.each_second))

    @property
    def lost(self) -> int:
        """Requests without an answer."""
        return self.resets + self.connect_failures + self.unanswered


def classification(text: str, model: str = "mood") -> bytes:
    """The bytes of a request to classify one text."""
    return request("POST", "/classify", json.dumps({"model": model, "text": text}).encode())


def with_answers(service: Service) -> list[Expected]:
    """The texts, each with the label and score that the idle service gives it."""
    expected = []
    for text in TEXTS:
        answer = service.send("POST", "/classify", {"model": "mood", "text": text}).content
        part = f'"label":"{answer["label"]}","score":{answer["score"]}'
        expected.append(Expected(classification(text), part=part))
    return expected


class Sender:
    """The compiled sender. `core` is where it runs."""

    def __init__(self, directory: Path, core: int) -> None:
        self.directory, self.core = directory, core
        self.program = directory / "sender"
        source = Path(__file__).with_name("sender.c")
        command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", str(source)]
        subprocess.run([*command, "-o", str(self.program)], check=True)

    @contextmanager
    def running(
        self, service: Service, requests: list[Expected], clients: int, rate: float,
        seconds: float, retries: int = 0, is_pinned: bool = True,
    ) -> "Iterator[subprocess.Popen[str]]":
        """Sends beside the caller, who calls `finish`. `rate` 0 sends as soon as answers come."""
        path = self.directory / "requests"
        path.write_bytes(
            b"".join(
                f"{len(each.sent)} {each.status} {each.part}\n".encode() + each.sent
                for each in requests
            )
        )
        pinned = ["taskset", "--cpu-list", str(self.core)] if is_pinned else []
        arguments = [service.port, path, clients, rate, seconds, retries]
        command = [*pinned, str(self.program), *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            try:
                yield running
            finally:
                running.kill()

    def finish(self, running: "subprocess.Popen[str]") -> Load:
        text, _ = running.communicate()
        if running.returncode != 0:
            raise subprocess.CalledProcessError(running.returncode, str(self.program))
        seen = json.loads(text)
        names = ("sent", "unexpected", "resets", "connect_failures", "unanswered", "held")
        return Load(
            statuses={int(status): count for status, count in seen["statuses"].items()},
            seconds=seen["seconds"],
            **{name: seen[name] for name in names},
            since_due=Latency.of(seen["due"]),
            since_begin=Latency.of(seen["began"]),
            refusals=Latency.of(seen["refusals"]),
            each_second=seen["each_second"],
            sender_share=seen["cpu_seconds"] / seen["seconds"],
        )

    def send(
        self, service: Service, requests: list[Expected], clients: int, rate: float,
        seconds: float, retries: int = 0, is_pinned: bool = True,
    ) -> Load:
        """A whole run."""
        with self.running(
            service, requests, clients, rate, seconds, retries, is_pinned
        ) as running:
            return self.finish(running)
