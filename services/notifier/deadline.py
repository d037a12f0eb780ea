"""By when a notice must have arrived."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from contracts.values import PeriodV1, TermV1


@dataclass(frozen=True)
class Deadline:
    """The deadline of one cycle.

    `corresponding` is the day that calendar counting gives; `last_safe` is the day before it, on
    which an arrival is in time however the clause is read. Reminders work towards `last_safe`.
    """

    end: date
    notice: PeriodV1
    corresponding: date
    last_safe: date

    @property
    def clamped(self) -> bool:
        """Did the month have no such day, so that its last one stands in?"""
        return self.notice.days == 0 and self.corresponding.day != self.end.day


def notice_deadline(term: TermV1) -> Deadline | None:
    """The deadline of a cycle; None where its end is not known to the day or no clause asks for a notice.

    ValueError or OverflowError when the period leads out of the calendar. The period is counted
    back by the calendar and a missing day clamps. Source: Korean Civil Act, articles 157 and 160.
    """
    if term.end_kind != "on" or term.end is None or term.notice is None:
        return None
    notice = term.notice
    corresponding = term.end - relativedelta(years=notice.years, months=notice.months, days=notice.days)
    return Deadline(term.end, notice, corresponding, corresponding - timedelta(days=1))
