"""One listener a process: rings for everybody who waits when the log has grown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from registry.store.database import reachable

CHANNEL = "log"
IDLE_SECONDS = 1.0
# A log that grows all the time wakes those who follow it so often and no oftener; after a pause it wakes them at once.
# Waking them for every commit would cost more than the commits do.
SHORTEST_SECONDS = 0.02


class Bell:
    """Listens on one connection and wakes many; without a notification they wake each second."""

    def __init__(self, url: str) -> None:
        """Listen at `url` once somebody waits."""
        self._url = url
        self._connection: Any = None
        self._connecting = asyncio.Lock()
        self._waiting: set[asyncio.Event] = set()
        self._rang = float("-inf")
        self._later: asyncio.TimerHandle | None = None

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
        if self._later is not None:
            self._later.cancel()
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
        loop = asyncio.get_running_loop()
        soonest = self._rang + SHORTEST_SECONDS
        if loop.time() >= soonest:
            self._wake()
        elif self._later is None:
            self._later = loop.call_at(soonest, self._wake)

    def _wake(self) -> None:
        self._later = None
        self._rang = asyncio.get_running_loop().time()
        for woken in self._waiting:
            woken.set()
