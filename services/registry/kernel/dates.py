"""Dates as sources state them: a day, a month, a year, or one with digits missing."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

Answer = Literal["yes", "no", "uncertain"]

_POINT = re.compile(r"(?P<year>[0-9X]{4})(?:-(?P<month>[0-9X]{2})(?:-(?P<day>[0-9X]{2}))?)?[?~%]?")
_OPEN = ".."


_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _a_day(given: object) -> object:
    """Take a day as ISO 8601 has it; a number is no day, whatever instant it might stand for."""
    if isinstance(given, date) or (isinstance(given, str) and _DAY.match(given)):
        return given
    raise PydanticCustomError("date_parsing", "Give a date as 2025-06-09.")


Day = Annotated[date, BeforeValidator(_a_day)]

# Where a day begins first: UTC+14.
EARLIEST_ZONE = timedelta(hours=14)


class FuzzyDate:
    """A date in EDTF (ISO 8601-2): `2020-02-05`, `2020-02`, `XXXX-10-12`, `2019-02-18/2019-02-20`.

    `earliest` and `latest` are the first and last day it can mean; None where the year is unknown
    or the interval is open on that side. Sets (`[..]`, `{..}`) and seasons are not taken.
    Source: Library of Congress, Extended Date/Time Format, levels 0 to 2.
    """

    __slots__ = ("earliest", "edtf", "latest")

    def __init__(self, edtf: str) -> None:
        """Read `edtf`; ValueError when no calendar day can match it."""
        self.edtf = edtf
        first, slash, last = edtf.partition("/")
        if slash:
            if first in {"", _OPEN} and last in {"", _OPEN}:
                raise ValueError(edtf)
            self.earliest = None if first in {"", _OPEN} else _span(first)[0]
            self.latest = None if last in {"", _OPEN} else _span(last)[1]
            if self.earliest and self.latest and self.latest < self.earliest:
                raise ValueError(edtf)
        else:
            self.earliest, self.latest = _span(edtf)

    @classmethod
    def of(cls, day: date) -> "FuzzyDate":
        """The date that is known to the day."""
        known = cls.__new__(cls)
        known.edtf, known.earliest, known.latest = day.isoformat(), day, day
        return known

    @property
    def exact(self) -> date | None:
        """The day, when there is only one that it can be and the source does not doubt it."""
        return self.earliest if not self.doubted and self.earliest == self.latest else None

    @property
    def doubted(self) -> bool:
        """Does the source itself doubt it, or call it approximate (`?`, `~`, `%`)?"""
        return any(mark in self.edtf for mark in "?~%")

    def by(self, day: date) -> Answer:
        """Has it come by the end of `day`? A date that is doubted or approximate never answers for certain."""
        if self.doubted:
            return "uncertain"
        if self.latest is not None and self.latest <= day:
            return "yes"
        if self.earliest is not None and self.earliest > day:
            return "no"
        return "uncertain"

    def __eq__(self, other: object) -> bool:
        """Two are equal when they were stated alike."""
        return isinstance(other, FuzzyDate) and other.edtf == self.edtf

    def __hash__(self) -> int:
        """Hash of the statement."""
        return hash(self.edtf)

    def __repr__(self) -> str:
        """Show the statement."""
        return f"FuzzyDate({self.edtf!r})"

    def __str__(self) -> str:
        """Give the statement in EDTF."""
        return self.edtf

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """Take an EDTF string from outside, give one back."""
        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe it to other systems."""
        return {"type": "string", "description": "EDTF date, e.g. 2025-06-09, 2019-05 or XXXX-10-12"}


def lies_ahead(day: FuzzyDate, at: datetime) -> bool:
    """Is it certain that `day` has not begun anywhere on Earth at the instant `at` (UTC)?"""
    return day.by((at + EARLIEST_ZONE).date()) == "no"


def certainly_before(one: FuzzyDate, other: FuzzyDate) -> bool:
    """Is there a day by which `one` has surely come and `other` has surely not?"""
    return one.latest is not None and one.by(one.latest) == "yes" and other.by(one.latest) == "no"


def _read(given: object) -> FuzzyDate:
    if isinstance(given, FuzzyDate):
        return given
    if isinstance(given, date) and not isinstance(given, datetime):
        return FuzzyDate.of(given)
    if isinstance(given, str):
        try:
            return _stated(given.strip())
        except ValueError:
            pass
    raise PydanticCustomError("date.unreadable", "Give a date as 2025-06-09, 2025-06, 2025 or XXXX-10-12.")


@lru_cache(maxsize=16_384)
def _stated(edtf: str) -> FuzzyDate:
    """Read once what many facts state: the days of one year are few."""
    return FuzzyDate(edtf)


def _span(point: str) -> tuple[date | None, date | None]:
    parts = _POINT.fullmatch(point)
    if parts is None:
        raise ValueError(point)
    year, month, day = parts["year"], parts["month"] or "XX", parts["day"] or "XX"
    if year == "XXXX":
        if next(_days("2000", month, day), None) is None:
            raise ValueError(point)
        return None, None
    first = next(_days(year, month, day), None)
    last = next(_days(year, month, day, backwards=True), None)
    if first is None or last is None:
        raise ValueError(point)
    return first, last


def _days(year: str, month: str, day: str, *, backwards: bool = False) -> Iterator[date]:
    """Every calendar day that the masked digits admit, in order."""
    for y in _matching(year, 1, 9999, backwards=backwards):
        for m in _matching(month, 1, 12, backwards=backwards):
            for d in _matching(day, 1, 31, backwards=backwards):
                try:
                    yield date(y, m, d)
                except ValueError:
                    continue


def _matching(mask: str, low: int, high: int, *, backwards: bool) -> Iterator[int]:
    width = len(mask)
    low = max(low, int(mask.replace("X", "0")))
    high = min(high, int(mask.replace("X", "9")))
    numbers = range(high, low - 1, -1) if backwards else range(low, high + 1)
    for number in numbers:
        if all(m in {"X", n} for m, n in zip(mask, str(number).zfill(width), strict=True)):
            yield number
