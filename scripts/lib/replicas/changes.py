"""The database dies, versions change, servers are replaced: what users see of it."""

import signal
import threading
import time

from balancer import Balancer, Clients
from parts import Server, job, wait
from run import Run


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
