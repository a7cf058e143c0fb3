"""Several servers and workers on one PostgreSQL: what holds while parts of it die.

usage: replicas SERVER [short] [NAME…]    (scripts/replicas calls it)
"""

import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from balancer import Balancer, Clients
from parts import Database, Program, Server, job, wait

LEASE = 5


class Run:
    """Three servers and two workers over one database."""

    def __init__(self, program: str, place: Path, is_short: bool) -> None:
        self.program, self.place, self.is_short = program, place, is_short
        self.failures = 0
        self.database = Database()
        self.servers = [self.server(number) for number in range(3)]
        self.workers = [self.worker(number) for number in range(2)]

    def server(self, number: int, port: int = 0) -> Server:
        return Server(self.program, self.place, f"server{number}", self.database.address, port)

    def worker(self, number: int) -> Program:
        trainer = str(Path(self.program).parent / "trainer")
        command = [
            trainer, "work", "--worker-id", f"w{number}-{time.monotonic_ns()}", "--poll", "0.05",
            "--lease", str(LEASE), "--threads", "1",
        ]
        return Program(self.place, f"worker{number}", command, self.database.address)

    def check(self, holds: bool, what: str) -> None:
        self.failures += not holds
        print(f"{'PASS' if holds else 'MISS'}  {what}", flush=True)

    def post(self, count: int, epochs: int, prefix: str) -> list[str]:
        """Posts jobs to all servers in turn, few to a model, so that no version goes."""
        jobs = []
        for number in range(count):
            body = job(f"{prefix}-{number // 8}", epochs)
            while True:
                status, answer = self.servers[number % 3].send("POST", "/train", body)
                if status == 202:
                    jobs.append(answer["id"])
                    break
                time.sleep(0.05)
        return jobs

    def ended(self) -> bool:
        return self.database.ask(
            "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
        ) == [["0"]]

    def check_once(self, jobs: list[str], prefix: str, attempts: int) -> None:
        """Each job is done, has one version, and few of them were begun more than once."""
        found = self.database.ask(
            "SELECT jobs.id, state, attempt, count(number) FROM jobs LEFT JOIN versions "
            f"ON versions.job = jobs.id WHERE jobs.model LIKE '{prefix}-%' GROUP BY sequence"
        )
        rows = {row[0]: row[1:] for row in found}
        lost = [each for each in jobs if rows.get(each, [""])[0] != "succeeded"]
        twice = [row for row in found if row[3] != "1"]
        extra = sum(int(row[2]) - 1 for row in found)
        self.check(not lost, f"{prefix}: {len(lost)} of {len(jobs)} acknowledged jobs lost")
        self.check(not twice, f"{prefix}: {len(twice)} jobs without exactly one version")
        self.check(extra <= attempts, f"{prefix}: {extra} attempts too many ({attempts} allowed)")

    def end(self) -> None:
        for program in self.servers + self.workers:
            program.end()
        self.database.end()


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


def restarts(run: Run) -> None:
    """Q4: the database dies and comes back under load."""
    run.servers[0].send("POST", "/train", job("mood", 50))
    wait("a model", 60, lambda: all(server.version() for server in run.servers))
    failures, answers, is_over = [], [0], threading.Event()

    def classify(server: Server) -> None:
        while not is_over.is_set():
            answers[0] += 1
            if not server.version() or server.send("GET", "/readyz")[0] != 200:
                failures.append(time.monotonic())

    threads = [threading.Thread(target=classify, args=(server,)) for server in run.servers]
    for thread in threads:
        thread.start()
    kept, statuses, slowest, number = [], set(), 0.0, 0

    def post() -> int:
        nonlocal number
        number += 1
        server = run.servers[number % 3]
        text = f"row {number}"
        body = {"examples": [{"text": text, "label": "glad"}]}
        status, _ = server.send("POST", "/models/kept/examples", body)
        statuses.add(status)
        if status == 200:
            kept.append(text)
        return status

    for _ in range(4 if run.is_short else 20):
        post()
        run.database.control("restart", "-m", "immediate")
        slowest = max(slowest, wait("writes again", 30, lambda: post() == 200))
    for _ in range(10 if run.is_short else 50):
        run.database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE pid <> pg_backend_pid() AND application_name = 'elman'")
        slowest = max(slowest, wait("writes again", 30, lambda: post() == 200))
    is_over.set()
    for thread in threads:
        thread.join()
    there = {row[0] for row in run.database.ask("SELECT text FROM examples WHERE model = 'kept'")}
    lost = [text for text in kept if text not in there]
    run.check(not failures, f"restarts: {len(failures)} of {answers[0]} classifications failed")
    run.check(statuses <= {200, 503}, f"restarts: writes answered {sorted(statuses)}")
    run.check(slowest <= 5, f"restarts: {slowest:.2f} s at most until a write was kept")
    run.check(not lost, f"restarts: {len(lost)} of {len(kept)} acknowledged rows lost")
    wait("the job of before ends", 120, run.ended)


