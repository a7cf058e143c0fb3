"""Hours of ordinary work: does anything grow, slow down, or fail?"""

import statistics
import time
from dataclasses import dataclass, field

from exchange import request
from load import Expected, Load, with_answers
from mixed import training
from run import Run
from service import Service

RATE = 500  # Requests a second, of 32 clients.
CLIENTS = 32
SWAP_SECONDS, TRAIN_SECONDS = 30, 60
WARM_UP_SECONDS = 600  # Versions, jobs and caches reach their limits in this time.


@dataclass
class Sample:
    """The process at one moment, in seconds since the start of the soak."""

    at: float
    memory: float  # MiB that are no file's.
    files: int
    threads: int


@dataclass
class Diary:
    """What the soak's own requests have done."""

    samples: list[Sample] = field(default_factory=list)
    swaps: int = 0
    jobs: int = 0
    failed: list[str] = field(default_factory=list)


def slope(samples: list[Sample]) -> float:
    """MiB an hour: the median slope through the least memory of each minute (Theil and Sen).

    A training or a new version takes memory for a moment, so single samples say little.
    """
    minutes: dict[int, Sample] = {}
    for each in samples:
        minute = int(each.at // 60)
        if minute not in minutes or each.memory < minutes[minute].memory:
            minutes[minute] = each
    lows = list(minutes.values())
    slopes = [
        (later.memory - sooner.memory) / (later.at - sooner.at) * 3600
        for index, sooner in enumerate(lows)
        for later in lows[index + 1 :]
        if later.at > sooner.at
    ]
    return statistics.median(slopes) if slopes else 0.0


def ordinary_and_bad(service: Service) -> list[Expected]:
    """20 requests, one of which is bad; the model that is swapped is among them."""
    swapped = b'{"model":"swapped","text":"good1 bad2 word3"}'
    bad = [
        Expected(request("POST", "/classify", b'{"text":'), 400, "invalid_json"),
        Expected(request("POST", "/classify", b'{"text":"a","model":"no"}'), 404, "not_found"),
        Expected(request("POST", "/classify", b'{"texts":[]}'), 422, "invalid_request"),
        Expected(request("POST", "/classify", b"[1,2"), 400, "invalid_json"),
    ]
    good = with_answers(service)
    good.append(Expected(request("POST", "/classify", swapped), 200, '"model":"swapped"'))
    cycle = []
    for each in bad:
        cycle += [good[number % len(good)] for number in range(19)] + [each]
    return cycle


def train(run: Run, service: Service, seed: int, promote: str, wait: int = 0) -> str:
    """Posts a job; empty, or what went wrong."""
    content = training(run, "swapped", seed) | {"promote": promote}
    answer = service.send("POST", "/train", content, {"Prefer": f"wait={wait}"} if wait else None)
    return "" if answer.status in (200, 202) else f"train {answer.status}"


def swap(service: Service, number: int) -> str:
    """Puts the newest version or the one before it live."""
    history = service.send("GET", "/models/swapped").content["history"]
    numbers = sorted(each["version"] for each in history)
    content = {"version": numbers[-1 - number % min(2, len(numbers))], "force": True}
    answer = service.send("PUT", "/models/swapped/live", content)
    return "" if answer.status == 200 else f"swap {answer.status}"


def soak(run: Run) -> None:
    """500 requests a second, swaps, trainings and bad requests: no error, nothing grows."""
    seconds = run.soak_seconds
    swap_seconds, train_seconds = run.choose(SWAP_SECONDS, 3), run.choose(TRAIN_SECONDS, 8)
    loads: list[Load] = []
    diary = Diary()
    with run.service() as service:
        for seed in (1, 2):
            train(run, service, seed, "always", wait=60)
        requests = ordinary_and_bad(service)
        sender = run.sender.running(service, requests, CLIENTS, RATE, seconds, is_pinned=False)
        with run.ledger(service, loads), sender as running:
            began = time.monotonic()
            while (at := time.monotonic() - began) < seconds:
                memory = service.memory("RssAnon")
                diary.samples.append(Sample(at, memory, service.open_files, service.threads))
                if at > (diary.swaps + 1) * swap_seconds:
                    diary.failed.append(swap(service, diary.swaps))
                    diary.swaps += 1
                if at > (diary.jobs + 1) * train_seconds:
                    diary.failed.append(train(run, service, diary.jobs + 3, "never"))
                    diary.jobs += 1
                time.sleep(1)
            load = run.sender.finish(running)
            loads.append(load)
        _check(run, service, load, diary)


def _check(run: Run, service: Service, load: Load, diary: Diary) -> None:
    report, failed = run.report, [each for each in diary.failed if each]
    ended = service.metrics()
    failed_jobs = ended['elman_train_jobs_total{state="failed"}']
    report.equal(run.name("wrong answers"), load.unexpected, 0)
    report.equal(run.name("lost requests"), load.lost, 0)
    report.equal(run.name("refusals"), load.refusals.count, 0)
    report.equal(run.name(f"{diary.swaps} swaps and {diary.jobs} posts, failed"), len(failed), 0)
    report.equal(run.name("jobs failed"), failed_jobs, 0)
    if failed:
        report.note(run.name("what failed"), ", ".join(sorted(set(failed))))
    growth = _growth(diary, "files")
    report.at_most(run.name("open files, second half less first"), growth, run.choose(2, 8))
    files = [each.files for each in diary.samples]
    report.note(run.name("open files"), f"{min(files)} to {max(files)}")
    first, last = diary.samples[0], diary.samples[-1]
    report.note(
        run.name("memory at first and at last"), f"{first.memory:.1f} MiB, {last.memory:.1f} MiB"
    )
    diary.samples = [each for each in diary.samples if each.at >= WARM_UP_SECONDS]
    if len(diary.samples) >= 300:
        report.at_most(run.name("threads, second half less first"), _growth(diary, "threads"), 0)
        report.at_most(run.name("memory slope"), round(slope(diary.samples), 2), 1, " MiB/h")
        _check_speed(run, load)


def _growth(diary: Diary, what: str) -> float:
    """How much the median of the samples' second half is above that of the first."""
    figures = [getattr(each, what) for each in diary.samples]
    middle = len(figures) // 2
    return statistics.median(figures[middle:]) - statistics.median(figures[:middle])


def _check_speed(run: Run, load: Load) -> None:
    """The seconds' median p99 of the last ten minutes is not above that of the first."""
    first, last = (
        statistics.median(each["p99_us"] for each in seconds)
        for seconds in (load.each_second[:600], load.each_second[-600:])
    )
    run.report.at_most(run.name("p99 at last / at first"), round(last / max(first, 1), 2), 1.1)
