"""The database is there, but nobody reaches it, or it takes no more connections, or no rows."""

import os
import shutil
import subprocess
import tempfile
import threading
import time

from parts import job, wait
from run import Run

# A connection takes five seconds at most, a statement or a silent server eleven.
LONGEST_WAIT = 16


class Classifying:
    """Clients that classify on each server without a pause."""

    def __init__(self, run: Run) -> None:
        run.servers[0].send("POST", "/train", job("mood", 50))
        wait("a model", 60, lambda: all(server.version() for server in run.servers))
        self.answers, self.failures, self.unready, self.slowest = 0, 0, 0, 0.0
        self._is_over, self._lock = threading.Event(), threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask, args=(server,), daemon=True)
            for server in run.servers
        ]
        for thread in self._threads:
            thread.start()

    def _ask(self, server) -> None:
        while not self._is_over.is_set():
            began = time.monotonic()
            version = server.version()
            seconds = time.monotonic() - began
            is_ready = server.send("GET", "/readyz")[0] == 200
            with self._lock:
                self.answers += 1
                self.failures += version == 0
                self.unready += not is_ready
                self.slowest = max(self.slowest, seconds)

    def end(self, run: Run, name: str) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        run.check(
            self.failures == 0 and self.unready == 0,
            f"{name}: {self.failures} of {self.answers} classifications failed, /readyz "
            f"{self.unready} times; {self.slowest * 1000:.0f} ms at most",
        )
        run.check(self.slowest < 2, f"{name}: no classification waited for the database")


class Writes:
    """Rows that are posted to the servers in turn."""

    def __init__(self, run: Run, model: str) -> None:
        self.run, self.model = run, model
        self.kept, self.statuses, self.slowest, self.number = [], set(), 0.0, 0
        self._lock = threading.Lock()

    def post(self) -> int:
        with self._lock:
            self.number += 1
            number = self.number
        text, began = f"row {number}", time.monotonic()
        body = {"examples": [{"text": text, "label": "glad"}]}
        server = self.run.servers[number % 3]
        status, _ = server.send("POST", f"/models/{self.model}/examples", body)
        with self._lock:
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.statuses.add(status)
            if status == 200:
                self.kept.append(text)
        return status

    def together(self, threads: int, seconds: float) -> None:
        """Posts from many threads for a while."""
        end = time.monotonic() + seconds

        def post() -> None:
            while time.monotonic() < end:
                self.post()

        running = [threading.Thread(target=post, daemon=True) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    def returns(self) -> float:
        """How long it takes until each server keeps a row again."""
        return wait("writes again", 60, lambda: all(self.post() == 200 for _ in range(3)))

    def check(self, name: str, allowed: set[int]) -> None:
        rows = self.run.database.ask(f"SELECT text FROM examples WHERE model = '{self.model}'")
        lost = set(self.kept) - {row[0] for row in rows}
        self.run.check(
            self.statuses <= allowed, f"{name}: writes answered {sorted(self.statuses)}"
        )
        self.run.check(not lost, f"{name}: {len(lost)} of {len(self.kept)} rows lost")


class Dropped:
    """While it lasts, no packet to or from the database arrives, and nobody is told."""

    def __init__(self, port: int) -> None:
        self.rules = [
            ["INPUT", "-i", "lo", "-p", "tcp", side, str(port), "-j", "DROP"]
            for side in ("--dport", "--sport")
        ]

    @staticmethod
    def is_possible() -> bool:
        return os.geteuid() == 0 and shutil.which("iptables") is not None

    def __enter__(self) -> None:
        for rule in self.rules:
            subprocess.run(["iptables", "-I", *rule], check=True)

    def __exit__(self, *_) -> None:
        for rule in self.rules:
            subprocess.run(["iptables", "-D", *rule], check=False)


def unreachable(run: Run) -> None:
    """Q5: packets to the database vanish."""
    if not Dropped.is_possible():
        return run.skip("unreachable: needs root and iptables")
    writes, classifying = Writes(run, "away"), Classifying(run)
    writes.returns()
    wait("jobs end", 120, run.ended)
    with Dropped(run.database.port):
        writes.together(6, 20 if run.is_short else 60)
        late = run.server(3)
        alive, ready = late.send("GET", "/livez")[0], late.send("GET", "/readyz")[0]
    seconds = writes.returns()
    wait("the late server is ready", 60, lambda: late.send("GET", "/readyz")[0] == 200)
    late.end()
    classifying.end(run, "unreachable")
    writes.check("unreachable", {200, 503})
    run.check((alive, ready) == (200, 503),
              f"unreachable: a start answered /livez {alive}, /readyz {ready}")
    run.check(writes.slowest <= LONGEST_WAIT,
              f"unreachable: a write waited {writes.slowest:.1f} s at most ({LONGEST_WAIT})")
    run.check(seconds <= 5, f"unreachable: writes kept {seconds:.2f} s after the way is back")


def crowded(run: Run) -> None:
    """Q8: the database takes ten connections, and then one table is locked for ten seconds."""
    database = run.database
    database.configure("max_connections = 10")
    database.configure("log_connections = on")
    writes, classifying = Writes(run, "crowded"), Classifying(run)
    wait("jobs end", 120, run.ended)
    database.control("restart", "-m", "fast")
    before, seconds = database.connections(), 10 if run.is_short else 60
    writes.together(24, seconds)
    attempts = (database.connections() - before) / seconds
    run.check(attempts <= 50, f"crowded: {attempts:.0f} attempts to connect a second")
    database.configure("max_connections = 200")
    database.configure("log_connections = off")
    database.control("restart", "-m", "fast")
    seconds = writes.returns()
    run.check(seconds <= 5, f"crowded: writes kept {seconds:.2f} s after there is room")
    lock = threading.Thread(target=database.ask, args=(
        "BEGIN; LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(10); COMMIT",
    ))
    lock.start()
    time.sleep(0.5)
    statuses = {run.servers[n % 3].send("POST", "/train", job(f"late-{n}", 3))[0] for n in range(3)}
    lock.join()
    run.check(statuses <= {202, 503}, f"crowded: behind the lock jobs got {sorted(statuses)}")
    wait("jobs end", 120, run.ended)
    classifying.end(run, "crowded")
    writes.check("crowded", {200, 503})


def full(run: Run) -> None:
    """Q9: the database may only be read, and then its disk is full."""
    database, writes, classifying = run.database, Writes(run, "full"), Classifying(run)
    writes.returns()
    wait("jobs end", 120, run.ended)
    database.configure("default_transaction_read_only = on")
    database.control("reload")
    wait("writes are refused", 10, lambda: writes.post() == 503)
    statuses = {run.servers[n].send("POST", "/train", job("refused", 3))[0] for n in range(3)}
    run.check(statuses == {503}, f"full: jobs got {sorted(statuses)} from what is only read")
    database.configure("default_transaction_read_only = off")
    database.control("reload")
    seconds = writes.returns()
    run.check(seconds <= 5, f"full: writes kept {seconds:.2f} s after it may be written")
    with tempfile.TemporaryDirectory(prefix="elman-full-") as place:
        if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "elman", place], check=False
        ).returncode != 0:
            run.skip("full: a disk of its own needs root")
        else:
            fill(run, writes, place)
    classifying.end(run, "full")
    writes.check("full", {200, 503, 507})


