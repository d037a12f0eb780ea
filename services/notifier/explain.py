"""Why a reminder goes out on its day, in words: clause, arithmetic, rung, working-day shift."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from contracts.values import PeriodV1, TermV1
from notifier.deadline import Deadline
from notifier.schedule import Reminder, Rung, Silence
from notifier.working_days import Holidays, day_off


@dataclass(frozen=True)
class Words:
    """The same said in both languages."""

    ko: str
    en: str

    def then(self, more: "Words") -> "Words":
        """Both, one after the other."""
        return Words(f"{self.ko} {more.ko}".strip(), f"{self.en} {more.en}".strip())


NOTHING = Words("", "")

SILENCES: dict[Silence, Words] = {
    "needs_a_date": Words(
        "종료일을 날짜까지 알 수 없어 통보 기한을 계산하지 않습니다(날짜 필요).",
        "Its end is not known to the day, so no deadline is computed (needs a date).",
    ),
    "no_notice_clause": Words("통보 기간을 정한 조항이 없습니다.", "No clause sets a notice period."),
    "passed": Words(
        "안전한 마지막 날이 지나 알림을 보내지 않습니다.", "The last safe day has passed; nothing is sent any more."
    ),
}


def why(reminder: Reminder, calendar: Holidays, today: date | None = None) -> Words:
    """The whole explanation; with `today`, also that a missed rung goes out only now."""
    words = (
        arithmetic(reminder.of.cycle, reminder.deadline)
        .then(_rung(reminder.rung))
        .then(_shift(reminder.rung, calendar))
    )
    return words.then(_late(reminder.rung, today)) if today else words


def arithmetic(cycle: int, deadline: Deadline) -> Words:
    """How the deadline follows from the cycle's end and the clause."""
    clamped = deadline.clamped
    return Words(
        f"{cycle}번째 주기의 종료일은 {deadline.end}이고 통보 기간은 {period_ko(deadline.notice)}입니다."
        f" 거슬러 센 해당일은 {deadline.corresponding}"
        f"{'(그 달에 해당일이 없어 말일)' if clamped else ''}이고,"
        f" 통보가 도달해야 안전한 마지막 날은 그 전날인 {deadline.last_safe}입니다.",
        f"Cycle {cycle} ends on {deadline.end} and the clause asks for {period_en(deadline.notice)} notice."
        f" Counted back, the corresponding day is {deadline.corresponding}"
        f"{' (the month has no such day, so its last one)' if clamped else ''};"
        f" the last safe day of arrival is the day before, {deadline.last_safe}.",
    )


def if_nobody_acts(term: TermV1) -> Words:
    """What becomes of the agreement when no notice arrives."""
    match term.renewal:
        case "tacit" if term.period:
            return Words(
                f"아무도 통보하지 않으면 협약은 종료일 다음 날부터 {period_ko(term.period)} 자동연장됩니다.",
                f"If nobody gives notice, the agreement renews itself for {period_en(term.period)} (tacit renewal).",
            )
        case "tacit":
            return Words(
                "아무도 통보하지 않으면 협약은 자동연장됩니다.",
                "If nobody gives notice, the agreement renews itself (tacit renewal).",
            )
        case "express":
            return Words(
                f"당사자가 연장에 합의하지 않으면 협약은 {term.end}에 끝납니다.",
                f"Unless the parties agree to renew, the agreement ends on {term.end}.",
            )
        case "none":
            return Words(f"협약은 {term.end}에 끝납니다.", f"The agreement ends on {term.end}.")


def _rung(rung: Rung) -> Words:
    if rung.days == 0:
        return Words(f"알림은 그날({rung.nominal}) 보냅니다.", f"The reminder is for that very day ({rung.nominal}).")
    return Words(
        f"알림은 그 {rung.days}일 전({rung.nominal})에 보냅니다.",
        f"The reminder is for {rung.days} days before it ({rung.nominal}).",
    )


def _shift(rung: Rung, calendar: Holidays) -> Words:
    off = day_off(rung.nominal, calendar)
    if off is None or rung.due_on == rung.nominal:
        return NOTHING
    return Words(
        f"그날은 쉬는 날({off.ko})이어서 앞선 근무일 {rung.due_on}에 보냅니다.",
        f"That day is not a working day ({off.en}), so it goes out on the working day before, {rung.due_on}.",
    )


def _late(rung: Rung, today: date) -> Words:
    if today <= rung.due_on:
        return NOTHING
    return Words(
        f"그 날({rung.due_on})은 지났으므로 {today}에 보냅니다.",
        f"That day ({rung.due_on}) is past, so it goes out on {today}.",
    )


def period_ko(period: PeriodV1) -> str:
    """A period in Korean words: `1년 6개월`."""
    return _period(period, lambda count, unit: f"{count}{ {'year': '년', 'month': '개월', 'day': '일'}[unit] }")


def period_en(period: PeriodV1) -> str:
    """A period in English words: `1 year 6 months`."""
    return _period(period, lambda count, unit: f"{count} {unit}{'' if count == 1 else 's'}")


def _period(period: PeriodV1, say: Callable[[int, str], str]) -> str:
    counts = (period.years, "year"), (period.months, "month"), (period.days, "day")
    return " ".join(say(count, unit) for count, unit in counts if count) or say(0, "day")
