"""Leadership: one process at a time, by a session's advisory lock on a connection of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from registry.store.database import LOST, reachable

# Takes the lock if nobody has it; $1 what is led. Tried and not waited for: a waiting query would hold back vacuum.
TAKE = "select pg_try_advisory_lock(hashtext('moa'), hashtext($1))"
TRY_AGAIN_SECONDS = 1.0
GOODBYE_SECONDS = 2.0


class Leadership:
    """Leads for as long as its connection lives; a killed process, or a restarted database, leads no more."""

    def __init__(self, url: str) -> None:
        """Take locks in the database at `url`."""
        self._url = url

    @asynccontextmanager
    async def of(self, what: str) -> AsyncIterator[Callable[[], bool]]:
        """Wait to be the only leader; inside, ask whether that still holds. Unavailable when nobody answers."""
        with reachable():
            connection = await asyncpg.connect(self._url)
        try:
            with reachable():
                # Tried again by the clock: Postgres tells nobody when a lock becomes free.
                while not await connection.fetchval(TAKE, what):  # noqa: ASYNC110
                    await asyncio.sleep(TRY_AGAIN_SECONDS)
            yield lambda: not connection.is_closed()
        finally:
            try:
                await connection.close(timeout=GOODBYE_SECONDS)
            except LOST:
                connection.terminate()
