"""Two different questions: what time it is, and which day deadlines are reckoned from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

# Korea has kept +09:00 all year round since 1988; a fixed offset needs no time zone database.
SEOUL = timezone(timedelta(hours=9), "Asia/Seoul")


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The real instant (UTC), never moved."""

    def today(self) -> date:
        """The day that counts as today."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock; `chosen` moves today for trying things out, never the instant."""

    chosen: date | None = None

    def now(self) -> datetime:
        """The real instant (UTC)."""
        return datetime.now(UTC)  # noqa: TID251 (this is the port)

    def today(self) -> date:
        """The chosen day, or the day it is in Seoul."""
        return self.chosen or datetime.now(SEOUL).date()  # noqa: TID251 (this is the port)