def fill(run: Run, writes: Writes, place: str) -> None:
    """Moves the rows to a small disk, fills it, and makes room again."""
    database = run.database
    if database.user:
        shutil.chown(place, "postgres", "postgres")
    try:
        database.ask(f"CREATE TABLESPACE small LOCATION '{place}'")
        database.ask("ALTER TABLE examples SET TABLESPACE small")
        database.ask("CREATE TABLE filler (bytes text) TABLESPACE small")
        database.ask("ALTER TABLE filler ALTER COLUMN bytes SET STORAGE EXTERNAL")
        for size in (1 << 20, 1 << 16, 8000, 1000):
            try:
                while True:
                    database.ask(f"INSERT INTO filler SELECT repeat('x', {size})")
            except subprocess.CalledProcessError:
                pass
        statuses = set()
        for number in range(400):
            body = {"examples": [{"text": f"{number} " + "wide " * 400, "label": "glad"}]}
            statuses.add(run.servers[number % 3].send("POST", "/models/wide/examples", body)[0])
            if statuses & {503, 507}:
                break
        run.check(bool(statuses & {503, 507}) and statuses <= {200, 503, 507},
                  f"full: a full disk answered {sorted(statuses)}")
        database.ask("DROP TABLE filler")
        seconds = writes.returns()
        run.check(seconds <= 5, f"full: writes kept {seconds:.2f} s after there is room")
    finally:
        database.ask("DROP TABLE IF EXISTS filler")
        database.ask("ALTER TABLE examples SET TABLESPACE pg_default")
        database.ask("DROP TABLESPACE IF EXISTS small")
        subprocess.run(["umount", place], check=False)
