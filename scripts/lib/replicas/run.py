"""Three servers and two workers over one database, and what is checked of them."""

import time
from pathlib import Path

from parts import Database, Program, Server, job

LEASE = 5


class Run:
    """Three servers and two workers over one database."""

    def __init__(self, program: str, place: Path, is_short: bool) -> None:
        self.program, self.place, self.is_short = program, place, is_short
        self.failures = 0
        self.database = Database()
        self.servers = [self.server(number) for number in range(3)]
        self.workers = [self.worker(number) for number in range(2)]

    def server(self, number: int, port: int = 0, environment: dict = {}) -> Server:
        return Server(
            self.program, self.place, f"server{number}", self.database.address, port, environment,
        )

    def worker(self, number: int, environment: dict = {}) -> Program:
        trainer = str(Path(self.program).parent / "trainer")
        command = [
            trainer, "work", "--worker-id", f"w{number}-{time.monotonic_ns()}", "--poll", "0.05",
            "--lease", str(LEASE), "--threads", "1",
        ]
        return Program(
            self.place, f"worker{number}", command, self.database.address, environment,
        )

    def restart(self, environments: list[dict]) -> None:
        """Starts all programs anew; server i and worker i get the environment i, in turn."""
        for program in self.servers + self.workers:
            program.end()
        kinds = len(environments)
        self.servers = [self.server(n, environment=environments[n % kinds]) for n in range(3)]
        self.workers = [self.worker(n, environments[n % kinds]) for n in range(2)]

    def skip(self, what: str) -> None:
        """Says that a scenario cannot be played here."""
        print(f"SKIP  {what}", flush=True)

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
