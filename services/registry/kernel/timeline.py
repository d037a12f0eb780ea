"""What held when: the states of one record by day, as they are known after each fact."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from registry.kernel.dates import FuzzyDate

Holding = date | FuzzyDate | Literal["every day", "undated"]
# The first day that there is: a spell from here on has no beginning.
EVER = date.min
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True, slots=True)
class Since:
    """A fact may hold from the day `possible` on, and does from the day `certain` on."""

    possible: date
    certain: date


@dataclass(frozen=True, slots=True)
class Spell:
    """The days from `start` to before `end` (None: for good) over which one state held, known from a position on.

    `state` is None where it is not certain that the record had begun. `uncertain` are the positions of facts
    that may hold on these days, but not for certain: the state is the one without them.
    """

    start: date
    end: date | None
    known: int
    state: Any
    uncertain: tuple[int, ...] = ()


Timeline = tuple[Spell, ...]
# All days of a record of which nothing is known.
NOT_BEGUN = Spell(EVER, None, 0, None)


def since(holding: Holding, recorded_at: datetime) -> Since:
    """From which days on a fact holds, perhaps and for certain.

    A day known to the day is both. A month, a year or a range holds for certain from its latest day on. A day that
    is not stated, has no year or is doubted by its source has surely come when it was recorded (Asia/Seoul).
    """
    if holding == "every day":
        return Since(EVER, EVER)
    if isinstance(holding, date):
        return Since(holding, holding)
    recorded_on = recorded_at.astimezone(SEOUL).date()
    if isinstance(holding, str) or holding.doubted:
        return Since(EVER, recorded_on)
    possible = holding.earliest or EVER
    return Since(possible, holding.latest or max(possible, recorded_on))


def after(timeline: Timeline, position: int, holds: Since, evolve: Callable[[Any], Any]) -> Timeline:
    """The timeline once the fact at `position` is known.

    Spells that it does not touch are the same objects as before; all others are known from `position` on. Where the
    record had not begun, only its first fact (an empty timeline) gives a state.
    """
    if timeline and holds.certain <= timeline[0].start:  # most facts: they hold on every day that there is
        return tuple(
            spell
            if spell.state is None
            else Spell(spell.start, spell.end, position, evolve(spell.state), spell.uncertain)
            for spell in timeline
        )
    pieces = (piece for spell in timeline or (NOT_BEGUN,) for piece in _cut(spell, position, holds, evolve))
    return tuple(piece for piece in pieces if piece.state is not None or piece.uncertain)


def at(timeline: Timeline, day: date) -> Spell | None:
    """The spell that a day lies in; None before the record began."""
    return next((spell for spell in timeline if spell.start <= day and (spell.end is None or day < spell.end)), None)


def _cut(spell: Spell, position: int, holds: Since, evolve: Callable[[Any], Any]) -> Iterator[Spell]:
    """What becomes of a spell: the days before the fact, those on which it may hold, and those on which it does."""
    begun = spell is NOT_BEGUN or spell.state is not None
    doubtful = _between(spell, holds.possible, holds.certain)
    sure = _between(spell, holds.certain, None)
    if doubtful is None and (sure is None or not begun):
        yield spell
        return
    before = _between(spell, EVER, holds.possible)
    if before is not None:
        yield Spell(*before, position, spell.state, spell.uncertain)
    if doubtful is not None:
        yield Spell(*doubtful, position, spell.state, (*spell.uncertain, position))
    if sure is not None:
        yield Spell(*sure, position, evolve(spell.state) if begun else None, spell.uncertain)


def _between(spell: Spell, start: date, end: date | None) -> tuple[date, date | None] | None:
    """The days of a spell that lie from `start` to before `end`; None when there are none."""
    first = max(spell.start, start)
    last = spell.end if end is None else end if spell.end is None else min(spell.end, end)
    return None if last is not None and last <= first else (first, last)
