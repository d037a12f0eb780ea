"""The one loop by which everything follows the log: views, processes, whatever comes later."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from registry.kernel.errors import Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database, Log, Transaction
from registry.kernel.validation import briefly

Handle = Callable[[Sequence[Recorded], Transaction], Awaitable[None]]
logger = structlog.get_logger(__name__)


@dataclass
class Follower:
    """Takes facts in log order, a batch at a time, and remembers how far it came in the same transaction.

    `checkpoints` is the table of its checkpoint. A fact that it cannot take stops it with an alarm
    that names the position; nothing after it is taken until the follower is started again.
    """

    name: str
    checkpoints: str
    log: Log
    database: Database
    handle: Handle
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

    async def step(self, limit: int) -> bool:
        """Take the next facts; False when there are none or one of them stopped the follower."""
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
        async with self.database.transaction() as transaction:
            position = await self._position(transaction, lock=True)
            facts = await self.log.after(position, limit)
            if not facts:
                return False
            await self.handle(facts, transaction)
            await transaction.execute(
                f"update {self.checkpoints} set position = $3, stopped = null where name = $1 and position = $2",  # noqa: S608 (constant table name)
                self.name,
                position,
                facts[-1].position,
            )
        return True

    async def _position(self, transaction: Transaction, *, lock: bool) -> int:
        tail = " for update" if lock else ""
        sql = f"select position from {self.checkpoints} where name = $1{tail}"  # noqa: S608 (constant table name)
        return int((await transaction.fetch(sql, self.name))[0]["position"])

    async def prepare(self) -> None:
        """Make its checkpoint if there is none; a stopped follower tries again from where it stood."""
        self.stopped = None
        if self.checkpoints == "follower":
            async with self.database.transaction() as transaction:
                await transaction.execute(
                    "insert into follower (name, position) values ($1, 0) on conflict do nothing", self.name
                )

    async def _stop(self, error: Exception) -> None:
        async with self.database.transaction() as transaction:
            position = await self._position(transaction, lock=False) + 1
            self.stopped = f"position {position}: {type(error).__name__}: {_why(error)}"
            await transaction.execute(
                f"update {self.checkpoints} set stopped = $2 where name = $1",  # noqa: S608 (constant table name)
                self.name,
                self.stopped[:500],
            )
        logger.error("follower.stopped", follower=self.name, position=position, exc_info=error)


def _why(error: Exception) -> str:
    """What is shown of it to anybody who asks whether the registry is ready: never a value from a record."""
    return briefly(error) if isinstance(error, ValidationError) else str(error).partition("\n")[0]
