"""Many raw connections at once, without a thread for each."""

import selectors
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Exchange:
    """What became of one request on a connection of its own."""

    sent: bytes
    received: bytes = b""
    began: float = 0.0
    seconds: float | None = None  # From the connection's start to the whole answer or the end.
    error: str | None = None
    _left: memoryview = field(default=memoryview(b""), repr=False)

    @property
    def status(self) -> int:
        """The status of the answer; 0 without a whole one."""
        if not is_whole(self.received):
            return 0
        return int(self.received.split(b" ", 2)[1])


def request(method: str, path: str, body: bytes = b"", fields: str = "") -> bytes:
    """A request's bytes."""
    if body:
        fields += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode() + body


def is_whole(answer: bytes) -> bool:
    """Whether the answer has its head and as many bytes as that says."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length: "):
            return len(body) >= int(line.split(b": ")[1])
    return True


def dial(port: int, source: int = 0, receives: int | None = None) -> socket.socket:
    """A connection that is on its way, from the loopback address of that number."""
    opened = socket.socket()
    if receives is not None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    opened.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
    opened.bind((f"127.0.0.{2 + source % 64}", 0))
    opened.setblocking(False)
    opened.connect_ex(("127.0.0.1", port))
    return opened


def reset(opened: socket.socket) -> None:
    """Closes so that the other side sees a reset."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    opened.close()


def exchange_all(port: int, requests: list[bytes], seconds: float) -> list[Exchange]:
    """Sends every request at once, each on a connection of its own, and waits for the answers."""
    selector = selectors.DefaultSelector()
    exchanges = []
    for number, sent in enumerate(requests):
        each = Exchange(sent, began=time.monotonic())
        each._left = memoryview(sent)
        selector.register(dial(port, number), selectors.EVENT_WRITE, each)
        exchanges.append(each)
    limit = time.monotonic() + seconds
    while selector.get_map() and time.monotonic() < limit:
        for key, _ in selector.select(0.1):
            if _advance(key.fileobj, key.data, selector):
                key.data.seconds = time.monotonic() - key.data.began
                selector.unregister(key.fileobj)
                key.fileobj.close()
    for key in list(selector.get_map().values()):
        key.data.error = "no answer"
        key.fileobj.close()
    selector.close()
    return exchanges


def _advance(opened: socket.socket, each: Exchange, selector: selectors.BaseSelector) -> bool:
    """Sends or receives what can be. True when the exchange is over."""
    try:
        if each._left:
            each._left = each._left[opened.send(each._left) :]
            if not each._left:
                selector.modify(opened, selectors.EVENT_READ, each)
            return False
        piece = opened.recv(65536)
    except BlockingIOError:
        return False
    except OSError as error:
        each.error = str(error)
        return True
    each.received += piece
    if not piece:
        each.error = "closed without a whole answer"
    return not piece or is_whole(each.received)


@contextmanager
def connections(
    port: int, count: int, receives: int | None = None
) -> Iterator[list[socket.socket]]:
    """Connections that are closed at the end."""
    opened: list[socket.socket] = []
    try:
        for number in range(count):
            opened.append(dial(port, number, receives))
        yield opened
    finally:
        for each in opened:
            each.close()
