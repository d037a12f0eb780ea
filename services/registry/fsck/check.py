"""Looks at every part in one snapshot of the log, so that a registry at work gives no false alarm."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.fsck.findings import Differs, Finding, NotLookedAt, Progress
from registry.fsck.followers import Followed, check_followers
from registry.fsck.keeping import check_commands, check_names
from registry.fsck.positions import check_generation, check_positions
from registry.fsck.records import Read, Records
from registry.fsck.snapshots import Replayed, check_snapshots
from registry.fsck.stream import StreamCheck, StreamSide
from registry.fsck.views import ViewCheck
from registry.kernel.ports import Database, Transaction
from registry.kernel.views import View

ONE_SNAPSHOT = "set transaction isolation level repeatable read, read only"
# Where the log stands in this snapshot.
HEAD = "select position, recorded_at, generation from log_head"


@dataclass
class Check:
    """`read` makes a fact of a row of the log, `canonical` JSON of a state, `replayed` a record of its facts."""

    database: Database
    views: Sequence[View]
    followed: Sequence[Followed]
    read: Read
    canonical: Callable[[Any], str]
    replayed: Replayed
    stream: StreamSide
    found: list[Finding] = field(default_factory=list, init=False)

    async def run(self, progress: Progress, *, deep: bool = False) -> Sequence[Finding]:
        """Look at everything; in depth, at every message of the stream too."""
        self.found = []
        async with self.database.transaction() as snapshot:
            await snapshot.execute(ONE_SNAPSHOT)
            log = (await snapshot.fetch(HEAD))[0]
            head, generation = int(log["position"]), log["generation"]
            await self._look("positions", check_positions(snapshot, head, log["recorded_at"], progress))
            await self._look("generation", check_generation(snapshot, generation))
            await self._records(snapshot, head, progress)
            await self._look("snapshots", check_snapshots(snapshot, self.read, self.replayed, progress))
            await self._look("commands", check_commands(snapshot, head))
            await self._look("names", check_names(snapshot))
            await self._look("followers", check_followers(self.followed, self.database, snapshot, head))
            stream = StreamCheck(self.stream, self.database, snapshot, head, generation)
            await self._look("stream", stream.run(progress, deep=deep))
        return self.found

    async def _records(self, snapshot: Transaction, head: int, progress: Progress) -> None:
        checks: list[ViewCheck] = []
        for view in self.views:
            try:
                checks.append(await ViewCheck.of(view, self.canonical, snapshot))
            except NotLookedAt as why:
                self.found.append(Finding(view.table, "not_looked_at", str(why)))
            except Differs as difference:
                self.found.append(Finding(view.table, "differs", str(difference)))
        await self._look("records", Records(snapshot, self.read, checks).walk(head, progress))
        for check in checks:
            await self._look(check.view.table, check.conclude(snapshot, self.database))

    async def _look(self, part: str, look: Awaitable[str]) -> None:
        try:
            self.found.append(Finding(part, "agrees", await look))
        except Differs as difference:
            self.found.append(Finding(part, "differs", str(difference)))
        except NotLookedAt as why:
            self.found.append(Finding(part, "not_looked_at", str(why)))
