"""Servers and workers die, or sleep, and each job is done once all the same."""

import random
import signal
import time

from parts import wait
from run import LEASE, Run


def jobs(run: Run) -> None:
    """Q1: each job is done once, whoever posts and trains."""
    count = 64 if run.is_short else 960
    began = time.monotonic()
    posted = run.post(count, 3, "once")
    wait("all jobs end", 600, run.ended)
    seconds = time.monotonic() - began
    run.check_once(posted, "once", 0)
    print(f"      {count} jobs in {seconds:.1f} s, {count / seconds:.1f} a second")


def kills(run: Run) -> None:
    """Q2: servers and workers die without a word."""
    kills = 3 if run.is_short else 60
    posted: list[str] = []
    for number in range(kills):
        posted += run.post(8, 300, f"kill-{number}")
        place = random.randrange(3)
        port = run.servers[place].port
        run.servers[place].end()
        worker = random.randrange(2)
        run.workers[worker].end()
        run.workers[worker] = run.worker(worker)
        run.servers[place] = run.server(place, port)
    longest = wait("all jobs end", 300, run.ended)
    run.check_once(posted, "kill", kills)
    print(f"      {kills} servers and workers killed, over {longest:.1f} s after the last")


def zombie(run: Run) -> None:
    """Q3: a worker that wakes behind its lease writes nothing."""
    rounds = 1 if run.is_short else 10
    stale = 0
    for number in range(rounds):
        posted = run.post(1, 20_000, f"zombie-{number}")
        query = f"SELECT worker FROM jobs WHERE id = '{posted[0]}' AND state = 'running'"
        wait("the job runs", 60, lambda: run.database.ask(query))
        name = run.database.ask(query)[0][0]
        sleeper = next(w for w in run.workers if name in w.process.args)
        sleeper.kill(signal.SIGSTOP)
        again = f"SELECT 1 FROM jobs WHERE id = '{posted[0]}' AND attempt = 2"
        taken = wait("another takes the job", 60, lambda: run.database.ask(again))
        sleeper.kill(signal.SIGCONT)
        wait("the job ends", 300, run.ended)
        by = run.database.ask(f"SELECT worker FROM jobs WHERE id = '{posted[0]}'")[0][0]
        stale += by == name
        run.check(taken <= LEASE + 5, f"zombie: retaken after {taken:.1f} s (lease {LEASE} s)")
        run.check_once(posted, f"zombie-{number}", 1)
    run.check(stale == 0, f"zombie: {stale} of {rounds} jobs ended by who had lost them")
