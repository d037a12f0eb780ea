"""A notice must have arrived by the day that the clause gives; the day before is safe however one reads it."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies
from registry.kernel.terms import Deadline, Period, Term, last_day, notice_deadline

DAYS = strategies.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
START = date(2020, 1, 1)


def ending(end: date | None, notice: Period | None) -> Term:
    return Term(START, "on" if end else "unknown", end, notice=notice)


@pytest.mark.parametrize(
    ("end", "notice", "corresponding"),
    [
        (date(2026, 12, 31), Period(months=3), date(2026, 9, 30)),
        (date(2028, 6, 9), Period(months=6), date(2027, 12, 9)),
        (date(2026, 5, 31), Period(months=3), date(2026, 2, 28)),
        (date(2024, 5, 31), Period(months=3), date(2024, 2, 29)),
        (date(2024, 2, 29), Period(years=1), date(2023, 2, 28)),
        (date(2026, 3, 31), Period(days=90), date(2025, 12, 31)),
        (date(2026, 3, 31), Period(), date(2026, 3, 31)),
    ],
)
def test_a_missing_day_falls_on_the_last_of_its_month(end: date, notice: Period, corresponding: date) -> None:
    assert notice_deadline(ending(end, notice)) == Deadline(corresponding, corresponding - timedelta(days=1))


def test_without_a_clause_there_is_no_deadline() -> None:
    assert notice_deadline(ending(date(2026, 12, 31), None)) is None


def test_without_an_end_there_is_no_deadline() -> None:
    assert notice_deadline(ending(None, Period(months=3))) is None


@given(DAYS, strategies.integers(0, 120), strategies.integers(0, 400))
def test_the_safe_day_lies_one_day_before_and_neither_lies_after_the_end(end: date, months: int, days: int) -> None:
    deadline = notice_deadline(ending(end, Period(months=months, days=days)))
    assert deadline is not None
    assert deadline.last_safe == deadline.corresponding - timedelta(days=1)
    assert deadline.corresponding <= end


@given(DAYS, strategies.integers(1, 60))
def test_from_midnight_a_period_never_ends_later_than_otherwise(day: date, months: int) -> None:
    length = Period(months=months)
    assert last_day(day, length, from_midnight=True) <= last_day(day, length, from_midnight=False)


@given(DAYS, strategies.integers(1, 1200))
def test_days_are_counted_one_by_one(day: date, days: int) -> None:
    assert last_day(day, Period(days=days), from_midnight=False) == day + timedelta(days=days)
    assert last_day(day, Period(days=days), from_midnight=True) == day + timedelta(days=days - 1)
