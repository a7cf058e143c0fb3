"""Wrong clocks, hostile fields, histories under faults, and deaths between two writes."""

import hashlib
import random
import signal
import threading
import time
import urllib.parse
from pathlib import Path

from deaths import kills, zombie
from parts import job, wait
from run import Run

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def clocks(run: Run) -> None:
    """Q7: servers and workers are ten minutes before and behind; the database's time counts."""
    if FAKETIME is None:
        return run.skip("clocks: needs libfaketime")
    run.restart([
        {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        for shift in ("+600s", "-600s")
    ])
    posted = run.post(16, 3, "shifted")
    wait("all jobs end", 120, run.ended)
    run.check_once(posted, "shifted", 0)
    kills(run)
    zombie(run)
    run.restart([{}])


PAYLOADS = [
    "'", "''", "\\'", '"', "\\", "%", "_", "$1", "?", "?1", ";", "--", "/*", "*/", "$$",
    "' OR '1'='1", "'; DROP TABLE examples; --", "\"; DROP TABLE jobs; --",
    "x' UNION SELECT version(), NULL, NULL --", "1; SELECT pg_sleep(9)", "' || pg_sleep(9) || '",
    "1) OR (SELECT 1 FROM pg_sleep(9)) IS NOT NULL --", "$$; SELECT pg_sleep(9); $$",
    "E'\\x27'", "\u02bc OR 1=1", "\uff07 OR 1=1 --", "a\u0000b", "\U0001F600'; SELECT 1 --",
    "{\"$gt\": \"\"}", "COPY examples TO PROGRAM 'id'", "'; NOTIFY elman, 'x'; --",
]


def injection(run: Run) -> None:
    """Q10: each field that reaches SQL holds SQL, and stays a value."""
    server = run.servers[0]
    server.send("POST", "/train", job("mood", 50))
    wait("a model", 60, lambda: server.version() > 0 and run.ended())
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    tables_before, rows_before = run.database.ask(tables), rows_of(run, "mood")
    statuses, slowest, strange = {}, 0.0, []
    for payload in PAYLOADS:
        part = urllib.parse.quote(payload, safe="")
        for method, path, body, headers in requests(payload, part):
            began = time.monotonic()
            status, _ = server.send(method, path, body, headers)
            slowest = max(slowest, time.monotonic() - began)
            statuses[status] = statuses.get(status, 0) + 1
            if status >= 500 or status == 0:
                strange.append(f"{method} {path}: {status}")
    wait("jobs end", 300, run.ended)
    texts = {row["text"] for row in examples(server, "hostile")}
    wanted = {f"text {each}" for each in PAYLOADS if "\u0000" not in each}
    for line in strange[:5]:
        print(f"      {line}")
    total = sum(statuses.values())
    run.check(not strange, f"injection: {len(strange)} of {total} requests failed inside")
    kept = statuses.get(200, 0) + statuses.get(202, 0)
    run.check(kept > total / 4, f"injection: {kept} of {total} requests were answered 200 or 202")
    run.check(slowest < 5, f"injection: none slept, {slowest:.2f} s at most")
    run.check(run.database.ask(tables) == tables_before and rows_of(run, "mood") == rows_before,
              "injection: tables and rows of others are as before")
    run.check(wanted <= texts, f"injection: {len(wanted - texts)} texts came back changed")


def requests(payload: str, part: str):
    """A request for each place where a client's string goes on to the store."""
    example = {"text": f"text {payload}", "label": "glad"}
    yield "POST", "/models/hostile/examples", {"examples": [example]}, {}
    yield "POST", "/models/hostile/examples", {"examples": [{"text": "x", "label": payload}]}, {}
    yield "POST", "/models/hostile/examples", {"remove": {"texts": [payload]}}, {}
    yield "DELETE", f"/models/mood/examples?text={part}", None, {}
    yield "DELETE", f"/models/mood/examples?id={part}", None, {}
    yield "GET", f"/models/mood/examples?label={part}", None, {}
    yield "GET", f"/models/mood/examples?source={part}&after={part}&limit={part}", None, {}
    yield "GET", f"/models/{part}", None, {}
    yield "GET", f"/models/{part}/versions/{part}", None, {}
    yield "PUT", f"/models/{part}/live", {"version": payload}, {}
    yield "DELETE", f"/models/{part}", None, {}
    yield "GET", f"/train/{part}", None, {}
    yield "DELETE", f"/train/{part}", None, {}
    yield "GET", f"/train?state={part}&model={part}&limit={part}", None, {}
    yield "POST", "/train", job(payload, 1), {}
    body = job("hostile", 1) | {"options": {"recipe": payload}}
    yield "POST", "/train", body, {}
    yield "POST", "/feedback", {"model": "mood", "prediction_id": payload, "label": "glad"}, {}
    yield "POST", "/feedback", {"model": "hostile", "text": payload, "label": payload}, {}
    yield "PUT", "/models/hostile/golden", {"cases": [{"text": payload, "label": payload}]}, {}
    if payload.isascii() and payload.isprintable():
        yield "POST", "/models/hostile/examples", {"examples": [example]}, {
            "Idempotency-Key": payload,
        }


def rows_of(run: Run, model: str) -> list:
    return run.database.ask(f"SELECT label, text FROM examples WHERE model = '{model}' ORDER BY id")


def examples(server, model: str) -> list[dict]:
    found, after = [], ""
    while True:
        _, page = server.send("GET", f"/models/{model}/examples?limit=1000{after}")
        found += page["examples"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


class Client:
    """Changes one model, and keeps what each of its changes may have done."""

    def __init__(self, run: Run, name: str, seed: int) -> None:
        self.run, self.name, self.chance = run, name, random.Random(seed)
        # What the live version and each row may be now: more than one value while an answer is
        # missing.
        self.live: set[int] = {1}
        self.rows: dict[str, set[bool]] = {}
        self.violations: list[str] = []
        self.done = 0

    def step(self) -> None:
        server = self.run.servers[self.chance.randrange(3)]
        if self.chance.random() < 0.5:
            version = self.chance.choice([1, 2, 3])
            status, _ = server.send("PUT", f"/models/{self.name}/live", {"version": version})
            self.live = {version} if status == 200 else self.live | {version}
        else:
            text = f"text {self.chance.randrange(20)}"
            adds = self.chance.random() < 0.6
            path = f"/models/{self.name}/examples"
            change = {"examples": [{"text": text, "label": "glad"}]}
            if not adds:
                change = {"remove": {"texts": [text]}}
            status, _ = server.send("POST", path, change)
            known = self.rows.get(text, {False})
            self.rows[text] = {adds} if status == 200 else known | {adds}
        if status not in (0, 200, 503):
            self.violations.append(f"{self.name}: a change was answered {status}")
        self.done += status == 200

    def compare(self) -> None:
        """What the store has in the end must be one of the things that may be."""
        live = self.run.database.ask(
            f"SELECT live_version FROM models WHERE name = '{self.name}'"
        )
        if int(live[0][0]) not in self.live:
            self.violations.append(f"{self.name}: live is {live[0][0]}, not one of {self.live}")
        there = {row["text"] for row in examples(self.run.servers[0], self.name)}
        for text, may in self.rows.items():
            if (text in there) not in may:
                self.violations.append(f"{self.name}: \"{text}\" there: {text in there}")


def history(run: Run) -> None:
    """Q11: clients change models while parts die; nothing acknowledged is undone."""
    seeds, seconds = (1, 15) if run.is_short else (20, 15)
    violations, done, faults = [], 0, 0
    for seed in range(seeds):
        clients = [Client(run, f"history-{seed}-{n}", seed * 10 + n) for n in range(4)]
        for client in clients:
            for _ in range(3):
                status, _ = run.servers[0].send("POST", "/train", job(client.name, 3))
                run.failures += status != 202
        wait("three versions of each", 120, run.ended)
        for client in clients:
            run.servers[0].send("PUT", f"/models/{client.name}/live", {"version": 1})
        end = time.monotonic() + seconds

        def play(client: Client) -> None:
            while time.monotonic() < end:
                client.step()

        threads = [threading.Thread(target=play, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        chance = random.Random(seed)
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 2))
            fault(run, chance)
            faults += 1
        for thread in threads:
            thread.join()
        wait("the servers answer", 30, lambda: all(
            server.send("GET", f"/models/{clients[0].name}")[0] == 200 for server in run.servers
        ))
        for client in clients:
            client.compare()
            violations += client.violations
            done += client.done
    for line in violations[:5]:
        print(f"      {line}")
    run.check(not violations, f"history: {len(violations)} violations, {seeds} seeds, "
              f"{done} changes, {faults} faults")


def fault(run: Run, chance: random.Random) -> None:
    """One of the things that happen."""
    kind = chance.choice(["server", "worker", "restart", "terminate", "pause"])
    place = chance.randrange(3)
    if kind == "server":
        port = run.servers[place].port
        run.servers[place].end()
        run.servers[place] = run.server(place, port)
    elif kind == "worker":
        run.workers[place % 2].end()
        run.workers[place % 2] = run.worker(place % 2)
    elif kind == "restart":
        run.database.control("restart", "-m", "immediate")
    elif kind == "terminate":
        run.database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                         "WHERE pid <> pg_backend_pid() AND application_name = 'elman'")
    else:
        run.servers[place].kill(signal.SIGSTOP)
        time.sleep(1)
        run.servers[place].kill(signal.SIGCONT)


def torn(run: Run) -> None:
    """Q12: a worker dies while it publishes; a version without its bytes is never seen."""
    rounds, seen, bad = 10 if run.is_short else 100, 0, []
    for number in range(rounds):
        posted = run.post(1, 3, f"torn-{number}")
        begun = f"SELECT 1 FROM jobs WHERE id = '{posted[0]}' AND state <> 'queued'"
        while run.database.ask(begun) == []:
            pass
        time.sleep(random.uniform(0, 0.1))
        for place in range(2):
            run.workers[place].end()
            run.workers[place] = run.worker(place)
    wait("all jobs end", 300, run.ended)
    server = run.servers[0]
    for name, version, digest in run.database.ask(
        "SELECT name, number, digest FROM versions JOIN models ON models.id = model "
        "WHERE name LIKE 'torn-%'"
    ):
        status, content = server.fetch(f"/models/{name}/versions/{version}/checkpoint")
        seen += 1
        if status != 200 or hashlib.sha256(content).hexdigest() != digest:
            bad.append(name)
    run.check(seen == rounds, f"torn: {seen} versions of {rounds} jobs")
    run.check(not bad, f"torn: {len(bad)} versions whose bytes are missing or others")
