"""How the relay stands, for people: leader, generations, lag, and whether stream and log agree."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import nats

from registry.follower import standings
from registry.house import RelayStatus
from registry.kernel.ports import Database, Generation, Log
from registry.relay.comparison import Disagreement, LogStanding, Standing, compare_extent, outlived
from registry.relay.lead import compare_last, log_stands
from registry.relay.relay import NAME
from registry.relay.stream import Stream

CONNECT_SECONDS = 3
# Does a relay lead, in any process? See store/leadership.py for the lock.
LEADS = """
    select exists (
        select from pg_locks
        where locktype = 'advisory' and objsubid = 2 and granted
            and database = (select oid from pg_database where datname = current_database())
            and classid = (hashtext('moa')::bigint & 4294967295)::oid
            and objid = (hashtext('relay')::bigint & 4294967295)::oid
    ) as leads
"""


@dataclass(frozen=True)
class RelayDesk:
    """Questions about the relay, and the operator's act. `begin` starts a generation of the log."""

    log: Log
    database: Database
    nats_url: str
    begin: Callable[[str], Awaitable[Generation]]

    async def status(self) -> RelayStatus:
        """How it stands now, whether a relay runs or not."""
        log = await log_stands(self.database)
        known = {part.name: part for part in await standings(self.database)}
        part = known.get(NAME)
        status = RelayStatus(
            head=log.head,
            generation=log.generation,
            number=log.generations.index(log.generation) + 1,
            leads=bool((await self.database.fetch(LEADS))[0]["leads"]),
            stopped=part.stopped if part else None,
            failing=part.failing if part else None,
        )
        try:
            async with connected(self.nats_url) as stream:
                return await self._beside(stream, status)
        except (nats.errors.Error, OSError, TimeoutError) as lost:
            return replace(status, unreachable=type(lost).__name__)

    async def new_generation(self, because: str) -> Generation:
        """Begin the next generation; a running relay then makes the stream anew."""
        return await self.begin(because)

    async def _beside(self, stream: Stream, status: RelayStatus) -> RelayStatus:
        """The same, with what the stream says."""
        found = await stream.standing()
        if found is None:
            return replace(status, difference="there is no stream: a running relay makes it and fills it")
        log = await log_stands(self.database)
        return replace(
            status,
            head=log.head,
            last=found.last,
            stream_generation=found.generation,
            difference=await self._difference(stream, found, log),
        )

    async def _difference(self, stream: Stream, found: Standing, log: LogStanding) -> str | None:
        if outlived(found, log):
            return f"the stream is of generation {found.generation}, which has ended: a running relay makes it anew"
        try:
            compare_extent(found, log)
            await compare_last(self.log, stream, found.last, log.generation)
        except Disagreement as different:
            return str(different)
        return None


@asynccontextmanager
async def connected(nats_url: str) -> AsyncIterator[Stream]:
    """The stream on a connection of its own; nats.errors.Error, OSError or TimeoutError when nobody answers."""
    async with asyncio.timeout(CONNECT_SECONDS):
        client = await nats.connect(nats_url, allow_reconnect=False, connect_timeout=CONNECT_SECONDS, error_cb=_quietly)
    try:
        yield Stream(client)
    finally:
        await client.close()


async def _quietly(_: Exception) -> None:
    """Whoever asked meets the error too."""
