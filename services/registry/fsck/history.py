"""A view's history beside the facts folded anew: what held on which days, known from and until which position."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple
from uuid import UUID

from registry.fsck.findings import Differs
from registry.kernel.facts import Recorded
from registry.kernel.ports import Row, Rows
from registry.kernel.timeline import EVER, Spell, Timeline
from registry.kernel.views import View

# What is kept of some records; $1 their ids.
KEPT = """
    select id, lower(effective) as start, upper(effective) as stop, lower(known) as known, upper(known) as until,
           state, uncertain
    from {history} where id = any($1::uuid[])
"""
HOW_MANY = "select count(*) as rows from {history}"


class Held(NamedTuple):
    """One row: a state as JSON, the days on which it held, and from and until which position that was known."""

    start: date | None
    stop: date | None
    known: int
    until: int | None
    state: str | None
    uncertain: tuple[int, ...]


@dataclass
class Told:
    """What the facts of one record tell, fact by fact."""

    record: UUID
    timeline: Timeline = ()
    past: list[tuple[Spell, int]] = field(default_factory=list)

    def take(self, recorded: Recorded, view: View) -> None:
        """Fold one more fact: what it changes was known until its position."""
        now = view.fold(self.timeline, recorded)
        self.past += [(spell, recorded.position) for spell in self.timeline if not any(spell is each for each in now)]
        self.timeline = now

    def rows(self, canonical: Callable[[Any], str]) -> Counter[Held]:
        """Every row that there must be."""
        known = [*self.past, *((spell, None) for spell in self.timeline)]
        return Counter(_held(spell, until, canonical) for spell, until in known)


@dataclass
class HistoryCheck:
    """Compares record after record and keeps the first difference."""

    view: View
    canonical: Callable[[Any], str]
    rows: int = 0
    first: str | None = None

    async def compare(self, finished: Sequence[Told], rows: Rows) -> None:
        """Compare some records with what is kept of them."""
        kept: dict[UUID, list[Held]] = {each.record: [] for each in finished}
        for row in await rows.fetch(KEPT.format(history=self.view.history), list(kept)):
            kept[row["id"]].append(self._row(row))
        for each in finished:
            found, expected = kept[each.record], each.rows(self.canonical)
            self.rows += len(found)
            if self.first is None:
                self.first = _difference(each.record, found, expected)

    async def conclude(self, rows: Rows) -> str:
        """What was found; Differs with the first difference."""
        if self.first is not None:
            raise Differs(self.first)
        kept = (await rows.fetch(HOW_MANY.format(history=self.view.history)))[0]["rows"]
        if kept != self.rows:
            raise Differs(f"{kept - self.rows} rows of its history belong to no record of the log")
        return f"{self.rows} rows of history equal the log, none overlaps another"

    def _row(self, row: Row) -> Held:
        state = None if row["state"] is None else self.canonical(row["state"])
        return Held(row["start"], row["stop"], row["known"], row["until"], state, tuple(row["uncertain"]))


def _held(spell: Spell, until: int | None, canonical: Callable[[Any], str]) -> Held:
    start = None if spell.start == EVER else spell.start
    state = None if spell.state is None else canonical(spell.state)
    return Held(start, spell.end, spell.known, until, state, spell.uncertain)


def _difference(record: UUID, found: list[Held], expected: Counter[Held]) -> str | None:
    if Counter(found) == expected:
        return None
    for one, other in combinations(sorted(found, key=lambda held: held.known), 2):
        if _overlap(one, other):
            return f"record {record}: two rows of its history overlap, known from position {other.known} on"
    odd: Iterable[Held] = ((Counter(found) - expected) + (expected - Counter(found))).elements()
    return f"record {record}: its history differs from position {min(held.known for held in odd)} on"


def _overlap(one: Held, other: Held) -> bool:
    """Do both say something of the same day, known at the same position?"""
    days = (one.start or date.min) < (other.stop or date.max) and (other.start or date.min) < (one.stop or date.max)
    return days and (one.until is None or other.known < one.until) and (other.until is None or one.known < other.until)
