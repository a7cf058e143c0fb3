"""Measures what one core carries, and whether three servers carry three times as much as one.

usage: scale.py SERVER CHECKPOINT…   (a release build; `trainer` is beside the server)

The first table is for each checkpoint alone: a server with one thread, sixteen connections, and the
processor time of the server a request. The second one is for servers on one PostgreSQL, each in a
control group with the same share of the processors, behind nginx; it needs root and the control
groups of version 1.
"""

import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scripts" / "lib" / "replicas"))

from balancer import Balancer  # noqa: E402
from parts import Database, Server, job, wait  # noqa: E402

TEXT = "I am not very happy right now and this is not good"
GROUPS = pathlib.Path("/sys/fs/cgroup/cpu")
SHARE = 0.05
ROUNDS = 5


def wrk(place, port, seconds, connections=16):
    """Answers a second; ends the run when one is wrong."""
    script = place / "post.lua"
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = [[{{"text":"{TEXT}"}}]]\n'
        'wrk.headers["Content-Type"] = "application/json"\n'
    )
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/classify"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(said)
    return float(re.search(r"Requests/sec: +([\d.]+)", said)[1])


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def capacity(program, place, checkpoint):
    """Microseconds of the processor for one request."""
    models = place / "models"
    shutil.rmtree(models, ignore_errors=True)
    models.mkdir()
    shutil.copy(checkpoint, models)
    log = (place / "log").open("wb")
    port = 18000 + os.getpid() % 1000
    server = subprocess.Popen(
        [program, "--port", str(port), "--admin-port", "off", "--models", str(models),
         "--state", str(place / f"state-{checkpoint.stem}"), "--trainer", "off", "--threads", "1"],
        stdout=subprocess.DEVNULL, stderr=log,
    )
    try:
        wait("a model answers", 30, lambda: answers(port))
        wrk(place, port, 1)
        times = []
        for _ in range(ROUNDS):
            before = processor_seconds(server.pid)
            rate = wrk(place, port, 3)
            times.append((processor_seconds(server.pid) - before) / (rate * 3) * 1e6)
        return statistics.median(times)
    finally:
        server.terminate()
        server.wait()


def answers(port):
    said = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/classify",
         "--data-binary", TEXT, "-H", "Content-Type: text/plain"], capture_output=True, text=True,
    ).stdout
    return said == "200"


def shares(program, place):
    """Answers a second of one server and of three, round by round."""
    database = Database()
    servers, groups = [], []
    try:
        for number in range(3):
            server = Server(program, place, f"server{number}", database.address)
            group = GROUPS / f"elman-scale-{os.getpid()}-{number}"
            group.mkdir()
            groups.append(group)
            (group / "cpu.cfs_period_us").write_text("50000")
            (group / "cpu.cfs_quota_us").write_text(str(int(SHARE * 50000)))
            (group / "cgroup.procs").write_text(str(server.process.pid))
            servers.append(server)
        servers[0].send("POST", "/train", job("mood", 50))
        subprocess.run(
            [str(pathlib.Path(program).parent / "trainer"), "work", "--until-idle", "--store",
             database.address], stderr=subprocess.DEVNULL, check=True,
        )
        wait("a model", 60, lambda: all(server.version() for server in servers))
        found = []
        for _ in range(ROUNDS):
            rates = []
            for count in (1, 3):
                proxy = Balancer(place, [server.port for server in servers[:count]])
                rates.append(wrk(place, proxy.port, 4, 48))
                proxy.end()
            found.append(rates)
        return found
    finally:
        for server in servers:
            server.end()
        for group in groups:
            wait("an empty group", 10, lambda: not (group / "cgroup.procs").read_text())
            group.rmdir()
        database.end()


def main(program, checkpoints):
    program = str(pathlib.Path(program).resolve())
    with tempfile.TemporaryDirectory(prefix="elman-scale-") as name:
        place = pathlib.Path(name)
        print("| checkpoint | size | processor time a request | requests a second and core |")
        print("|---|---|---|---|")
        for checkpoint in map(pathlib.Path, checkpoints):
            time = capacity(program, place, checkpoint)
            size = checkpoint.stat().st_size / 1e6
            print(f"| {checkpoint.stem} | {size:.1f} MB | {time:.1f} µs | {1e6 / time:,.0f} |")
        rates = shares(program, place)
        one, three = (statistics.median(row[side] for row in rates) for side in (0, 1))
        ratio = statistics.median(three / one for one, three in rates)
        print(f"\n| servers, each with {SHARE:.0%} of a core | requests a second |\n|---|---|")
        print(f"| 1 | {one:,.0f} |\n| 3 | {three:,.0f} |\n| ratio, median of pairs | {ratio:.2f} |")


main(sys.argv[1], sys.argv[2:])