def convergence(run: Run) -> None:
    """Q6: what is made live on one server is soon live on all, and stays."""
    for _ in range(2):
        run.servers[0].send("POST", "/train", job("mood", 50))
        wait("a version", 60, run.ended)
    versions = run.database.ask("SELECT number FROM versions JOIN models ON models.id = model "
                                "WHERE name = 'mood' ORDER BY number DESC LIMIT 2")
    numbers = [int(row[0]) for row in versions]
    times, returns = [], 0
    rounds = 40 if run.is_short else 200
    for number in range(rounds):
        target = numbers[number % 2]
        if number % 4 == 3:  # The announcements are lost.
            run.database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                             "WHERE query LIKE 'LISTEN%'")
        status, _ = run.servers[number % 3].send("PUT", "/models/mood/live", {"version": target})
        run.failures += status != 200
        began, seen = time.monotonic(), set()
        while len(seen) < 3 and time.monotonic() - began < 10:
            for place, server in enumerate(run.servers):
                if server.version() == target:
                    seen.add(place)
                elif place in seen:
                    returns += 1
        times.append(time.monotonic() - began)
    times.sort()
    p95 = times[int(len(times) * 0.95)]
    run.check(p95 <= 1, f"convergence: p95 {p95 * 1000:.0f} ms, {times[-1] * 1000:.0f} ms at most, "
              f"{rounds} changes")
    run.check(times[-1] <= 5, "convergence: none took 5 s")
    run.check(returns == 0, f"convergence: {returns} answers older than one before")


def balancer(run: Run) -> None:
    """Servers die and are replaced behind nginx, and no client notices."""
    run.servers[0].send("POST", "/train", job("mood", 50))
    wait("a model", 60, lambda: all(server.version() for server in run.servers))
    proxy = Balancer(run.place, [server.port for server in run.servers])

    def replace(place: int, ending: signal.Signals) -> None:
        server = run.servers[place]
        server.kill(ending)
        server.process.wait(60)
        run.servers[place] = run.server(place, server.port)
        wait("a server is back", 30, lambda: run.servers[place].version() > 0)

    kills, pause, turns = (3, 1, 1) if run.is_short else (30, 10, 10)
    for name, count, ending in (
        ("killed", kills, signal.SIGKILL), ("replaced in turn", 3 * turns, signal.SIGTERM),
    ):
        clients = Clients(proxy.port)
        for number in range(count):
            replace(number % 3, ending)
            # nginx tries a server again a second after it failed; until then it must have others.
            time.sleep(pause if ending == signal.SIGKILL else 2)
        clients.end()
        run.check(
            not clients.failures,
            f"balancer: {len(clients.failures)} of {clients.answers} requests failed, "
            f"{count} servers {name}",
        )
    proxy.end()


SCENARIOS = {
    "jobs": jobs, "kills": kills, "zombie": zombie, "restarts": restarts,
    "convergence": convergence, "balancer": balancer,
}


def main(program: str, words: list[str]) -> int:
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    names = [word for word in words if word != "short"] or list(SCENARIOS)
    for name in names:
        if name not in SCENARIOS:
            sys.exit(f"replicas: say {', '.join(SCENARIOS)} or short, not \"{name}\"")
    with tempfile.TemporaryDirectory(prefix="replicas-") as place:
        run = Run(str(Path(program).resolve()), Path(place), "short" in words)
        try:
            for name in names:
                SCENARIOS[name](run)
        finally:
            run.end()
    return 1 if run.failures else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))
