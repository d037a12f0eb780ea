"""Group commit: acts that arrive while a batch commits go together in the next one."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from registry.kernel.errors import Refusal, Unavailable
from registry.kernel.ports import Act, Clock, Receipt, Row
from registry.store.database import Database
from registry.store.prepared import Prepared, arrays, prepare
from registry.store.refusals import busy, key_reused, name_taken, stale, unanswered, unrecordable

# Appends a batch; see 0003_append_in_sets.sql for the arrays and the outcomes.
APPEND = """
    select place, outcome, answer_version, answer_position, detail
    from append_batch($1, $2, $3::uuid[], $4, $5::uuid[], $6, $7,
                      $8, $9::uuid[], $10, $11, $12::uuid[], $13, $14, $15, $16, $17, $18, $19::uuid[])
"""
# What one act can bring that Postgres will not take; its neighbours in the batch are then tried without it.
UNFIT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
# A batch takes at most two thirds of what waits, so that deciding the next acts and committing these overlap.
FEWEST = 32
MAX_BATCH = 256
MAX_BATCH_SIZE = 8 * 1024 * 1024
# What may wait before further acts are refused, by number and by size.
MAX_WAITING = 4096
MAX_WAITING_SIZE = 64 * 1024 * 1024
# How long a batch is sent again to a database that does not answer; its acts are recorded once all the same.
INSIST_SECONDS = 3.0
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5
logger = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Waiting:
    """An act, and the answer that its caller waits for."""

    act: Prepared
    answer: asyncio.Future[Receipt]


class Appender:
    """Takes acts one at a time and appends them many at a time."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        """Ready to be started. Without a clock, facts are stamped by the database's."""
        self._database = database
        self._clock = clock
        self._waiting: deque[Waiting] = deque()
        self._size = 0
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to append."""
        self._task = asyncio.create_task(self._run(), name="appender")

    async def stop(self) -> None:
        """Append what waits, then end."""
        if self._task is not None:
            task, self._task = self._task, None
            self._arrived.set()
            await task

    async def append(self, act: Act) -> Receipt:
        """Record an act; its receipt, or the refusal that it met."""
        return await self.enter(prepare(act))

    async def enter(self, act: Prepared) -> Receipt:
        """Record an act that is encoded already. A caller who stops waiting loses the answer, not the act."""
        if self._task is None or len(self._waiting) >= MAX_WAITING or self._size + act.size > MAX_WAITING_SIZE:
            raise busy()
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(act, answer))
        self._size += act.size
        self._arrived.set()
        return await answer

    async def _run(self) -> None:
        while self._waiting or self._task is not None:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            batch = self._next_batch()
            await self._commit(batch)
            self._size -= sum(each.act.size for each in batch)

    def _next_batch(self) -> list[Waiting]:
        """The next acts in order, without rivals: who wants what another of the batch takes waits for the next one."""
        batch: list[Waiting] = []
        size = 0
        aside: list[Waiting] = []
        taken: set[object] = set()
        limit = max(FEWEST, min(MAX_BATCH, 2 * len(self._waiting) // 3))
        while self._waiting and len(batch) < limit and size < MAX_BATCH_SIZE:
            one = self._waiting.popleft()
            if taken.isdisjoint(_wants(one.act)):
                batch.append(one)
                size += one.act.size
                taken.update(_takes(one.act))
            else:
                aside.append(one)
                taken.update(_wants(one.act))
        self._waiting.extendleft(reversed(aside))
        return batch

    async def _commit(self, batch: Sequence[Waiting], end: float | None = None) -> None:
        """Append a batch and tell every caller what became of its act; `end`: until when to insist."""
        end = end or asyncio.get_running_loop().time() + INSIST_SECONDS
        rows: Sequence[Row] = ()
        failure: Exception | None = None
        try:
            rows = await self._send([each.act for each in batch], end)
            answers: Sequence[Receipt | Exception] = [
                _answer(each.act.target, row) for each, row in zip(batch, rows, strict=True)
            ]
        except UNFIT as unfit:
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one], end)
                return
            failure, answers = unfit, [unrecordable()]
        except (Unavailable, asyncpg.PostgresError) as lost:
            failure, answers = lost, [unanswered() for _ in batch]
        except Exception as fault:
            failure, answers = fault, [fault for _ in batch]
        for each, answer in zip(batch, answers, strict=True):
            _tell(each.answer, answer)
        # Last, and whatever comes of it: what was recorded is not undone by a disk that is full of logs.
        with suppress(OSError, ValueError):
            if isinstance(failure, Unavailable):
                logger.warning("log.unreachable", acts=len(batch), why=type(failure.__cause__).__name__)
            elif failure is not None:
                logger.error("log.append_failed", acts=len(batch), exc_info=failure)
            else:
                logger.info("log.appended", acts=[_line(one.act, row) for one, row in zip(batch, rows, strict=True)])

    async def _send(self, acts: Sequence[Prepared], end: float) -> Sequence[Row]:
        """Send a batch, again when the connection is lost: what was committed before that is answered as repeated."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            try:
                now = None if self._clock is None else self._clock.now()
                return await self._database.fetch(APPEND, *arrays(now, acts))
            except Unavailable:
                if loop.time() + pause > end:
                    raise
                logger.warning("log.append_again", acts=len(acts))
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _takes(act: Prepared) -> list[object]:
    """What an act leaves different for others: records, its command id, names."""
    names = [(name.scope, name.name) for name in act.names]
    return [(act.actor, act.command.int), *{fact.stream.int for fact in act.facts}, *names]


def _wants(act: Prepared) -> list[object]:
    """What an act takes, the records that it was decided by, and the one whose version it is told."""
    return [*_takes(act), act.target.int, *(record.int for record, _ in act.reads)]


def _line(act: Prepared, row: Any) -> dict[str, object]:
    """What became of an act, for the log: by these it is followed through both services."""
    return {
        "name": act.name,
        "command": act.command,
        "correlation": act.correlation,
        "record": act.target,
        "outcome": row["outcome"],
        "version": row["answer_version"],
        "position": row["answer_position"],
    }


def _tell(answer: asyncio.Future[Receipt], told: Receipt | Exception) -> None:
    if answer.cancelled():
        return
    if isinstance(told, Exception):
        answer.set_exception(told)
    else:
        answer.set_result(told)


def _answer(target: UUID, row: Any) -> Receipt | Refusal:
    match row["outcome"]:
        case "recorded" | "repeated" as outcome:
            return Receipt(target, row["answer_version"], row["answer_position"], repeated=outcome == "repeated")
        case "key_reused":
            return key_reused()
        case "taken":
            return name_taken(row["detail"])
        case "stale":
            return stale()
        case other:
            raise ValueError(other)
