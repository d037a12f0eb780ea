"""What the notifier knows of the registry, and how far it has read: SQL for the inbox and the schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.agreement import AgreementDraftedV1, TermSetV1
from contracts.values import TermV1
from notifier.database import Connection, Database, Row
from notifier.deadline import notice_deadline
from notifier.schedule import Watched

CHECKPOINT = "select generation, position from checkpoint"
# The checkpoint, held until the transaction ends: one batch is taken at a time, whoever takes it.
HELD_CHECKPOINT = "select generation, position from checkpoint for update"
# Move on from a place; $1 generation, $2 new position, $3 the position that was read before.
ADVANCE = """
    update checkpoint set generation = coalesce($1, generation), position = $2
    where position = $3 and (generation is null or $1::uuid is null or generation = $1)
"""
# Mirror an agreement; $1 id, $2 office, $3 number, $4 title, $5 kind, $6 position.
KEEP_AGREEMENT = """
    insert into agreement (id, office, number, title, kind, position) values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set office = excluded.office, number = excluded.number,
        title = excluded.title, kind = excluded.kind, position = excluded.position
"""
# Mirror a cycle's term; $1 agreement, $2 cycle, $3 term, $4 last safe day, $5 correlation, $6 position.
KEEP_TERM = """
    insert into term (agreement, cycle, term, last_safe, correlation, position) values ($1, $2, $3, $4, $5, $6)
    on conflict (agreement, cycle) do update set term = excluded.term, last_safe = excluded.last_safe,
        correlation = excluded.correlation, position = excluded.position
"""
# Set a message aside; $1 position, $2 generation, $3 subject, $4 why, $5 payload, $6 when.
PARK = """
    insert into parked (position, generation, subject, why, payload, parked_at)
    values ($1, $2, $3, $4, $5, $6) on conflict (generation, position) do nothing
"""
# Forget everything that was mirrored and begin at the log's start; what was sent stays.
FORGET = (
    "delete from agreement",
    "delete from term",
    "delete from parked",
    "update checkpoint set generation = null, position = 0",
)
PARKED = "select position, generation, subject, why, payload, parked_at from parked order by parked_at, position"
CURRENT = """
    select a.id, a.office, a.number, a.title, t.cycle, t.term, t.correlation
    from term t join agreement a on a.id = t.agreement
    where not exists (select from term later where later.agreement = t.agreement and later.cycle > t.cycle)
"""
# The current terms of all agreements.
ALL_TERMS = CURRENT + " order by t.last_safe nulls last, a.office, a.number"
# The current terms whose last safe day lies between $1 and $2.
TERMS_BETWEEN = CURRENT + " and t.last_safe between $1 and $2 order by t.last_safe, a.office, a.number"
# Terms of agreements that were never announced, or whose announcement was parked.
ORPHANS = "select count(*) as orphans from term t where not exists (select from agreement a where a.id = t.agreement)"


@dataclass(frozen=True)
class Checkpoint:
    """The last position that was taken, of which log; no generation until a message has named one."""

    generation: UUID | None
    position: int


@dataclass(frozen=True)
class Parked:
    """A message that was set aside."""

    position: int
    generation: UUID | None
    subject: str
    why: str
    payload: bytes
    parked_at: datetime


class Page:
    """One transaction of the inbox: effects, and the checkpoint that moves with them."""

    def __init__(self, connection: Connection) -> None:
        """Write within this transaction."""
        self._connection = connection

    async def checkpoint(self) -> Checkpoint:
        """The checkpoint, held until the transaction ends."""
        return _checkpoint(await self._connection.fetch(HELD_CHECKPOINT))

    async def advance(self, before: Checkpoint, after: Checkpoint) -> None:
        """Move the checkpoint; RuntimeError when it is not where it was read."""
        if after == before:
            return
        done = await self._connection.execute(ADVANCE, after.generation, after.position, before.position)
        if done != "UPDATE 1":
            raise RuntimeError("the checkpoint moved while it was held")

    async def keep_agreement(self, drafted: AgreementDraftedV1, position: int) -> None:
        """Mirror an agreement; its Korean title where it has one."""
        titles = sorted(drafted.titles, key=lambda title: not title.lang.startswith("ko"))
        title = titles[0].text if titles else drafted.number
        await self._connection.execute(
            KEEP_AGREEMENT,
            drafted.agreement,
            drafted.office,
            f"{drafted.year}-{drafted.number}",
            title,
            drafted.kind,
            position,
        )

    async def keep_term(self, announced: TermSetV1, correlation: str | None, position: int) -> None:
        """Mirror the term of a cycle; the latest one counts."""
        deadline = notice_deadline(announced.term)
        await self._connection.execute(
            KEEP_TERM,
            announced.agreement,
            announced.cycle,
            announced.term.model_dump_json(),
            deadline.last_safe if deadline else None,
            correlation,
            position,
        )

    async def park(self, message: Parked) -> None:
        """Set a message aside, once."""
        await self._connection.execute(
            PARK, message.position, message.generation, message.subject, message.why, message.payload, message.parked_at
        )


class Mirror:
    """Questions about what was mirrored."""

    def __init__(self, database: Database) -> None:
        """Use an open database."""
        self.database = database

    async def checkpoint(self) -> Checkpoint:
        """How far the inbox has read."""
        return _checkpoint(await self.database.fetch(CHECKPOINT))

    async def all_terms(self) -> list[Watched]:
        """The current cycle of every agreement, the nearest deadline first."""
        return [_watched(row) for row in await self.database.fetch(ALL_TERMS)]

    async def terms_between(self, first: date, last: date) -> list[Watched]:
        """The current cycles whose last safe day lies between two days."""
        return [_watched(row) for row in await self.database.fetch(TERMS_BETWEEN, first, last)]

    async def parked(self) -> list[Parked]:
        """What was set aside, the oldest first."""
        return [Parked(**dict(row)) for row in await self.database.fetch(PARKED)]

    async def forget(self) -> None:
        """Forget everything that was mirrored; the log is then read from its start. Reminders stay."""
        async with self.database.transaction() as connection:
            await connection.fetch(HELD_CHECKPOINT)
            for statement in FORGET:
                await connection.execute(statement)

    async def orphans(self) -> int:
        """How many terms belong to agreements that nobody announced."""
        return int((await self.database.fetch(ORPHANS))[0]["orphans"])


def _checkpoint(rows: Sequence[Row]) -> Checkpoint:
    return Checkpoint(rows[0]["generation"], rows[0]["position"])


def _watched(row: Row) -> Watched:
    return Watched(
        agreement=row["id"],
        office=row["office"],
        number=row["number"],
        title=row["title"],
        cycle=row["cycle"],
        term=TermV1.model_validate(row["term"]),
        correlation=row["correlation"],
    )
