"""What held when: the states of one record by day, as they are known after each fact."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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
NOT_BEGUN = (Spell(EVER, None, 0, None),)


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
    pieces = (piece for spell in timeline or NOT_BEGUN for piece in _cut(spell, position, holds))
    known = tuple(_evolved(piece, evolve, first=not timeline) if sure else piece for piece, sure in pieces)
    return tuple(spell for spell in known if spell.state is not None or spell.uncertain)


def at(timeline: Sequence[Spell], day: date) -> Spell | None:
    """The spell that a day lies in; None before the record began."""
    return next((s for s in timeline if s.start <= day and (s.end is None or day < s.end)), None)


def _cut(spell: Spell, position: int, holds: Since) -> Iterator[tuple[Spell, bool]]:
    """The parts of a spell before, during and after the doubtful days, and whether the fact surely holds in them."""
    if spell.end is not None and spell.end <= holds.possible:
        yield spell, False
        return
    if spell.state is None and spell.uncertain and (holds.certain <= spell.start or holds.possible == holds.certain):
        yield spell, False  # a record that had not begun is not changed
        return
    if spell.start < holds.possible:
        yield replace(spell, end=holds.possible, known=position), False
    doubtful = _between(spell, holds.possible, holds.certain)
    if doubtful is not None:
        yield replace(doubtful, known=position, uncertain=(*spell.uncertain, position)), False
    sure = _between(spell, holds.certain, None)
    if sure is not None:
        yield replace(sure, known=position), True


def _between(spell: Spell, start: date, end: date | None) -> Spell | None:
    first = max(spell.start, start)
    last = min((day for day in (spell.end, end) if day is not None), default=None)
    return None if last is not None and last <= first else replace(spell, start=first, end=last)


def _evolved(spell: Spell, evolve: Callable[[Any], Any], *, first: bool) -> Spell:
    return replace(spell, state=evolve(spell.state)) if first or spell.state is not None else spell
