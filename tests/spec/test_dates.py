"""A date is kept as its source states it; a question about it is answered yes, no or uncertain, never by a guess."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies
from registry.kernel.dates import FuzzyDate

DAYS = strategies.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 30))


@pytest.mark.parametrize(
    ("stated", "earliest", "latest"),
    [
        ("2025-06-09", date(2025, 6, 9), date(2025, 6, 9)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("201X", date(2010, 1, 1), date(2019, 12, 31)),
        ("2020-1X", date(2020, 10, 1), date(2020, 12, 31)),
        ("2019-02-18/2019-02-20", date(2019, 2, 18), date(2019, 2, 20)),
        ("2019-12/2020-01-17", date(2019, 12, 1), date(2020, 1, 17)),
        ("XXXX-10-12", None, None),
        ("XXXX-10-12/XXXX-10-16", None, None),
        ("2018/..", date(2018, 1, 1), None),
        ("../2018", None, date(2018, 12, 31)),
        ("2025-10?", date(2025, 10, 1), date(2025, 10, 31)),
    ],
)
def test_it_can_mean_the_days_from_earliest_to_latest(stated: str, earliest: date | None, latest: date | None) -> None:
    when = FuzzyDate(stated)
    assert (when.earliest, when.latest, str(when)) == (earliest, latest, stated)


@pytest.mark.parametrize(
    "stated",
    [
        "",
        "soon",
        "2025-13",
        "2025-02-30",
        "2023-02-29",
        "XXXX-02-30",
        "2019-02-3X/2019-03",
        "0000",
        "2025-6-9",
        "20250609",
        "2025/2024",
        "/",
        "../..",
        "2020/2021/2022",
        "2025-21",
        "[2025,2026]",
        "2025-06-09\n",
        "2025\n/2026",
        "２０２５",
    ],
)
def test_what_no_calendar_day_can_match_is_refused(stated: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the message is the statement or what Python says of a date)
        FuzzyDate(stated)


@given(DAYS)
def test_a_day_is_exactly_that_day(day: date) -> None:
    assert FuzzyDate.of(day).exact == day
    assert FuzzyDate(str(FuzzyDate.of(day))) == FuzzyDate.of(day)


@given(DAYS)
def test_a_month_and_a_year_are_not_a_day_but_hold_it(day: date) -> None:
    for stated in (day.isoformat()[:7], day.isoformat()[:4]):
        when = FuzzyDate(stated)
        assert when.exact is None
        assert when.earliest is not None
        assert when.latest is not None
        assert when.earliest <= day <= when.latest


@given(DAYS, strategies.sets(strategies.integers(0, 9), min_size=1))
def test_a_missing_digit_widens_and_never_moves(day: date, missing: set[int]) -> None:
    stated = "".join("X" if place in missing and sign != "-" else sign for place, sign in enumerate(day.isoformat()))
    when = FuzzyDate(stated)
    assert when.earliest is None or when.earliest <= day
    assert when.latest is None or day <= when.latest


@given(DAYS, DAYS)
def test_whether_a_day_has_come_is_certain(one: date, other: date) -> None:
    assert FuzzyDate.of(one).by(other) == ("yes" if one <= other else "no")


@given(DAYS, DAYS)
def test_what_has_come_stays_come(one: date, other: date) -> None:
    when = FuzzyDate(one.isoformat()[:7])
    if when.by(other) == "yes":
        assert when.by(other + timedelta(days=1)) == "yes"


def test_within_its_month_a_month_may_have_come() -> None:
    when = FuzzyDate("2025-10")
    assert [when.by(day) for day in (date(2025, 9, 30), date(2025, 10, 1), date(2025, 10, 31))] == [
        "no",
        "uncertain",
        "yes",
    ]


def test_an_unknown_year_never_answers() -> None:
    assert FuzzyDate("XXXX-10-12").by(date(9999, 12, 31)) == "uncertain"


@pytest.mark.parametrize("mark", ["?", "~", "%"])
def test_what_the_source_doubts_is_neither_a_day_nor_an_answer(mark: str) -> None:
    for stated in (f"2025-06-09{mark}", f"2025-06-09{mark}/2025-06-09", f"2025-06-09/2025-06-09{mark}"):
        assert FuzzyDate(stated).exact is None
        assert FuzzyDate(stated).by(date(2026, 1, 1)) == "uncertain"


@given(strategies.text(alphabet="0123456789X-/.?~% \n[]", max_size=24))
def test_anything_else_is_kept_as_it_is_or_refused(stated: str) -> None:
    try:
        when = FuzzyDate(stated)
    except ValueError:
        return
    assert str(when) == stated
    assert when.earliest is None or when.latest is None or when.earliest <= when.latest
