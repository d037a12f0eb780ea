"""Every record from its facts: versions without gaps, facts that can be read, and the row of each view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from registry.fsck.findings import Differs, Progress
from registry.fsck.views import Folded, ViewCheck
from registry.kernel.errors import Unreadable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Row, Rows

PAGE = 2_000
Read = Callable[[Row], Recorded]
# The facts record by record; $1 and $2 record and version to begin after, $3 how many.
FACTS = """
    select position, stream, version, topic, state, metadata, recorded_at from event
    where (stream, version) > ($1::uuid, $2::integer) order by stream, version limit $3
"""
BEFORE_ALL = UUID(int=0)


@dataclass
class Records:
    """Walks the log record by record in bounded memory, and folds each into every view that it concerns."""

    rows: Rows
    read: Read
    views: Sequence[ViewCheck]
    records: int = 0
    first: str | None = None
    _stream: UUID = BEFORE_ALL
    _version: int = 0
    _folded: dict[str, Folded] = field(default_factory=dict)

    async def walk(self, head: int, progress: Progress) -> str:
        """Look at every fact; the views hear of each record. Differs with the first thing wrong in the log."""
        looked = 0
        while page := await self.rows.fetch(FACTS, self._stream, self._version, PAGE):
            for row in page:
                self._take(row)
            looked += len(page)
            for view in self.views:
                await view.compare(self.rows)
            progress("records", min(looked, head), head)
        self._finish()
        for view in self.views:
            await view.compare(self.rows)
        if self.first is not None:
            raise Differs(self.first)
        return f"{self.records} records, {looked} facts, all can be read"

    def _take(self, row: Row) -> None:
        if row["stream"] != self._stream:
            self._finish()
            self._stream, self._version = row["stream"], 0
            self.records += 1
        if row["version"] != self._version + 1:
            self._note(f"record {self._stream}: version {self._version + 1} is missing, before {row['version']}")
        self._version = row["version"]
        try:
            recorded = self.read(row)
        except Unreadable as unread:
            self._note(str(unread))
            return
        for view in self.views:
            view.take(recorded, self._folded)

    def _finish(self) -> None:
        for view in self.views:
            view.finish(self._folded)
        self._folded = {}

    def _note(self, difference: str) -> None:
        self.first = self.first or difference
