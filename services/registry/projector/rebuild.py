"""Builds a view anew beside the live one, and swaps the two while writes go on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from registry.follower import why
from registry.kernel.errors import Conflict, Unavailable, Unreadable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database, Log, Transaction
from registry.kernel.views import View
from registry.projector.folding import Folding
from registry.projector.keeper import HISTORY_COLUMNS, Keeper
from registry.projector.tables import Tables

# Told how many facts of how many have been gone through.
Progress = Callable[[int, int], None]
# Only one build of a view at a time; held until the transaction ends. $1 its table.
ALONE = "select pg_try_advisory_xact_lock(hashtext('build ' || $1)) as alone"
# Keeps the live follower from going on, and says where it stands; $1 its name.
HOLD = "select version, position from follower where name = $1 for update"
# Only the live follower waits for its own place; its longest batch may be in the way.
FOLLOWER_WAITS = "set local lock_timeout = '1s'"
# Every reader who comes later waits behind the swap: one in the midst of a long question makes it give way at once.
READERS_WAIT = "set local lock_timeout = '40ms'"
# From now on the follower goes on from where the new rows stand; $1 name, $2 version, $3 position.
GO_ON = """
    update follower set version = $2, position = $3, build = build + 1, stopped = null, failing = null where name = $1
"""
LOOKED_AT_ONCE = 2000
# How often the swap is tried, about four minutes long, and how many seconds it leaves to the readers in between.
TRIES = 120
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
TURN = 100
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did: up to which position, in how many seconds, and how long the swap held others up."""

    position: int
    seconds: float
    swap_milliseconds: float


async def rebuild(
    view: View,
    canonical: Callable[[Any], str],
    log: Log,
    database: Database,
    progress: Progress = lambda _looked, _of: None,
    tries: int = TRIES,
) -> Rebuilt:
    """Fold the whole log into new tables, then give them the live ones' names.

    What an earlier run left behind is removed first. The live view stays as it is on
    Unavailable (another run is building the view, or readers did not let go of it at any of so many `tries`), on
    Conflict (a later version is there), and on Unreadable, with the position (a fact cannot be taken).
    """
    async with database.transaction() as alone:
        if not (await alone.fetch(ALONE, view.table))[0]["alone"]:
            raise Unavailable(
                "view.being_built",
                ko=f"{view.name} 보기를 이미 다시 만들고 있습니다. 끝난 뒤 다시 시도해 주세요.",
                en=f"The view {view.name} is being built already: try again when that has ended.",
            )
        return await _Build(view, canonical, log, database, progress, tries).run()


