"""The real clock and the real source of ids: the only place that asks the machine."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class SystemClock:
    """The machine's time. `chosen` moves what counts as today, never `now`."""

    chosen: date | None = None

    def now(self) -> datetime:
        """The real time (UTC)."""
        return datetime.now(UTC)  # noqa: TID251 (this is the port)

    def today(self) -> date:
        """The chosen day, or today in Seoul."""
        return self.chosen or datetime.now(SEOUL).date()  # noqa: TID251 (this is the port)


class SystemIds:
    """Random ids."""

    def new(self) -> UUID:
        """A random UUID (version 4)."""
        return uuid.uuid4()  # noqa: TID251 (this is the port)
