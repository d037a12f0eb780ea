"""Group commit: acts that arrive while a batch commits go together in the next one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from registry.kernel.errors import Conflict, Invalid, KeyReused, Refusal, Unavailable
from registry.kernel.ports import Act, Clock, Receipt
from registry.store.database import Database
from registry.store.mapper import MAX_STATE_BYTES, NUL, canonical, state_of

# Appends a batch; see 0001_event_log.sql for the arrays and the outcomes.
APPEND = """
    select place, outcome, answer_version, answer_position, detail
    from append_batch($1, $2, $3::uuid[], $4, $5::uuid[], $6, $7, $8::uuid[], $9, $10, $11, $12, $13, $14, $15::uuid[])
"""
# What one act can bring that Postgres will not take; its neighbours in the batch are then tried without it.
UNFIT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
MAX_BATCH = 256
logger = structlog.get_logger(__name__)
MAX_WAITING = 4096


@dataclass(frozen=True)
class Prepared:
    """An act as the append function takes it: every fact encoded, every size checked."""

    act: Act
    metadata: str
    facts: tuple[tuple[UUID, int, str, str], ...]


def prepare(act: Act) -> Prepared:
    """Encode an act's facts; Invalid when one is too large or holds U+0000."""
    facts = []
    for write in act.writes:
        for offset, fact in enumerate(write.facts, start=1):
            state = state_of(fact)
            if len(state.encode()) > MAX_STATE_BYTES:
                raise Invalid(
                    "request.too_large",
                    ko="한 번에 기록하기에는 내용이 너무 큽니다. 나누어 등록해 주세요.",
                    en="This is too much for one record: split it and send it in parts.",
                )
            if NUL.search(state):
                raise Invalid(
                    "text.control_character",
                    ko="보이지 않는 제어 문자(U+0000)를 지워 주세요.",
                    en="Remove the control character U+0000.",
                )
            facts.append((write.record, write.expected + offset, fact.topic, state))
    return Prepared(act, _metadata(act), tuple(facts))


def _metadata(act: Act) -> str:
    about: dict[str, object] = {
        "actor": act.actor,
        "command": act.command,
        "correlation": act.correlation,
        "disclosure": act.disclosure,
        "office": act.office,
    }
    if act.causation is not None:
        about["causation"] = act.causation
    if act.reason is not None:
        about["reason"] = act.reason
    return canonical(about)


class Appender:
    """Takes acts one at a time and appends them many at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Ready to be started."""
        self._database = database
        self._clock = clock
        self._waiting: asyncio.Queue[tuple[Prepared, asyncio.Future[Receipt]]] = asyncio.Queue(MAX_WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to append."""
        self._task = asyncio.create_task(self._run(), name="appender")

    async def stop(self) -> None:
        """Append what waits, then end."""
        if self._task is not None:
            await self._waiting.join()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def append(self, act: Act) -> Receipt:
        """Record an act; its receipt, or the refusal that it met."""
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((prepare(act), answer))
        except asyncio.QueueFull:
            raise Unavailable(
                "log.busy",
                ko="지금 요청이 많습니다. 잠시 뒤 같은 요청을 다시 보내 주세요.",
                en="The registry is busy: send the same request again in a moment.",
            ) from None
        return await answer

    async def _run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < MAX_BATCH and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._commit(batch)
            finally:
                for _ in batch:
                    self._waiting.task_done()

    async def _commit(self, batch: Sequence[tuple[Prepared, asyncio.Future[Receipt]]]) -> None:
        answers: Sequence[Receipt | Exception]
        try:
            rows = await self._database.fetch(APPEND, *_arrays(self._clock.now(), [prepared for prepared, _ in batch]))
            answers = [_answer(prepared.act, row) for (prepared, _), row in zip(batch, rows, strict=True)]
        except UNFIT as unfit:
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
                return
            logger.exception("log.append_failed", acts=1)
            answers = [unfit]
        except (Unavailable, asyncpg.PostgresError):
            logger.exception("log.append_failed", acts=len(batch))
            answers = [_unanswered() for _ in batch]
        except Exception as fault:
            logger.exception("log.append_failed", acts=len(batch))
            answers = [fault for _ in batch]
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.cancelled():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)


def _arrays(now: datetime, batch: Sequence[Prepared]) -> list[Any]:
    acts = [prepared.act for prepared in batch]
    facts = [(place, *fact) for place, prepared in enumerate(batch, start=1) for fact in prepared.facts]
    names = [(place, r) for place, act in enumerate(acts, start=1) for r in act.reservations]
    return [
        now,
        [act.actor for act in acts],
        [act.command for act in acts],
        [act.request_hash for act in acts],
        [act.target for act in acts],
        [prepared.metadata for prepared in batch],
        [fact[0] for fact in facts],
        [fact[1] for fact in facts],
        [fact[2] for fact in facts],
        [fact[3] for fact in facts],
        [fact[4] for fact in facts],
        [place for place, _ in names],
        [r.scope for _, r in names],
        [r.name for _, r in names],
        [r.record for _, r in names],
    ]


def _answer(act: Act, row: Any) -> Receipt | Refusal:
    match row["outcome"]:
        case "recorded" | "repeated" as outcome:
            return Receipt(act.target, row["answer_version"], row["answer_position"], repeated=outcome == "repeated")
        case "key_reused":
            return key_reused()
        case "taken":
            return name_taken(row["detail"])
        case "stale":
            return stale()
        case other:
            raise ValueError(other)


def key_reused() -> KeyReused:
    """The refusal of a command id that was used for another request."""
    return KeyReused(
        "command.key_reused",
        ko="이 Idempotency-Key는 다른 내용의 요청에 이미 쓰였습니다. 새 키로 보내 주세요.",
        en="This Idempotency-Key was used for another request: send this one under a new key.",
    )


def name_taken(detail: str) -> Conflict:
    """The refusal of a name that another record has."""
    scope, _, name = detail.partition(" ")
    return Conflict(
        f"{scope.partition(':')[0]}_taken",
        ko=f"이미 사용 중인 번호입니다: {name}. 다른 번호를 입력해 주세요.",
        en=f"This number is taken: {name}. Choose another.",
    )


def stale() -> Conflict:
    """The refusal of a change to a version that is not the last."""
    return Conflict(
        "record.stale",
        ko="그사이 다른 사람이 이 기록을 변경했습니다. 새로 불러온 뒤 다시 시도해 주세요.",
        en="Somebody changed this record in the meantime: load it again, then try once more.",
    )


def _unanswered() -> Refusal:
    return Unavailable(
        "log.unreachable",
        ko="지금은 기록할 수 없습니다. 같은 요청을 잠시 뒤 다시 보내 주세요. 두 번 기록되지 않습니다.",
        en="The registry cannot record just now: send the same request again, it is not recorded twice.",
        retry_after=2,
    )
