"""What was claimed, sent and reported: SQL for reminders and receipts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from notifier.database import Database, Row
from notifier.explain import Words

Settled = Literal["sent", "failed"]

# Claim a reminder, or claim it again when its claim is older than $15; nothing comes back when
# it is somebody else's or settled. $1–$14 the row.
CLAIM = """
    insert into reminder (key, agreement, cycle, rule, deadline, office, role, number, title, due_on,
        why_ko, why_en, correlation, claimed_at, state)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'claimed')
    on conflict (key) do update set claimed_at = excluded.claimed_at, attempts = reminder.attempts + 1
        where reminder.state = 'claimed' and reminder.claimed_at <= $15
    returning key
"""
# Settle a claimed reminder; $1 key, $2 state, $3 channel, $4 mail, $5 failure, $6 day, $7 instant.
SETTLE = """
    update reminder set state = $2, channel = $3, mail = $4, failure = $5, settled_on = $6, settled_at = $7
    where key = $1 and state = 'claimed'
"""
# Claims that nobody pursues any more: older than $1 and not among the keys $2.
ABANDONED = "select * from reminder where state = 'claimed' and claimed_at <= $1 and not key = any($2::text[])"
# Settled and not reported, the oldest first.
UNREPORTED = """
    select * from reminder where state <> 'claimed' and reported_at is null order by settled_at limit 200
"""
# The report was acknowledged; $1 key, $2 when.
REPORTED = "update reminder set reported_at = $2 where key = $1 and reported_at is null"
# How many reports the stream has acknowledged.
REPORTS = "select count(*) as reports from reminder where reported_at is not null"
# The stream lost reports: all of them are told again.
TELL_AGAIN = "update reminder set reported_at = null where reported_at is not null"
# Settled reminders, the newest first; $1 how many.
NEWEST = "select * from reminder where state <> 'claimed' order by settled_at desc, key limit $1"
# Which of the keys $1 are settled.
SETTLED_KEYS = "select key from reminder where state <> 'claimed' and key = any($1::text[])"
# Figures for the metrics.
FIGURES = """
    select count(*) filter (where state = 'sent') as sent,
        count(*) filter (where state = 'failed') as failed,
        count(*) filter (where state <> 'claimed' and reported_at is null) as unreported,
        min(claimed_at) filter (where state = 'claimed') as oldest_unsent,
        (select count(*) from parked) as parked,
        (select position from checkpoint) as position
    from reminder
"""


@dataclass(frozen=True)
class Claim:
    """A reminder as it is written down before it is sent."""

    key: str
    agreement: UUID
    cycle: int
    rule: str
    deadline: date
    office: str
    role: str
    number: str
    title: str
    due_on: date
    why: Words
    correlation: str | None


@dataclass(frozen=True)
class Fate:
    """What became of a reminder: through which channel, on the day that counted as today, and when."""

    state: Settled
    channel: str
    on: date
    at: datetime
    mail: str | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Entry:
    """A reminder that is settled."""

    claim: Claim
    fate: Fate
    reported_at: datetime | None


@dataclass(frozen=True)
class Figures:
    """How it stands, for the metrics."""

    sent: int
    failed: int
    unreported: int
    oldest_unsent: datetime | None
    parked: int
    position: int


class Store:
    """Reminders and their fates."""

    def __init__(self, database: Database) -> None:
        """Use an open database."""
        self._database = database

    async def claim(self, claim: Claim, *, at: datetime, lease: timedelta) -> bool:
        """Write a reminder down before sending it; False when it is settled or in other hands.

        A claim older than `lease` is taken for dead and may be taken over.
        """
        rows = await self._database.fetch(
            CLAIM,
            claim.key,
            claim.agreement,
            claim.cycle,
            claim.rule,
            claim.deadline,
            claim.office,
            claim.role,
            claim.number,
            claim.title,
            claim.due_on,
            claim.why.ko,
            claim.why.en,
            claim.correlation,
            at,
            at - lease,
        )
        return bool(rows)

    async def settle(self, key: str, fate: Fate) -> None:
        """Record what became of a claimed reminder; a settled one stays as it is."""
        await self._database.execute(SETTLE, key, fate.state, fate.channel, fate.mail, fate.failure, fate.on, fate.at)

    async def abandoned(self, *, before: datetime, pursued: Collection[str]) -> list[Claim]:
        """Dead claims of reminders that are not due any more."""
        rows = await self._database.fetch(ABANDONED, before, list(pursued))
        return [_claim(row) for row in rows]

    async def unreported(self) -> list[Entry]:
        """What the registry has not been told yet."""
        return [_entry(row) for row in await self._database.fetch(UNREPORTED)]

    async def reported(self, key: str, at: datetime) -> None:
        """Record that the report was acknowledged."""
        await self._database.execute(REPORTED, key, at)

    async def reports(self) -> int:
        """How many reports the stream has acknowledged."""
        return int((await self._database.fetch(REPORTS))[0]["reports"])

    async def tell_again(self) -> None:
        """Count every report as not made; a report made twice has the same id."""
        await self._database.execute(TELL_AGAIN)

    async def newest(self, limit: int) -> list[Entry]:
        """Settled reminders, the newest first."""
        return [_entry(row) for row in await self._database.fetch(NEWEST, limit)]

    async def settled(self, keys: Collection[str]) -> set[str]:
        """Which of these are settled."""
        return {str(row["key"]) for row in await self._database.fetch(SETTLED_KEYS, list(keys))}

    async def figures(self) -> Figures:
        """How it stands."""
        return Figures(**dict((await self._database.fetch(FIGURES))[0]))


def _claim(row: Row) -> Claim:
    return Claim(
        key=row["key"],
        agreement=row["agreement"],
        cycle=row["cycle"],
        rule=row["rule"],
        deadline=row["deadline"],
        office=row["office"],
        role=row["role"],
        number=row["number"],
        title=row["title"],
        due_on=row["due_on"],
        why=Words(row["why_ko"], row["why_en"]),
        correlation=row["correlation"],
    )


def _entry(row: Row) -> Entry:
    fate = Fate(row["state"], row["channel"], row["settled_on"], row["settled_at"], row["mail"], row["failure"])
    return Entry(_claim(row), fate, row["reported_at"])
