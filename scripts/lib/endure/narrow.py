"""A narrow and slow line: 64 kbit/s and 300 ms each way. The deadlines must leave time for it."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

from exchange import exchange_all
from load import TEXTS, classification
from run import Run

INSIDE = "ENDURE_NETWORK"  # Set where the loopback device is the narrow one.
DELAY_SECONDS = 0.3
LINE = [
    ["ip", "link", "set", "dev", "lo", "mtu", "1500", "up"],
    ["tc", "qdisc", "add", "dev", "lo", "root", "tbf"]
    + ["rate", "64kbit", "burst", "3000", "latency", "60s"],
]


class DelayingProxy:
    """Passes bytes on after 0.3 s, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.loop = asyncio.new_event_loop()
        self.listener = self.loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", 0)
        )
        self.port = self.listener.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                await asyncio.sleep(DELAY_SECONDS)
                writer.write(piece)
        except ConnectionError:
            pass
        writer.close()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._cancel(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _cancel(self) -> None:
        self.listener.close()
        open_ones = asyncio.all_tasks() - {asyncio.current_task()}
        for each in open_ones:
            each.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


def narrow(run: Run) -> None:
    """200 requests, eight at a time, over the narrow line: none fails."""
    if INSIDE not in os.environ:
        _enter(run)
        return
    for command in LINE:
        subprocess.run(command, check=True)
    with run.service() as service:
        proxy = DelayingProxy(service.port)
        statuses: list[int] = []
        longest = 0.0
        for _ in range(25):
            answers = exchange_all(proxy.port, [classification(TEXTS[0])] * 8, 60)
            statuses += [answer.status for answer in answers]
            longest = max(longest, *(answer.seconds or 60 for answer in answers))
        proxy.close()
        failed = sum(status != 200 for status in statuses)
        run.report.equal(run.name(f"failed of {len(statuses)}"), failed, 0)
        run.report.note(run.name("slowest"), f"{longest:.1f} s")


def _enter(run: Run) -> None:
    """Runs this scenario again in a network of its own, which ends with it."""
    if os.geteuid() != 0:
        run.report.note(run.name("skipped"), "a network of its own takes root")
        return
    command = ["unshare", "--net", sys.executable, str(Path(__file__).parent), run.program]
    done = subprocess.run(
        [*command, run.scenario], env=os.environ | {INSIDE: "1"}, check=False,
        stdout=subprocess.PIPE, text=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(run.scenario)]
    print(*lines, sep="\n", flush=True)
    if done.returncode != 0 or not lines:
        run.report.missed.append(run.name("failed"))
