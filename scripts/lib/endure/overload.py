"""Load by the clock below the peak, and at several times the peak."""

from pathlib import Path

from load import Expected, Load, with_answers
from run import Run
from service import Service

PLACES = 512  # Connections of the overloaded server.


class Steady:
    """The peak with as many clients as there are places, and 0.7 of it by the clock."""

    def __init__(self, run: Run, service: Service, clients: int, loads: list[Load]) -> None:
        self.run, self.service, self.clients, self.loads = run, service, clients, loads
        self.texts: list[Expected] = with_answers(service)

    def send(self, clients: int, rate: float, seconds: float, retries: int = 0) -> Load:
        load = self.run.sender.send(self.service, self.texts, clients, rate, seconds, retries)
        self.loads.append(load)
        return load

    def peak(self, seconds: float) -> tuple[float, float]:
        """The most answers a second, and the answers a second of the server's processor time."""
        self.send(self.clients, 0, 1)
        before = self.service.processor_seconds
        load = self.send(self.clients, 0, seconds)
        busy = self.service.processor_seconds - before
        self.run.report.note(
            self.run.name(f"peak of {self.clients} clients"),
            f"{load.goodput:,.0f} a second, sender busy {load.sender_share:.2f}",
        )
        return load.goodput, load.answered / max(busy, 0.01)


def check_answers(run: Run, load: Load, what: str) -> None:
    """Every answer was right and none was lost."""
    run.report.equal(run.name(f"{what}wrong answers"), load.unexpected, 0)
    run.report.equal(run.name(f"{what}lost requests"), load.lost, 0)


def steady(run: Run) -> None:
    """0.7 of the peak: no failure, no wrong label, p99 within 20 ms."""
    loads: list[Load] = []
    with run.service(is_pinned=True) as service:
        peak = Steady(run, service, 64, loads)
        with run.ledger(service, loads):
            rate, _ = peak.peak(run.choose(10, 2))
            load = peak.send(64, run.choose(0.7, 0.2) * rate, run.choose(600, 6))
        check_answers(run, load, "")
        run.report.equal(run.name("refusals"), load.refusals.count, 0)
        run.report.seconds(run.name("p99 since due"), load.since_due.p99, 0.020)


def overload(run: Run) -> None:
    """2, 5 and 10 times the clients and the rate of the peak, then 0.7 of it again."""
    loads: list[Load] = []
    with run.service("--connections", str(PLACES), is_pinned=True) as service:
        files = service.resting_files()
        load = Steady(run, service, PLACES, loads)
        with run.ledger(service, loads):
            rate, efficiency = load.peak(run.choose(20, 3))
            service.settled_files(files, 5)
            calm = run.choose(0.7, 0.2) * rate
            before = load.send(64, calm, run.choose(20, 3))
            run.report.note(run.name("p99 before"), f"{before.since_due.p99 * 1e3:.1f} ms")
            times = [10] if run.is_short else [2, 5, 10]
            for each in times:
                _overloaded(run, load, each, 0, rate, efficiency)
            _recovered(run, load, calm, before)
            _overloaded(run, load, 10, 3, rate, efficiency)
        run.check_files(service, files, 5)


def _overloaded(
    run: Run, load: Steady, times: int, retries: int, rate: float, efficiency: float
) -> None:
    """One run with so many times the clients, each at the rate that it has at the peak."""
    what = f"{times} x, " + ("3 retries at once, " if retries else "")
    service = load.service
    service.forget_peak()
    memory, busy = service.memory(), service.processor_seconds
    seconds = run.choose(60, 6)
    overflows, silent = accept_overflows(), ended(service)
    seen = load.send(PLACES * times, rate * times, seconds, retries)
    busy = service.processor_seconds - busy
    # Beside other work the share of the wall clock is luck, that of the processor's time is not.
    share = seen.goodput / rate
    if run.is_short:
        share = seen.answered / max(busy, 0.01) / efficiency
    run.report.share(run.name(f"{what}goodput / peak"), share, 0.6 if retries else 0.8)
    run.report.equal(run.name(f"{what}wrong answers"), seen.unexpected, 0)
    # A sender that stands still sends no head in time, and its connections make room.
    silent = ended(service) - silent
    run.report.at_most(run.name(f"{what}lost requests"), seen.lost, silent if run.is_short else 0)
    run.report.note(
        run.name(f"{what}refusals"),
        f"{seen.refusals.count / seconds:,.0f} a second, {seen.held} requests held back, "
        f"accept queue full {accept_overflows() - overflows} times",
    )
    if run.is_short:  # The accept queue overflows while the server stands still.
        run.report.note(run.name(f"{what}p99 of refusals"), f"{seen.refusals.p99:.2f} s")
    else:
        run.report.seconds(run.name(f"{what}p99 of refusals"), seen.refusals.p99, 0.050)
    run.report.seconds(run.name(f"{what}p99 of answers"), seen.since_begin.p99, 1.0)
    growth = service.memory("VmHWM") - memory
    run.report.at_most(run.name(f"{what}memory more"), round(growth, 1), 64, " MiB")


def ended(service: Service) -> int:
    """Connections that have made room because no head came."""
    return int(service.metrics()["elman_connections_ended_total"])


def accept_overflows() -> int:
    """Connections that found the accept queue of any listener of this machine full."""
    names, values = (
        line.split()
        for line in Path("/proc/net/netstat").read_text().splitlines()
        if line.startswith("TcpExt:")
    )
    return int(dict(zip(names, values))["ListenOverflows"])


def _recovered(run: Run, load: Steady, rate: float, before: Load) -> None:
    """After the overload the p99 of each second is soon what it was."""
    after = load.send(64, rate, 10)
    bar = run.report.time_bar(max(2 * before.since_due.p99, 0.020))
    late = [each["p99_us"] / 1e6 > bar for each in after.each_second]
    # The last bad second tells; beside other work there may be one at any time, so there it is the
    # first good one.
    seconds = len(late) - late[::-1].index(True) if True in late else 0
    if run.is_short:
        seconds = late.index(False) if False in late else len(late)
    run.report.at_most(run.name("back to normal after"), seconds, 5, " s")
    check_answers(run, after, "afterwards, ")
