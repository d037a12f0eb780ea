"""HTTP/1.1 over a bare socket: cheap enough that the caller is never what is measured."""

import asyncio
from dataclasses import dataclass
from typing import Self, cast

END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in small letters."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """One header's value; LookupError when it is not there."""
        for line in self.head.split(b"\r\n"):
            if line.startswith(name + b": "):
                return line[len(name) + 2 :]
        raise LookupError(name.decode())


class Line(asyncio.Protocol):
    """One keep-alive connection: a request, its answer, and the next."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._read = b""
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to 127.0.0.1."""
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    async def ask(self, request: bytes) -> Answer:
        """Send a whole request; its answer."""
        if self._transport is None:
            raise ConnectionError("this line is not connected")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        """Take what came; both servers here give a content-length."""
        self._read += data
        head, found, rest = self._read.partition(END_OF_HEAD)
        if not found or self._waiting is None:
            return
        answer = Answer(int(head[9:12]), head.lower(), rest)
        if len(rest) >= int(answer.header(b"content-length")):
            self._read = b""
            self._waiting.set_result(answer)


def get(path: str, token: str) -> bytes:
    """A signed-in GET."""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode()


def post(path: str, token: str, key: str, body: bytes) -> bytes:
    """A signed-in POST of JSON under an Idempotency-Key."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\nidempotency-key: {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