class _Build:
    def __init__(
        self,
        view: View,
        canonical: Callable[[Any], str],
        log: Log,
        database: Database,
        progress: Progress,
        tries: int,
    ) -> None:
        self._view = view
        self._canonical = canonical
        self._log = log
        self._database = database
        self._progress = progress
        self._tries = tries
        self._tables = Tables.building(view)
        self._keeper = Keeper(view, canonical, self._tables)

    async def run(self) -> Rebuilt:
        started = time.perf_counter()
        head = await self._log.head()
        await self._clear()
        async with self._database.transaction() as transaction:
            await self._tables.create(self._view, transaction)
        await self._load(head)
        async with self._database.transaction() as transaction:
            await self._tables.index(self._view, transaction)
        position, swap = await self._swap(await self._catch_up(head))
        await self._clear()
        done = Rebuilt(position, time.perf_counter() - started, 1000 * swap)
        logger.info("view.rebuilt", view=self._view.name, version=self._view.version, position=position, swap=swap)
        return done

    async def _clear(self) -> None:
        """Drop what was replaced, or left behind by a run that died; not within the swap, since it takes its time."""
        async with self._database.transaction() as transaction:
            await self._tables.drop(transaction)
            await Tables.former(self._view).drop(transaction)

    async def _load(self, through: int) -> None:
        """Record by record, so that no more than a few are in memory; nothing is ever read back."""
        looked, waiting = 0, list[Recorded]()
        shelf = await self._log.shelf(self._view.name, through, None, LOOKED_AT_ONCE)
        while shelf.last is not None:
            looked += shelf.looked
            self._progress(min(looked, through), through)
            facts = [*waiting, *shelf.facts]
            going_on = facts[-1].stream if facts else None
            whole = [recorded for recorded in facts if recorded.stream != going_on]
            waiting = facts[len(whole) :]
            following = self._log.shelf(self._view.name, through, shelf.last, LOOKED_AT_ONCE)
            _, shelf = await asyncio.gather(self._write(whole), following)
        await self._write(waiting)

    async def _write(self, facts: Sequence[Recorded]) -> None:
        """Add the rows of records whose facts these are, all of them."""
        folding = Folding(self._view, self._canonical, {})
        for number, recorded in enumerate(facts, start=1):
            _take(folding, recorded)
            if number % TURN == 0:
                await asyncio.sleep(0)
        async with self._database.transaction() as transaction:
            await transaction.copy(self._tables.current, ("id", "position", "state"), folding.current())
            await transaction.copy(self._tables.history, HISTORY_COLUMNS, folding.history())

    async def _catch_up(self, position: int) -> int:
        """Fold what was recorded meanwhile, until only a moment's facts are left."""
        while True:
            async with self._database.transaction() as transaction:
                position, full = await self._fold_next(position, transaction)
            if not full:
                return position

    async def _fold_next(self, position: int, transaction: Transaction) -> tuple[int, bool]:
        """Up to which position the new rows then stand, and whether as many facts as may be were taken."""
        stretch = await self._log.stretch(position, LOOKED_AT_ONCE, (self._view.name,))
        await self._keeper.fold(stretch.facts, transaction)
        return max(position, stretch.through), stretch.full

    async def _swap(self, position: int) -> tuple[int, float]:
        """Up to which position the new rows stand, and how many seconds the live follower was held."""
        pause = SHORTEST_PAUSE
        for _ in range(self._tries):
            try:
                return await self._swap_now(position)
            except Unavailable as busy:
                logger.warning("view.swap_put_off", view=self._view.name, why=busy.code, pause=pause)
                self._keeper.forget()
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                position = await self._catch_up(position)
        raise _in_use(self._view)

    async def _swap_now(self, position: int) -> tuple[int, float]:
        started = time.perf_counter()
        async with self._database.transaction() as transaction:
            await transaction.execute(FOLLOWER_WAITS)
            held = await transaction.fetch(HOLD, self._view.table)
            if held[0]["version"] > self._view.version:
                raise _superseded(self._view)
            while position < held[0]["position"]:
                position, _ = await self._fold_next(position, transaction)
            await transaction.execute(READERS_WAIT)
            live = Tables.live(self._view)
            await live.rename(Tables.former(self._view), transaction)
            await self._tables.rename(live, transaction)
            await transaction.execute(GO_ON, self._view.table, self._view.version, position)
        return position, time.perf_counter() - started


def _take(folding: Folding, recorded: Recorded) -> None:
    try:
        folding.take(recorded)
    except Exception as error:
        raise Unreadable(f"position {recorded.position}: {type(error).__name__}: {why(error)}") from error


def _in_use(view: View) -> Unavailable:
    return Unavailable(
        "view.in_use",
        ko=f"오래 걸리는 조회나 점검이 {view.name} 보기를 쓰고 있어 바꾸지 못했고, 지금 보기는 그대로입니다. "
        "그 작업이 끝난 뒤 다시 실행해 주세요.",
        en=f"A long question, or a check of the registry, holds on to the view {view.name}: it was left as it is. "
        "Run this again when that has ended.",
    )


def _superseded(view: View) -> Conflict:
    return Conflict(
        "view.newer",
        ko=f"{view.name} 보기는 이미 더 새로운 버전입니다. 새 버전의 프로그램으로 다시 실행해 주세요.",
        en=f"A newer version of the view {view.name} is there already: run the newer program.",
    )
