"""One listener a process: rings for everybody who waits when the log has grown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from registry.store.database import reachable

CHANNEL = "log"
IDLE_SECONDS = 1.0


class Bell:
    """Listens on one connection and wakes many; without a notification they wake each second."""

    def __init__(self, url: str) -> None:
        """Listen at `url` once somebody waits."""
        self._url = url
        self._connection: Any = None
        self._connecting = asyncio.Lock()
        self._waiting: set[asyncio.Event] = set()

    @asynccontextmanager
    async def rings(self) -> AsyncIterator[AsyncIterator[None]]:
        """Wake-ups for one who waits: at once, on every notification, and each second without one."""
        woken = asyncio.Event()
        self._waiting.add(woken)
        try:
            yield self._wakes(woken)
        finally:
            self._waiting.discard(woken)

    async def close(self) -> None:
        """Stop listening."""
        if self._connection is not None:
            await self._connection.close()

    async def _wakes(self, woken: asyncio.Event) -> AsyncIterator[None]:
        while True:
            await self._listen()
            yield
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets a ring.
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await woken.wait()
            woken.clear()

    async def _listen(self) -> None:
        """Listen, again if the connection was lost; Unavailable when nobody answers."""
        async with self._connecting:
            if self._connection is None or self._connection.is_closed():
                with reachable():
                    connection = await asyncpg.connect(self._url)
                    await connection.add_listener(CHANNEL, self._ring)
                connection.add_termination_listener(self._ring)
                self._connection = connection

    def _ring(self, *_: Any) -> None:
        for woken in self._waiting:
            woken.set()
