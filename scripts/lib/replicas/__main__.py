"""Several servers and workers on one PostgreSQL: what holds while parts of it die.

usage: replicas SERVER [short] [NAME…]    (scripts/replicas calls it)
"""

import signal
import sys
import tempfile
from pathlib import Path

from changes import balancer, convergence, restarts
from deaths import jobs, kills, zombie
from outages import crowded, full, unreachable
from run import Run
from trust import clocks, history, injection, torn

SCENARIOS = {
    "jobs": jobs, "kills": kills, "zombie": zombie, "restarts": restarts,
    "convergence": convergence, "balancer": balancer, "unreachable": unreachable,
    "crowded": crowded, "full": full, "clocks": clocks, "injection": injection,
    "history": history, "torn": torn,
}
# What CI plays, in under four minutes.
SHORT = [
    "jobs", "kills", "zombie", "restarts", "convergence", "balancer", "injection", "torn",
]


def main(program: str, words: list[str]) -> int:
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    names = [word for word in words if word != "short"]
    names = names or (SHORT if "short" in words else list(SCENARIOS))
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
