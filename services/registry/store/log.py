"""The event log: append, look up, follow."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from uuid import UUID

from registry.kernel.facts import Entry, Recorded
from registry.kernel.ports import Act, Clock, Receipt, Shelf, Snapshot, Stretch
from registry.store.appender import Appender
from registry.store.bell import Bell
from registry.store.database import Database
from registry.store.mapper import entries, read
from registry.store.reading import COLUMNS, bounded, shelf, stretch
from registry.store.refusals import key_reused

# The whole history of one record; $1 its id.
HISTORY = f"select {COLUMNS} from event where stream = $1 order by version"  # noqa: S608 (constant)
# A record's snapshot as row 0, if it is of the format $2 and of a version that the log has, and every fact
# after it; $1 the record.
RECOLLECT = f"""
    with kept as (
        select s.version, s.state from snapshot s
        where s.stream = $1 and s.format = $2
          and exists (select from event e where e.stream = s.stream and e.version = s.version)
    )
    select 0::bigint as position, $1::uuid as stream, version, '' as topic, state, null::json as metadata,
           null::timestamptz as recorded_at
    from kept
    union all
    select {COLUMNS} from event where stream = $1 and version > coalesce((select version from kept), 0)
    order by version
"""  # noqa: S608 (constant)
# Keeps a snapshot, unless there is a later one that the log knows of; $1 record, $2 version, $3 format, $4 state.
REMEMBER = """
    insert into snapshot (stream, version, format, state) values ($1, $2, $3, $4)
    on conflict (stream) do update set version = excluded.version, format = excluded.format, state = excluded.state
    where snapshot.format <> excluded.format or snapshot.version <= excluded.version
       or not exists (select from event e where e.stream = snapshot.stream and e.version = snapshot.version)
    returning version
"""
# What comes after a position, in log order; $1 the position, $2 how many.
AFTER = f"select {COLUMNS} from event where position > $1 order by position limit $2"  # noqa: S608 (constant)
# Several of the relay's largest batches, and no more, are read at once.
RELAYED_BYTES = 16 * 1_048_576
# The same up to so many bytes, with what need not become an object as text.
ENTRIES = f"""
    select position, stream::text as record, version, topic, state::text, metadata::text, recorded_at
    from ({bounded(AFTER, RELAYED_BYTES)}) entry order by position
"""  # noqa: S608 (constant)
# The answer that a command got; $1 actor, $2 command id.
ANSWERED = "select request_hash, target, version, position from command where actor = $1 and id = $2"
# The topic of a record's first fact; $1 its id.
FIRST = "select topic from event where stream = $1 and version = 1"
HEAD = "select position, generation from log_head"
PAUSE_SECONDS = 1.0


class EventLog:
    """The log on Postgres. One instance a process; `start` before the first append."""

    def __init__(self, database: Database, *, writes: Database | None = None, clock: Clock | None = None) -> None:
        """Use an open database; `writes` is one for appends alone, which then do not wait behind long questions.

        Facts are stamped by the database's clock unless one is given.
        """
        self._database = database
        self._appender = Appender(writes or database, clock)
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

    async def recollect(self, record: UUID, format_: str) -> tuple[Snapshot | None, Sequence[Recorded]]:
        """A record's snapshot in this format, if there is one, and the facts that came after it."""
        rows = list(await self._database.fetch(RECOLLECT, record, format_))
        kept = rows.pop(0) if rows and rows[0]["position"] == 0 else None
        return None if kept is None else Snapshot(kept["version"], kept["state"]), [read(row) for row in rows]

    async def remember(self, record: UUID, format_: str, snapshot: Snapshot) -> None:
        """Keep a snapshot of a record; an older one, or one of another format, gives way."""
        await self._database.fetch(REMEMBER, record, snapshot.version, format_, snapshot.state)

    async def after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Up to `limit` facts in log order that come after `position`."""
        return [read(row) for row in await self._database.fetch(AFTER, position, limit)]

    async def entries(self, position: int, limit: int) -> Sequence[Entry]:
        """The same or fewer, not read yet, up to one that does not even say whose it is; Unreadable if the first."""
        return entries(await self._database.fetch(ENTRIES, position, limit))

    async def stretch(self, position: int, limit: int, slices: Sequence[str] | None = None) -> Stretch:
        """The facts of some slices (None: of all) among the `limit` positions that follow `position`, or fewer."""
        return await stretch(self._database, position, limit, slices)

    async def shelf(self, record: str, through: int, last: tuple[UUID, int] | None, limit: int) -> Shelf:
        """The facts of one slice up to position `through`, in order of record and version, from after `last`."""
        return await shelf(self._database, record, through, last, limit)

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

    def moved(self, pause: float = 0.0) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Wake-ups: at once, on notifications at least `pause` seconds apart, and each second without one."""
        return self._bell.rings(pause)
