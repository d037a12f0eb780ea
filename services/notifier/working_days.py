"""Which days offices in Korea work."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

import holidays

SATURDAY = 5


@dataclass(frozen=True)
class Name:
    """What a day is called."""

    ko: str
    en: str


WEEKEND = {5: Name("토요일", "a Saturday"), 6: Name("일요일", "a Sunday")}


class Holidays(Protocol):
    """The public holidays of a place."""

    def name(self, day: date) -> Name | None:
        """What the holiday is called; None on any other day."""


def _korea(language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("KR", language=language)


@dataclass(frozen=True)
class KoreanHolidays:
    """Korea's public holidays with substitute ones, as the `holidays` package knows them."""

    _ko: holidays.HolidayBase = field(default_factory=lambda: _korea("ko"))
    _en: holidays.HolidayBase = field(default_factory=lambda: _korea("en_US"))

    def name(self, day: date) -> Name | None:
        """What the holiday is called; None on any other day."""
        ko = self._ko.get(day)
        return Name(ko, str(self._en.get(day))) if ko else None


def day_off(day: date, calendar: Holidays) -> Name | None:
    """Why nobody works that day; None on a working day. A holiday's name goes before the weekend's."""
    return calendar.name(day) or WEEKEND.get(day.weekday())


def working_day_at_or_before(day: date, calendar: Holidays) -> date:
    """The day itself, or the last working day before it."""
    while day_off(day, calendar):
        day -= timedelta(days=1)
    return day
