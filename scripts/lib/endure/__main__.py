"""Endurance: what the service does under overload, slow clients, and for hours.

usage: endure SERVER [NAME…|soak [MINUTES]|short|all]    (scripts/endure calls it)
"""

import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bursts
import crowds
import mixed
import narrow
import overload
import slow
import soak
from run import Run
from service import ServiceError
from tracking import untracked

SCENARIOS: dict[str, Callable[[Run], None]] = {
    "steady": overload.steady,
    "overload": overload.overload,
    "crowd": crowds.crowd,
    "descriptors": crowds.descriptors,
    "cycles": crowds.cycles,
    "kept": crowds.kept,
    "herd": crowds.herd,
    "largest": bursts.largest,
    "gone": bursts.gone,
    "silent": slow.silent,
    "readers": slow.readers,
    "drip": slow.drip,
    "halves": slow.halves,
    "attacks": slow.attacks,
    "narrow": narrow.narrow,
    "mixed": mixed.mixed,
    "soak": soak.soak,
}
# The others need long times, tools or rights of their own.
NOT_IN_SHORT = {"attacks", "narrow"}


def chosen(words: list[str]) -> tuple[list[str], bool, float]:
    """The scenarios, whether they are short, and the minutes of the soak."""
    minutes = 30.0
    if len(words) == 2 and words[0] == "soak":
        minutes = float(words.pop())
    is_short = "short" in words
    names = [word for word in words if word != "short"]
    if names == ["all"] or not names:
        names = [each for each in SCENARIOS if not (is_short and each in NOT_IN_SHORT)]
    for name in names:
        if name not in SCENARIOS:
            sys.exit(f"endure: say {', '.join(SCENARIOS)}, short or all, not \"{name}\"")
    return names, is_short, minutes


def main(program: str, words: list[str]) -> int:
    names, is_short, minutes = chosen(words)
    # An end from outside takes the servers along.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    if load > cores / 2:
        print(f"The machine is busy (load {load:.1f} of {cores} cores): times are worth little.")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="endure-") as directory:
        run = Run(os.path.abspath(program), Path(directory), is_short)
        run.soak_seconds = 25 if is_short else minutes * 60
        with untracked(run.report):
            for name in names:
                run.scenario = name
                try:
                    SCENARIOS[name](run)
                except (ServiceError, OSError) as error:
                    run.report.holds(run.name("the scenario"), str(error), "ends", False)
    print(f"{time.monotonic() - began:.0f} s; missed: {', '.join(run.report.missed) or 'nothing'}")
    return 1 if run.report.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
