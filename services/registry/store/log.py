"""The event log: append, look up, follow."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.ports import Act, Clock, Receipt
from registry.store.appender import Appender, key_reused
from registry.store.bell import Bell
from registry.store.database import Database
from registry.store.mapper import read

COLUMNS = "position, stream, version, topic, state, metadata, recorded_at"
# The whole history of one record; $1 its id.
HISTORY = f"select {COLUMNS} from event where stream = $1 order by version"  # noqa: S608 (constant)
# What comes after a position, in log order; $1 the position, $2 how many.
AFTER = f"select {COLUMNS} from event where position > $1 order by position limit $2"  # noqa: S608 (constant)
# The answer that a command got; $1 actor, $2 command id.
ANSWERED = "select request_hash, target, version, position from command where actor = $1 and id = $2"
# The topic of a record's first fact; $1 its id.
FIRST = "select topic from event where stream = $1 and version = 1"
HEAD = "select position, generation from log_head"
PAUSE_SECONDS = 1.0


class EventLog:
    """The log on Postgres. One instance a process; `start` before the first append."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Use an open database."""
        self._database = database
        self._appender = Appender(database, clock)
        self._bell = Bell(database.url)

    def start(self) -> None:
        """Begin to take acts."""
        self._appender.start()

    async def stop(self) -> None:
        """Finish the acts that wait."""
        await self._appender.stop()
        await self._bell.close()

    async def append(self, act: Act) -> Receipt:
        """Record an act in one round trip; Conflict, KeyReused, Invalid or Unavailable otherwise."""
        return await self._appender.append(act)

    async def answered(self, actor: str, command: UUID, request_hash: bytes) -> Receipt | None:
        """The answer that this command got before, if it did; KeyReused if it was another request."""
        found = await self._database.fetch(ANSWERED, actor, command)
        if not found:
            return None
        seen = found[0]
        if seen["request_hash"] != request_hash:
            raise key_reused()
        return Receipt(seen["target"], seen["version"], seen["position"], repeated=True)

    async def kind(self, record: UUID) -> str | None:
        """The slice that a record belongs to; None when there is no such record."""
        found = await self._database.fetch(FIRST, record)
        return str(found[0]["topic"]).partition(".")[0] if found else None

    async def history(self, record: UUID) -> Sequence[Recorded]:
        """All facts of one record in order; empty when there is none."""
        return [read(row) for row in await self._database.fetch(HISTORY, record)]

    async def after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` facts in log order that come after `position`."""
        return [read(row) for row in await self._database.fetch(AFTER, position, limit)]

    async def head(self) -> int:
        """The position of the last fact; 0 when there is none."""
        return int((await self._database.fetch(HEAD))[0]["position"])

    async def generation(self) -> UUID:
        """Which log this is."""
        found: UUID = (await self._database.fetch(HEAD))[0]["generation"]
        return found

    async def pause(self) -> None:
        """Wait a moment before trying a lost database again."""
        await asyncio.sleep(PAUSE_SECONDS)

    def moved(self) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Wake-ups: at once, on every notification, and each second without one."""
        return self._bell.rings()
