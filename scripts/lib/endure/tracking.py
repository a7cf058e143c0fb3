"""The kernel's table of connections (conntrack), which fills before the service does.

Each closed connection stays in it for two minutes. Thousands of refusals a second fill its 262,144
places; then the kernel drops packets and clients connect again after up to half a minute.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from report import Report

COUNTS = Path("/proc/net/stat/nf_conntrack")
RULES = [
    f"--table raw --{{change}} {chain} {direction} lo --jump CT --notrack".split()
    for chain, direction in (("OUTPUT", "--out-interface"), ("PREROUTING", "--in-interface"))
]


def dropped() -> int:
    """Packets that found the table full, since the machine started."""
    if not COUNTS.exists():
        return 0
    names, *processors = (line.split() for line in COUNTS.read_text().splitlines())
    column = names.index("drop")
    return sum(int(values[column], 16) for values in processors)


def _change(change: str) -> bool:
    """Appends or deletes the rules that keep loopback out of the table."""
    commands = [["iptables", *(word.format(change=change) for word in rule)] for rule in RULES]
    return all(subprocess.run(each, stderr=subprocess.DEVNULL).returncode == 0 for each in commands)


@contextmanager
def untracked(report: Report) -> Iterator[None]:
    """Keeps loopback out of the table where that can be done, and says when packets were dropped.

    The short form opens too few connections to need it, and changes no rule of the machine.
    """
    may = not report.is_short and COUNTS.exists() and os.geteuid() == 0
    is_changed = may and shutil.which("iptables") is not None and _change("append")
    before = dropped()
    try:
        yield
    finally:
        if is_changed:
            _change("delete")
        if count := dropped() - before:
            print(
                f"The kernel's table of connections was full and {count} packets were dropped. "
                "Run this as root with iptables, or raise net.netfilter.nf_conntrack_max."
            )
