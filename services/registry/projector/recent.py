"""The timelines of the records that a view touched last, so that they need not be read again."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from registry.kernel.timeline import Timeline

MOST = 10_000


class Recent:
    """Timelines as they stand at the follower's checkpoint; emptied when that may have moved without them."""

    def __init__(self, most: int = MOST) -> None:
        """Keep `most` records at the most."""
        self._most = most
        self._timelines: dict[UUID, Timeline] = {}

    def of(self, records: Iterable[UUID]) -> dict[UUID, Timeline]:
        """The timelines that are kept of these records."""
        return {record: self._timelines[record] for record in records if record in self._timelines}

    def keep(self, timelines: Mapping[UUID, Timeline]) -> None:
        """Keep these, and drop what was touched longest ago."""
        for record, timeline in timelines.items():
            self._timelines.pop(record, None)
            self._timelines[record] = timeline
        while len(self._timelines) > self._most:
            del self._timelines[next(iter(self._timelines))]

    def forget(self) -> None:
        """Drop all of them."""
        self._timelines.clear()
