"""Gathers the evidence once everything is level: the log's rows, the stream's messages, the views and their refold."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import nats
from nats.js.errors import NotFoundError
from registry.bootstrap import VIEWS
from registry.kernel.facts import Recorded
from registry.store.mapper import read

from contracts.subjects import REGISTRY_STREAM
from tests.faults import refold
from tests.faults.stack import Stack
from tests.faults.subscriber import Subscriber
from tests.faults.verdict import Evidence, StoredCommand, StoredFact
from tests.faults.witness import Message

HEAD = "select position, generation from log_head"
FACTS = """
    select position, stream, version, topic, state::text as state, metadata::text as metadata, recorded_at
    from event order by position
"""
COMMANDS = "select actor, id, target, version, position from command"
# How far whoever keeps a place in the log has come.
PLACES = "select name, position, stopped, failing from follower order by name"
FOLLOWERS = {*(view.table for view in VIEWS), "process.renewals"}
READS_WITHIN = 60.0


@dataclass(frozen=True)
class Standing:
    """How far everything has come: the log, the stream, and each follower of the log."""

    head: int
    stream: int
    followers: dict[str, int]
    troubles: tuple[str, ...]

    @property
    def level(self) -> bool:
        """Has everything come as far as the log, and does nothing stand still or fail?"""
        reached = {self.head, self.stream, *self.followers.values()}
        return len(reached) == 1 and self.followers.keys() == FOLLOWERS and not self.troubles

    def has_passed(self, position: int) -> bool:
        """Has everything come as far as `position`?"""
        return min(self.stream, *self.followers.values()) >= position


async def standing(stack: Stack) -> Standing:
    """Ask the log's database, then the stream."""
    connection = await asyncpg.connect(stack.superuser_url)
    try:
        head = await connection.fetchval("select position from log_head")
        places = [row for row in await connection.fetch(PLACES)]
    finally:
        await connection.close()
    followers = {row["name"]: row["position"] for row in places if row["name"] in FOLLOWERS}
    troubles = [f"{row['name']}: {row['stopped'] or row['failing']}" for row in places if row[2] or row[3]]
    return Standing(head, await _last_sequence(stack), followers, tuple(troubles))


async def gather(stack: Stack) -> Evidence:
    """Everything that the verdict compares."""
    connection = await asyncpg.connect(stack.superuser_url)
    try:
        (head,) = await connection.fetch(HEAD)
        rows = await connection.fetch(FACTS)
        commands = await connection.fetch(COMMANDS)
        shown = {view.table: await connection.fetch(refold.SHOWN.format(table=view.table)) for view in VIEWS}
        spells = {view.history: await connection.fetch(refold.SPELLS.format(table=view.history)) for view in VIEWS}
    finally:
        await connection.close()
    facts = [read(row) for row in rows]
    return Evidence(
        generation=UUID(str(head["generation"])),
        head=head["position"],
        facts=[_fact(recorded) for recorded in facts],
        commands=[StoredCommand(row[0], UUID(str(row[1])), UUID(str(row[2])), row[3], row[4]) for row in commands],
        messages=await _messages(stack),
        views={
            **{table: {UUID(str(row[0])): refold.plain(row[1]) for row in rows} for table, rows in shown.items()},
            **{table: refold.by_record(rows) for table, rows in spells.items()},
        },
        refolded={
            **{view.table: refold.states(view, facts) for view in VIEWS},
            **{view.history: refold.histories(view, facts) for view in VIEWS},
        },
    )


def _fact(recorded: Recorded) -> StoredFact:
    return StoredFact(
        recorded.position,
        UUID(str(recorded.stream)),
        recorded.version,
        recorded.fact.topic,
        recorded.actor,
        recorded.command,
    )


async def _last_sequence(stack: Stack) -> int:
    client = await nats.connect(stack.nats.url("registry"), connect_timeout=2)
    try:
        return int((await client.jetstream().stream_info(REGISTRY_STREAM)).state.last_seq)
    except NotFoundError:
        return 0
    finally:
        await client.close()


async def _messages(stack: Stack) -> list[Message]:
    """The whole stream, read anew from its first message."""
    reader = Subscriber(stack.nats.url("registry"), [], last=await _last_sequence(stack))
    try:
        await asyncio.wait_for(asyncio.to_thread(reader.run), READS_WITHIN)
    finally:
        reader.over.set()
    return reader.received
