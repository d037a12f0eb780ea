"""A notice must have arrived by the last safe day: the day before the one the calendar gives."""

from datetime import date

import pytest
from notifier.deadline import Deadline, notice_deadline
from notifier.explain import arithmetic

from contracts.values import PeriodV1
from tests.spec.notifier.terms import term


def test_the_last_safe_day_is_the_day_before_the_corresponding_day():
    assert notice_deadline(term(date(2026, 6, 9), notice=PeriodV1(months=3))) == Deadline(
        end=date(2026, 6, 9), notice=PeriodV1(months=3), corresponding=date(2026, 3, 9), last_safe=date(2026, 3, 8)
    )


@pytest.mark.parametrize(
    ("end", "notice", "corresponding"),
    [
        (date(2026, 5, 31), PeriodV1(months=3), date(2026, 2, 28)),
        (date(2024, 5, 31), PeriodV1(months=3), date(2024, 2, 29)),
        (date(2026, 3, 31), PeriodV1(months=1), date(2026, 2, 28)),
        (date(2026, 12, 31), PeriodV1(months=6), date(2026, 6, 30)),
        (date(2024, 2, 29), PeriodV1(years=1), date(2023, 2, 28)),
        (date(2026, 2, 28), PeriodV1(months=6), date(2025, 8, 28)),
        (date(2026, 3, 31), PeriodV1(days=30), date(2026, 3, 1)),
        (date(2026, 3, 31), PeriodV1(months=1, days=1), date(2026, 2, 27)),
        (date(2026, 1, 1), PeriodV1(), date(2026, 1, 1)),
    ],
)
def test_a_month_without_the_day_clamps_and_days_are_counted_after_months(end, notice, corresponding):
    deadline = notice_deadline(term(end, notice=notice))
    assert deadline is not None
    assert deadline.corresponding == corresponding


def test_without_a_precise_end_there_is_no_deadline():
    assert notice_deadline(term(None, end_words="체결일로부터 3년")) is None
    assert notice_deadline(term(None, end_kind="indefinite")) is None
    assert notice_deadline(term(date(2026, 6, 9), end_kind="unknown")) is None


def test_without_a_notice_clause_there_is_no_deadline():
    assert notice_deadline(term(date(2026, 6, 9), notice=None)) is None


def test_the_arithmetic_is_told_in_both_languages():
    deadline = notice_deadline(term(date(2026, 5, 31)))
    assert deadline is not None
    words = arithmetic(2, deadline)
    assert words.ko == (
        "2번째 주기의 종료일은 2026-05-31이고 통보 기간은 3개월입니다. 거슬러 센 해당일은"
        " 2026-02-28(그 달에 해당일이 없어 말일)이고, 통보가 도달해야 안전한 마지막 날은 그 전날인 2026-02-27입니다."
    )
    assert words.en == (
        "Cycle 2 ends on 2026-05-31 and the clause asks for 3 months notice. Counted back, the corresponding day is"
        " 2026-02-28 (the month has no such day, so its last one);"
        " the last safe day of arrival is the day before, 2026-02-27."
    )
