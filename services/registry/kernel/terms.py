"""How long an agreement holds, and by when somebody must speak up before it goes on by itself."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from dateutil.relativedelta import relativedelta
from pydantic import ConfigDict, Field

Renewal = Literal["none", "express", "tacit"]
EndKind = Literal["on", "indefinite", "unknown"]
NoticeClause = Literal["before_end", "none", "unstated"]

_CLOSED = ConfigDict(extra="forbid")
Count = Annotated[int, Field(ge=0, le=1200)]


@dataclass(frozen=True)
class Period:
    """A length of time as a text states it: years, months and days, none of them converted."""

    __pydantic_config__ = _CLOSED
    years: Count = 0
    months: Count = 0
    days: Count = 0

    @property
    def positive(self) -> bool:
        """Is it longer than nothing?"""
        return (self.years, self.months, self.days) != (0, 0, 0)

    def before(self, day: date) -> date:
        """The corresponding day that lies this long before `day`; a missing day clamps."""
        year, month = divmod(12 * day.year + day.month - 1 - 12 * self.years - self.months, 12)
        last = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(day.day, last)) - timedelta(days=self.days)


@dataclass(frozen=True)
class Term:
    """When an agreement begins and ends, and how it goes on.

    `end` is the last day in force. Where the text gave a `length` instead, the length is kept beside
    the day that was counted from it, with whether the first day counts (`from_midnight`).
    `end_words` keeps the source's own words when the end is unknown: a missing end is never read as
    "indefinite". `notice` is how long before the end a notice must have arrived; without one,
    `notice_clause` says whether the text has no such clause or nothing is known of it.
    """

    __pydantic_config__ = _CLOSED
    start: date
    end_kind: EndKind
    end: date | None = None
    length: Period | None = None
    from_midnight: bool = False
    end_words: Annotated[str, Field(max_length=500)] | None = None
    renewal: Renewal = "none"
    period: Period | None = None
    notice: Period | None = None
    notice_clause: NoticeClause = "unstated"
    max_cycles: Annotated[int, Field(ge=1, le=1000)] | None = None
    counting: Literal["civil-act-157-160"] = "civil-act-157-160"


@dataclass(frozen=True)
class Deadline:
    """By when a notice must have arrived.

    `corresponding` is the day that calendar counting gives; `last_safe` the day before it,
    on which an arrival is in time however the clause is read. Reminders work towards `last_safe`.
    """

    corresponding: date
    last_safe: date


def notice_deadline(term: Term) -> Deadline | None:
    """The deadline of the term's current cycle; None where the text gives no day to count from."""
    if term.end is None or term.notice is None:
        return None
    corresponding = term.notice.before(term.end)
    return Deadline(corresponding, corresponding - timedelta(days=1))


def last_day(start: date, period: Period, *, from_midnight: bool) -> date:
    """The last day of `period` counted from `start`.

    The first day does not count unless the period starts at 0:00 (`from_midnight`). A period
    ends the day before the one that corresponds to its first counted day, or with the month
    when that month has no such day. Source: Korean Civil Act, articles 157 and 160.
    """
    first = start if from_midnight else start + timedelta(days=1)
    months = relativedelta(years=period.years, months=period.months)
    corresponding = first + months
    clamped = corresponding.day != first.day
    whole = corresponding if clamped else corresponding - timedelta(days=1)
    return whole + timedelta(days=period.days)
