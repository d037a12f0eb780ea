"""One listener a process: rings for everybody who waits when the log has grown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from registry.store.database import reachable

CHANNEL = "log"
IDLE_SECONDS = 1.0


@dataclass(eq=False)
class Sleeper:
    """One who waits. A ring wakes it at once, but no sooner than `pause` seconds after the last time."""

    pause: float
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _woke: float = field(default=float("-inf"), init=False)
    _later: asyncio.TimerHandle | None = field(default=None, init=False)

    def ring(self) -> None:
        """Wake it now, or when its pause is over."""
        if self._later is not None:
            return
        loop = asyncio.get_running_loop()
        soonest = self._woke + self.pause
        if loop.time() >= soonest:
            self._wake()
        else:
            self._later = loop.call_at(soonest, self._wake)

    def leave(self) -> None:
        """Wait no longer."""
        if self._later is not None:
            self._later.cancel()

    def _wake(self) -> None:
        self._later = None
        self._woke = asyncio.get_running_loop().time()
        self.woken.set()


class Bell:
    """Listens on one connection and wakes many; without a notification they wake each second."""

    def __init__(self, url: str) -> None:
        """Listen at `url` once somebody waits."""
        self._url = url
        self._connection: Any = None
        self._listens = False
        self._connecting = asyncio.Lock()
        self._waiting: set[Sleeper] = set()

    @asynccontextmanager
    async def rings(self, pause: float) -> AsyncIterator[AsyncIterator[None]]:
        """Wake-ups for one who waits: at once, on notifications `pause` seconds apart, and each second without one."""
        sleeper = Sleeper(pause)
        self._waiting.add(sleeper)
        try:
            yield self._wakes(sleeper.woken)
        finally:
            self._waiting.discard(sleeper)
            sleeper.leave()

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
            if self._connection is not None and not self._listens:
                await self._connection.close()
            if self._connection is None or self._connection.is_closed():
                self._listens = False
                with reachable():
                    connection = await asyncpg.connect(self._url)
                    self._connection = connection  # kept at once: whoever is cancelled here leaves it to be closed
                    connection.add_termination_listener(self._ring)
                    await connection.add_listener(CHANNEL, self._ring)
                self._listens = True

    def _ring(self, *_: Any) -> None:
        for sleeper in self._waiting:
            sleeper.ring()
