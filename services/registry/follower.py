"""The one loop by which everything follows the log: views, processes, whatever comes later."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from registry.kernel.errors import Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database, Log, Rows, Transaction
from registry.kernel.validation import briefly

Fold = Callable[[Sequence[Recorded], Transaction], Awaitable[None]]
React = Callable[[Sequence[Recorded]], Awaitable[None]]
LONGEST_REASON = 500
logger = structlog.get_logger(__name__)

# Where a follower stands; $1 its name.
PLACE = "select version, position from follower where name = $1"
# A follower's place at the log's beginning, if it has none yet; $1 name, $2 version.
BEGIN = "insert into follower (name, version, position) values ($1, $2, 0) on conflict do nothing"
# Moves a follower on, unless another runner or a later version has; $1 name, $2 version, $3 from, $4 to.
ADVANCE = """
    update follower set position = $4, stopped = null, failing = null
    where name = $1 and version = $2 and position = $3 returning name
"""
# Notes why a part stands still ($2) or fails for now ($3); both null when it goes. $1 its name.
NOTE = """
    insert into follower (name, version, stopped, failing) values ($1, 1, $2, $3)
    on conflict (name) do update set stopped = excluded.stopped, failing = excluded.failing
"""
# How every part stands: followers have a position, relay and receipts have none.
STANDINGS = "select name, position, stopped, failing from follower order by name"


@dataclass(frozen=True)
class Standing:
    """How one part stands. `position` is None for a part that keeps its place elsewhere."""

    name: str
    position: int | None
    stopped: str | None
    failing: str | None


async def standings(rows: Rows) -> list[Standing]:
    """How every part stands, by name."""
    found = await rows.fetch(STANDINGS)
    return [Standing(row["name"], row["position"], row["stopped"], row["failing"]) for row in found]


async def note(database: Database, name: str, *, stopped: str | None = None, failing: str | None = None) -> None:
    """Write down how a part stands, for readiness, metrics and the doctor."""
    async with database.transaction() as transaction:
        await transaction.execute(NOTE, name, _short(stopped), _short(failing))


@dataclass
class Follower:
    """Takes facts in log order, a batch at a time, and remembers how far it came.

    `fold` writes rows in the same transaction that moves the checkpoint. `react` runs commands
    before the checkpoint moves: after a crash they are run again, under the same ids. A fact that
    it cannot take stops it with an alarm that names the position. A higher `version` takes over
    from a lower one, which then stops.
    """

    name: str
    log: Log
    database: Database
    fold: Fold | None = None
    react: React | None = None
    version: int = 1
    batch: int = 1000
    stopped: str | None = None

    async def run(self) -> None:
        """Follow for good; returns only when stopped by a fact that it cannot take."""
        await self.prepare()
        while self.stopped is None:
            try:
                async with self.log.moved() as wakes:
                    async for _ in wakes:
                        while await self.step(self.batch):
                            pass
                        if self.stopped is not None:
                            return
            except Unavailable as lost:
                logger.warning("follower.waiting", follower=self.name, why=lost.code)
                await self.log.pause()

    async def prepare(self) -> None:
        """Make its checkpoint if there is none; a stopped follower tries again from where it stood."""
        self.stopped = None
        async with self.database.transaction() as transaction:
            await transaction.execute(BEGIN, self.name, self.version)

    async def step(self, limit: int) -> bool:
        """Take up to `limit` next facts; False when there are none or one of them stopped the follower."""
        try:
            return await self._take(limit)
        except Unavailable:
            raise
        except Exception as error:
            if limit > 1:
                return await self.step(1)
            await self._stop(error)
            return False

    async def _take(self, limit: int) -> bool:
        position = await self._position()
        facts = await self.log.after(position, limit) if position is not None else []
        if position is None or not facts:
            return False
        if self.react is not None:
            await self.react(facts)
        async with self.database.transaction() as transaction:
            if not await transaction.fetch(ADVANCE, self.name, self.version, position, facts[-1].position):
                return True  # another runner took these facts: look where it stands now
            if self.fold is not None:
                await self.fold(facts, transaction)
        return True

    async def _position(self) -> int | None:
        """Where it stands; None when a later version has taken over, and it stops."""
        place = (await self.database.fetch(PLACE, self.name))[0]
        if place["version"] == self.version:
            return int(place["position"])
        self.stopped = f"version {place['version']} has taken over from version {self.version}"
        logger.error("follower.superseded", follower=self.name, why=self.stopped)
        return None

    async def _stop(self, error: Exception) -> None:
        """Say what cannot be taken and where; noted first, so that it is seen whatever happens next."""
        position = (await self._position() or 0) + 1
        stopped = f"position {position}: {type(error).__name__}: {why(error)}"
        await note(self.database, self.name, stopped=stopped)
        self.stopped = stopped
        logger.error("follower.stopped", follower=self.name, position=position, exc_info=error)


def why(error: Exception) -> str:
    """What is shown of it to anybody who asks whether the registry is ready: never a value from a record."""
    return briefly(error) if isinstance(error, ValidationError) else str(error).partition("\n")[0]


def _short(reason: str | None) -> str | None:
    return None if reason is None else reason[:LONGEST_REASON]
