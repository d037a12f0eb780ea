"""What held on a day, by what was known at a position, is the fold of the facts of that day that were known by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registry.bootstrap import VIEWS
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact, Recorded
from registry.kernel.timeline import EVER, Holding, Since, Spell, Timeline, after, at, since
from registry.kernel.views import View
from registry.projector.folding import Folding, HistoryRow
from registry.store.mapper import canonical

from tests.spec.examples import BARE, FULL, called
from tests.spec.scenario import Told, recorded

RECORD = UUID(int=7)
NEW_YEARS_EVE = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)  # 2026-01-01 in Seoul
DAYS = st.dates(date(2020, 1, 1), date(2020, 1, 12))
SPANS = st.one_of(
    st.just(Since(EVER, EVER)),
    DAYS.map(lambda day: Since(day, day)),
    DAYS.map(lambda day: Since(EVER, day)),
    st.tuples(DAYS, DAYS).map(lambda days: Since(min(days), max(days))),
)
Known = tuple[tuple[int, ...] | None, tuple[int, ...]]


def told(spans: Sequence[Since]) -> list[Timeline]:
    """What is known after each of these facts, whose states are the positions of the facts that hold."""
    known: list[Timeline] = [()]
    for position, holds in enumerate(spans, start=1):
        known.append(after(known[-1], position, holds, lambda state, p=position: (*(state or ()), p)))  # type: ignore[misc]
    return known


def by_the_book(spans: Sequence[Since], day: date) -> Known | None:
    """The same, from the facts themselves: those that hold on the day, in the log's order."""
    if not spans or day < spans[0].possible:
        return None
    certain = tuple(p for p, holds in enumerate(spans, start=1) if holds.certain <= day)
    doubtful = tuple(p for p, holds in enumerate(spans, start=1) if holds.possible <= day < holds.certain)
    return (certain if 1 in certain else None), doubtful


def days_around(spans: Sequence[Since]) -> list[date]:
    edges = {day for holds in spans for day in (holds.possible, holds.certain)} | {date(2020, 1, 1)}
    return sorted({*edges, *(day - timedelta(1) for day in edges if day > EVER), date.max})


@settings(max_examples=300, deadline=None)
@given(st.lists(SPANS, max_size=7))
def test_whatever_comes_late_or_out_of_order_each_day_shows_the_facts_that_hold_on_it(spans: list[Since]) -> None:
    for position, timeline in enumerate(told(spans)):
        for day in days_around(spans):
            found = at(timeline, day)
            assert (None if found is None else (found.state, found.uncertain)) == by_the_book(spans[:position], day)


@settings(max_examples=300, deadline=None)
@given(st.lists(SPANS, max_size=7))
def test_what_is_known_of_a_record_covers_its_days_from_the_first_for_good_without_gap_or_overlap(
    spans: list[Since],
) -> None:
    for timeline in told(spans)[1:]:
        assert timeline[0].start == spans[0].possible
        assert [spell.end for spell in timeline] == [*(spell.start for spell in timeline[1:]), None]


@dataclass(frozen=True)
class Noted(Fact):
    """A fact of a made-up record."""

    on: FuzzyDate | None = None

    @property
    def holds(self) -> Holding:
        return self.on or "undated"


def noted(position: int, holding: FuzzyDate | None) -> Recorded:
    at_ = NEW_YEARS_EVE + timedelta(days=position)
    fact = Noted(originator_id=RECORD, originator_version=position, timestamp=at_, on=holding)
    return Recorded(position, fact, at_, "staff:0", "busanjin", RECORD, RECORD)


NOTES = View("noted", 1, tuple, lambda state, recorded: (*(state or ()), recorded.position), "")
STATED = st.sampled_from([None, *map(FuzzyDate, ("2020", "2020-05", "2020-05-05", "2020?", "XXXX-05-05", "../2019"))])


def rows_of(facts: Sequence[Recorded], batch: int) -> list[HistoryRow]:
    """The rows that are written when these facts are folded so many at a time."""
    written: list[HistoryRow] = []
    kept: dict[UUID, Timeline] = {}
    for start in range(0, len(facts), batch):
        folding = Folding(NOTES, canonical, kept)
        for each in facts[start : start + batch]:
            folding.take(each)
        for record, spell, until in folding.closed:
            [row] = [row for row in written if row[2] == f"[{spell.known},)" and row[1].startswith(_from(spell))]
            written.remove(row)
            written.append((record, row[1], f"[{spell.known},{until})", *row[3:]))
        written += folding.history()
        kept |= folding.timelines
    return written


