"""The one loop by which everything follows the log: views, processes, whatever comes later."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from registry.follower.ahead import Ahead
from registry.follower.place import BEGIN, Place
from registry.follower.standing import note, why
from registry.kernel.errors import Unavailable, Unreadable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database, Log, Stretch, Transaction

Fold = Callable[[Sequence[Recorded], Transaction], Awaitable[None]]
React = Callable[[Sequence[Recorded]], Awaitable[None]]
# A batch that fails is tried again with so many times fewer facts, down to the one that cannot be taken.
NARROWER = 10
# Facts that are not its own move the checkpoint when so many were passed over, or when it was not moved for so long.
FAR = 1000
LONG_SECONDS = 0.5
# While the log grows all the time, what came in within so long is taken together: one by one, taking facts would
# cost more than recording them does. Who waits to read their own write waits as much longer.
GATHER_SECONDS = 0.05
logger = structlog.get_logger(__name__)


async def _nothing() -> None:
    """Nothing is to be made ready."""


@dataclass
class Follower:
    """Takes facts in log order, a batch at a time, and remembers how far it came.

    `fold` writes rows in the same transaction that moves the checkpoint. `react` runs commands
    before the checkpoint moves: after a crash they are run again, under the same ids. A fact that
    it cannot take stops it with an alarm that names the position. A higher `version` takes over
    from a lower one, which then stops, and says so until the higher one goes on.

    With `slices`, it reads the facts of those alone and passes over the others, whose topics it need not know. What
    `fold` remembers from batch to batch is void when `forget` is called: something failed, or another runner
    went on. `ready` is awaited before the first fact; Unreadable from it stops the follower too.
    """

    name: str
    log: Log
    database: Database
    fold: Fold | None = None
    react: React | None = None
    version: int = 1
    batch: int = 1000
    stopped: str | None = None
    slices: tuple[str, ...] | None = None
    ready: Callable[[], Awaitable[None]] = _nothing
    forget: Callable[[], None] = lambda: None
    _place: Place | None = field(default=None, init=False)
    _moved_at: float = field(default=0.0, init=False)
    _ahead: Ahead = field(init=False)

    def __post_init__(self) -> None:
        """Make its reader."""
        self._ahead = Ahead(self.log, self.slices)

    async def run(self) -> None:
        """Follow for good; returns only when stopped by a fact that it cannot take."""
        try:
            await self._run()
        finally:
            await self._ahead.stop()

    async def _run(self) -> None:
        self.stopped = None
        while self.stopped is None:
            try:
                await self.prepare()
                if self.stopped is None:
                    await self._follow()
            except Unavailable as lost:
                logger.warning("follower.waiting", follower=self.name, why=lost.code)
                await self.log.pause()

    async def _follow(self) -> None:
        async with self.log.moved(GATHER_SECONDS) as wakes:
            async for _ in wakes:
                while await self.step(self.batch):
                    pass
                if self.stopped is not None:
                    return

    async def prepare(self) -> None:
        """Make its checkpoint if there is none; a stopped follower tries again from where it stood."""
        self.stopped = None
        self._place = None
        self.forget()
        try:
            await self.ready()
        except Unreadable as error:
            await self._alarm(why(error), error)
            return
        async with self.database.transaction() as transaction:
            await transaction.execute(BEGIN, self.name, self.version)

    async def step(self, limit: int) -> bool:
        """Go up to `limit` facts on in the log; False once that was to its end, or one of them stopped the follower."""
        try:
            return await self._take(limit)
        except Unavailable:
            raise
        except Exception as error:
            before = self._place
            if await self._look() is not before:  # another runner took these facts, or a later version
                return self.stopped is None
            if limit > 1:
                return await self.step(max(1, limit // NARROWER))
            await self._stop(error)
            return False

    async def _take(self, limit: int) -> bool:
        place = self._place or await self._look()
        if place is None:
            return False
        begun = place.through
        stretch = await self._ahead.read(begun, limit)
        if stretch.through <= begun:
            return await self._rest(place)
        if not stretch.facts:
            await self._pass(place, stretch.through)
            return stretch.full
        taken = await self._work(place, stretch)
        return (stretch.full or not taken) and self.stopped is None

    async def _work(self, place: Place, stretch: Stretch) -> bool:
        """Take these facts; False when another runner did."""
        if self.react is not None:
            await self.react(stretch.facts)
        taken = await self._fold(place, stretch)
        if taken:
            self._stands(place, stretch.through)
        else:
            await self._look()
        return taken

    async def _fold(self, place: Place, stretch: Stretch) -> bool:
        """Move the checkpoint and write the rows; False when another runner took these facts."""
        try:
            async with self.database.transaction() as transaction:
                moved = await place.move(stretch.through, transaction)
                if moved and self.fold is not None:
                    await self.fold(stretch.facts, transaction)
        except BaseException:  # also when cancelled: what was remembered may not have been committed
            self.forget()
            raise
        return moved

    async def _pass(self, place: Place, through: int) -> None:
        """Pass over facts that are not its own, and now and then let that be seen."""
        place.through = through
        if through - place.position >= FAR or self._unseen_for_long():
            await self._settle(place)

    async def _rest(self, place: Place) -> bool:
        """At the end of the log: has somebody else moved the checkpoint, and should it be moved?"""
        if await self._look() is not place:
            return self.stopped is None
        if place.noted or (place.through > place.position and self._unseen_for_long()):
            await self._settle(place)
        return False

    def _unseen_for_long(self) -> bool:
        return asyncio.get_running_loop().time() - self._moved_at > LONG_SECONDS

    async def _settle(self, place: Place) -> None:
        async with self.database.transaction() as transaction:
            moved = await place.move(place.through, transaction)
        if moved:
            self._stands(place, place.through)
        else:
            await self._look()

    def _stands(self, place: Place, position: int) -> None:
        place.position = place.through = position
        self._moved_at = asyncio.get_running_loop().time()

    async def _look(self) -> Place | None:
        """Where it stands; None when a later version has taken over, and it stops.

        What was passed over stays passed over unless somebody else moved the checkpoint.
        """
        stored = await Place.read(self.name, self.database)
        if stored.version < self.version:
            raise _put_back(self.name)
        if stored.version > self.version:
            self._place = None
            words = f"version {stored.version} has taken over from version {self.version}"
            await self._alarm(f"position {stored.position}: {words}")
        elif self._place is None or not self._place.same(stored):
            self._place = stored
            self.forget()
        else:
            self._place.noted = stored.noted
        return self._place

    async def _stop(self, error: Exception) -> None:
        """Say what cannot be taken and where."""
        place = self._place or await Place.read(self.name, self.database)
        await self._settle(place)
        await self._alarm(f"position {place.through + 1}: {type(error).__name__}: {why(error)}", error)

    async def _alarm(self, stopped: str, error: Exception | None = None) -> None:
        """Stop; noted first, so that it is seen whatever happens next."""
        await note(self.database, self.name, stopped=stopped)
        self.stopped = stopped
        logger.error("follower.stopped", follower=self.name, why=stopped, exc_info=error)


def _put_back(name: str) -> Unavailable:
    return Unavailable(
        "follower.put_back",
        ko=f"{name}의 위치가 이전 버전으로 바뀌었습니다. 잠시 뒤 스스로 다시 준비합니다.",
        en=f"The place of {name} was put back to an earlier version: it makes itself ready again in a moment.",
    )
