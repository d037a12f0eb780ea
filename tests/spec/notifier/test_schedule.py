"""People are reminded 180, 90, 30 and 7 days before the last safe day and on it, on working days, once."""

from datetime import date, timedelta

from notifier.deadline import notice_deadline
from notifier.explain import why
from notifier.schedule import Policy, Rung, ahead, ladder, schedule, silence
from notifier.working_days import KoreanHolidays, Name, day_off, working_day_at_or_before

from contracts.values import PeriodV1
from tests.spec.notifier.terms import term, watched

KOREA = KoreanHolidays()
POLICY = Policy()
# Its corresponding day is Tuesday 2026-12-01, its last safe day Monday 2026-11-30.
ENDS_IN_MARCH = term(date(2027, 3, 1))


def rungs_on(today, of=ENDS_IN_MARCH):
    return [each.rung.rule for each in schedule([watched(of)], POLICY, KOREA, today)]


def test_the_ladder_is_counted_back_from_the_last_safe_day():
    deadline = notice_deadline(ENDS_IN_MARCH)
    assert deadline is not None
    assert ladder(deadline, POLICY, KOREA) == (
        Rung(180, date(2026, 6, 3), date(2026, 6, 2)),  # local elections on the 3rd
        Rung(90, date(2026, 9, 1), date(2026, 9, 1)),
        Rung(30, date(2026, 10, 31), date(2026, 10, 30)),  # a Saturday
        Rung(7, date(2026, 11, 23), date(2026, 11, 23)),
        Rung(0, date(2026, 11, 30), date(2026, 11, 30)),
    )


def test_nothing_is_due_before_the_first_rung():
    assert rungs_on(date(2026, 6, 1)) == []


def test_each_rung_is_due_on_its_working_day():
    assert rungs_on(date(2026, 6, 2)) == ["notice-180"]
    assert rungs_on(date(2026, 9, 1)) == ["notice-90"]
    assert rungs_on(date(2026, 10, 30)) == ["notice-30"]
    assert rungs_on(date(2026, 11, 23)) == ["notice-7"]
    assert rungs_on(date(2026, 11, 30)) == ["notice-0"]


def test_a_rung_stays_due_until_the_next_one_comes():
    assert rungs_on(date(2026, 8, 31)) == ["notice-180"]


def test_missed_rungs_collapse_into_the_latest_that_has_come():
    assert rungs_on(date(2026, 11, 25)) == ["notice-7"]


def test_after_the_last_safe_day_nothing_is_due_and_the_preview_says_why():
    assert rungs_on(date(2026, 12, 1)) == []
    assert silence(ENDS_IN_MARCH, date(2026, 12, 1)) == "passed"
    assert silence(ENDS_IN_MARCH, date(2026, 11, 30)) is None


def test_an_end_that_is_not_known_to_the_day_schedules_nothing():
    vague = term(None, end_words="3년")
    assert rungs_on(date(2026, 11, 30), vague) == []
    assert silence(vague, date(2026, 11, 30)) == "needs_a_date"
    assert silence(term(date(2027, 3, 1), notice=None), date(2026, 11, 30)) == "no_notice_clause"


def test_a_day_in_the_chuseok_week_moves_to_the_thursday_before_it():
    # 2025-10-03 Foundation Day, 4 Saturday, 5–7 Chuseok, 8 its substitute, 9 Hangul Day.
    for day in range(3, 10):
        assert working_day_at_or_before(date(2025, 10, day), KOREA) == date(2025, 10, 2)
    assert working_day_at_or_before(date(2025, 10, 10), KOREA) == date(2025, 10, 10)


def test_a_substitute_holiday_is_a_holiday():
    assert day_off(date(2025, 10, 8), KOREA) == Name("추석 대체 휴일", "Alternative holiday for Chuseok")
    assert working_day_at_or_before(date(2026, 3, 2), KOREA) == date(2026, 2, 27)
    assert working_day_at_or_before(date(2026, 8, 17), KOREA) == date(2026, 8, 14)


def test_labour_day_and_constitution_day_of_2026_are_holidays():
    assert working_day_at_or_before(date(2026, 5, 1), KOREA) == date(2026, 4, 30)
    assert working_day_at_or_before(date(2026, 7, 17), KOREA) == date(2026, 7, 16)


def test_rungs_that_a_long_holiday_moves_onto_one_day_go_out_as_one():
    # Last safe day 2025-10-09: that day and the one a week before both mean Thursday 2025-10-02.
    of = watched(term(date(2026, 1, 10)))
    going = list(ahead(of, POLICY, KOREA, date(2025, 9, 20), date(2025, 10, 31)))
    assert [(day, each.rung.rule) for day, each in going] == [
        (date(2025, 9, 20), "notice-30"),
        (date(2025, 10, 2), "notice-0"),
    ]


def test_looking_ahead_finds_exactly_what_each_day_would_have_sent():
    of = watched(ENDS_IN_MARCH)
    first, last = date(2026, 5, 1), date(2026, 12, 31)
    lived: dict[str, date] = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for each in schedule([of], POLICY, KOREA, day):
            lived.setdefault(each.rung.rule, day)
    assert {each.rung.rule: day for day, each in ahead(of, POLICY, KOREA, first, last)} == lived


def test_the_current_cycle_counts():
    second = watched(term(date(2028, 3, 1)), cycle=2)
    (due,) = schedule([second], POLICY, KOREA, date(2027, 11, 30))
    assert (due.of.cycle, due.deadline.last_safe, due.rung.rule) == (2, date(2027, 11, 30), "notice-0")


def test_the_explanation_names_rung_shift_and_lateness():
    (due,) = schedule([watched(term(date(2026, 1, 10)))], POLICY, KOREA, date(2025, 10, 3))
    words = why(due, KOREA, date(2025, 10, 3))
    assert words.ko.endswith(
        "알림은 그날(2025-10-09) 보냅니다. 그날은 쉬는 날(한글날)이어서 앞선 근무일 2025-10-02에 보냅니다."
        " 그 날(2025-10-02)은 지났으므로 2025-10-03에 보냅니다."
    )
    assert words.en.endswith(
        "The reminder is for that very day (2025-10-09). That day is not a working day (Hangul Day),"
        " so it goes out on the working day before, 2025-10-02."
        " That day (2025-10-02) is past, so it goes out on 2025-10-03."
    )


def test_a_zero_notice_period_still_asks_for_the_day_before_the_end():
    (due,) = schedule([watched(term(date(2026, 12, 2), notice=PeriodV1()))], POLICY, KOREA, date(2026, 12, 1))
    assert due.deadline.last_safe == date(2026, 12, 1)