def _from(spell: Spell) -> str:
    return "[," if spell.start == EVER else f"[{spell.start},"


@settings(max_examples=100, deadline=None)
@given(st.lists(STATED, max_size=6), st.integers(1, 6))
def test_the_rows_are_the_same_however_many_facts_are_folded_at_once(
    stated: list[FuzzyDate | None], batch: int
) -> None:
    facts = [noted(position, holding) for position, holding in enumerate(stated, start=1)]
    assert sorted(rows_of(facts, batch), key=str) == sorted(rows_of(facts, 1), key=str)


@settings(max_examples=100, deadline=None)
@given(st.lists(STATED, min_size=1, max_size=6))
def test_at_every_position_exactly_one_row_is_known_for_a_day(stated: list[FuzzyDate | None]) -> None:
    facts = [noted(position, holding) for position, holding in enumerate(stated, start=1)]
    rows = rows_of(facts, len(facts))
    begun = since(facts[0].fact.holds, facts[0].recorded_at).possible
    spans = [since(each.fact.holds, each.recorded_at) for each in facts]
    for position in range(1, len(facts) + 1):
        for day in days_around(spans):
            known = [row for row in rows if _within(row[2], position, int) and _within(row[1], day, date.fromisoformat)]
            assert len(known) == (1 if day >= begun else 0), (position, day, rows)


def _within(span: str, value: object, read: object) -> bool:
    start, _, end = span[1:-1].partition(",")
    return (not start or read(start) <= value) and (not end or value < read(end))  # type: ignore[operator]


def test_a_fact_may_hold_from_the_first_day_that_its_source_can_mean_and_does_from_the_last() -> None:
    assert since(FuzzyDate("2019-02"), NEW_YEARS_EVE) == Since(date(2019, 2, 1), date(2019, 2, 28))
    assert since(FuzzyDate("2019-02-18/2019-02-20"), NEW_YEARS_EVE) == Since(date(2019, 2, 18), date(2019, 2, 20))
    assert since(FuzzyDate("../2019"), NEW_YEARS_EVE) == Since(EVER, date(2019, 12, 31))
    assert since(date(2019, 2, 1), NEW_YEARS_EVE) == Since(date(2019, 2, 1), date(2019, 2, 1))


@pytest.mark.parametrize("holding", [FuzzyDate("XXXX-10-12"), FuzzyDate("2020~"), FuzzyDate("2020-02-05?"), "undated"])
def test_a_fact_of_no_certain_year_surely_holds_from_the_day_in_seoul_on_which_it_was_recorded(
    holding: Holding,
) -> None:
    assert since(holding, NEW_YEARS_EVE) == Since(EVER, date(2026, 1, 1))


def test_what_began_and_may_go_on_holds_for_certain_from_the_day_it_was_recorded() -> None:
    assert since(FuzzyDate("2019-02/.."), NEW_YEARS_EVE) == Since(date(2019, 2, 1), date(2026, 1, 1))
    assert since(FuzzyDate("2027/.."), NEW_YEARS_EVE) == Since(date(2027, 1, 1), date(2027, 1, 1))


# What tells of the record and not of a day in the world, though it may name one.
OF_THE_RECORD = {
    "organisation.registered",
    "organisation.alias-stated",
    "agreement.drafted",
    "delegation.registered",
    "delegation.stop-planned",
    "delegation.follow-up-promised",
    "renewal.case-opened",
    "renewal.notice-deadline-set",
}


@pytest.mark.parametrize("told", [*FULL, *BARE], ids=called)
def test_a_fact_holds_on_every_day_from_its_own_or_reads_undated(told: Told) -> None:
    fact = told.numbered(1)
    if told.kind.topic in OF_THE_RECORD:
        assert fact.holds == "every day"
    else:
        assert fact.holds == (fact.effective or "undated")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_can_show_the_days_on_which_only_some_of_the_facts_hold(view: View) -> None:
    first, *others = [told.numbered(1) for told in FULL if view.concerns(told.kind.topic)]
    begun = view.evolve(None, recorded(first, 1))
    assert all(view.evolve(begun, recorded(other, 2)) is not None for other in others)
