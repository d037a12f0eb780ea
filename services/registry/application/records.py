"""Records in memory, as their last facts left them: lent to one act at a time, dropped at the first doubt."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from uuid import UUID

import structlog

from registry.application.memory import Unrememberable, format_of, recall, remember
from registry.kernel.aggregates import Record
from registry.kernel.errors import Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Log, Snapshot

R = TypeVar("R", bound=Record)
MOST_RECORDS = 10_000
MOST_KINDS = 100_000
# A record is remembered in the log's database each time its history has grown by so many facts.
SNAPSHOT_EVERY = 200
# How many acts may wait for one record before further ones are refused.
MOST_WAITING = 256
logger = structlog.get_logger(__name__)


@dataclass
class Turn:
    """Whose turn it is with one record."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted_by: int = 0


class Records:
    """Keeps what was used last. A record that is lent out is not kept: it comes back only when all went well.

    Acts on one record of the same process take turns. Between processes the log decides: what another one has
    changed makes an act stale, and the record is loaded anew.
    """

    def __init__(self, log: Log, *, most: int = MOST_RECORDS, snapshot_every: int = SNAPSHOT_EVERY) -> None:
        """Load from `log`; keep at most `most` records, the least recently used goes first."""
        self._log = log
        self._most = most
        self._snapshot_every = snapshot_every
        self._kept: OrderedDict[UUID, Record] = OrderedDict()
        self._kinds: OrderedDict[UUID, str] = OrderedDict()
        self._turns: dict[UUID, Turn] = {}
        self._remembering: set[asyncio.Task[None]] = set()

    def lend(self, target: UUID | None, *, anew: bool = False) -> "Loan":
        """What one attempt may borrow, as a context. It waits its turn with `target`, unless its record is new.

        `anew`: nothing from memory.
        """
        return Loan(self, target, anew=anew)

    async def turn(self, record: UUID) -> None:
        """Wait until nobody else of this process has the record."""
        turn = self._turns.get(record)
        if turn is None:
            turn = self._turns[record] = Turn()
        elif turn.wanted_by >= MOST_WAITING:
            raise _busy()
        turn.wanted_by += 1
        try:
            await turn.lock.acquire()
        except asyncio.CancelledError:
            self._leave(record, turn)
            raise

    def pass_on(self, record: UUID) -> None:
        """Let the next one have the record."""
        turn = self._turns[record]
        turn.lock.release()
        self._leave(record, turn)

    def _leave(self, record: UUID, turn: Turn) -> None:
        turn.wanted_by -= 1
        if not turn.wanted_by:
            del self._turns[record]

    async def close(self) -> None:
        """Finish what is being remembered."""
        await asyncio.gather(*self._remembering)

    def taken(self, record: UUID) -> Record | None:
        """A record out of memory: it is not there any more; None when it was not."""
        return self._kept.pop(record, None)

    def seen(self, record: UUID) -> Record | None:
        """A record in memory, to look at and not to change; None when it is not there."""
        return self._kept.get(record)

    def keep(self, record: Record) -> None:
        """Take a record back after its facts were recorded."""
        grown = len(record.pending_events)
        record.pending_events.clear()
        newer = self._kept.get(record.id)
        if newer is not None and newer.version > record.version:
            return  # another act was answered later and came back sooner
        self._kept[record.id] = record
        self._kept.move_to_end(record.id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        if record.version // self._snapshot_every > (record.version - grown) // self._snapshot_every:
            self._remember(record)

    async def load(self, kind: type[Record], record: UUID) -> Record | None:
        """A record from the log: from its snapshot, if that can be read, and the facts after it."""
        snapshot, facts = await self._log.recollect(record, format_of(kind))
        if snapshot is None:
            loaded = _replayed(None, facts)
        else:
            try:
                loaded = _replayed(_recalled(kind, record, snapshot), facts)
            except Exception as unreadable:  # whatever is wrong with it: the facts alone say the same
                logger.warning("snapshot.unreadable", record=str(record), why=type(unreadable).__name__)
                facts = await self._log.history(record)
                loaded = _replayed(None, facts)
        if isinstance(loaded, kind) and len(facts) > self._snapshot_every:
            self._remember(loaded)
        return loaded

    async def kind(self, record: UUID) -> str | None:
        """The slice that a record belongs to, which never changes; None when there is no such record."""
        known = self._kinds.get(record)
        if known is None:
            known = await self._log.kind(record)
            if known is not None:
                self._kinds[record] = known
                while len(self._kinds) > MOST_KINDS:
                    self._kinds.popitem(last=False)
        return known

    def _remember(self, record: Record) -> None:
        """Write a snapshot of the record as it is now, beside whatever comes next; a lost one costs nothing."""
        try:
            state = remember(record)
        except Unrememberable as value:
            logger.warning("snapshot.not_kept", record=str(record.id), value=str(value))
            return
        task = asyncio.create_task(self._write(record.id, format_of(type(record)), Snapshot(record.version, state)))
        self._remembering.add(task)
        task.add_done_callback(self._remembering.discard)

    async def _write(self, record: UUID, format_: str, snapshot: Snapshot) -> None:
        try:
            await self._log.remember(record, format_, snapshot)
        except Exception as lost:  # only a saving: whatever became of it, the record can be loaded without
            logger.warning("snapshot.not_kept", record=str(record), why=type(lost).__name__)


class Loan:
    """Records lent to one attempt. None of them is in memory until `keep`; an attempt that fails leaves them out."""

    def __init__(self, records: Records, target: UUID | None, *, anew: bool) -> None:
        """The borrower's turn is with `target`; with others it does not wait, so that no two wait for each other."""
        self._records = records
        self._target = target
        self._anew = anew
        self.from_memory = False
        self.decided = False

    async def __aenter__(self) -> Self:
        """Begin, when it is one's turn."""
        if self._target is not None:
            await self._records.turn(self._target)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End; what was not given back is loaded anew by the next one."""
        if self._target is not None:
            self._records.pass_on(self._target)

    async def take(self, kind: type[Record], record: UUID) -> Record | None:
        """A record to change; None when there is none under this id."""
        kept = self._records.taken(record)
        if kept is not None and not self._anew:
            self.from_memory = True
            return kept
        return await self._records.load(kind, record)

    async def look(self, kind: type[Record], record: UUID) -> Record | None:
        """A record to look at; None when there is none under this id."""
        kept = self._records.seen(record)
        if kept is not None and not self._anew:
            self.from_memory = True
            return kept
        loaded = await self._records.load(kind, record)
        if loaded is not None:
            self._records.keep(loaded)
        return loaded

    async def kind(self, record: UUID) -> str | None:
        """The slice that a record belongs to; None when there is no such record."""
        return await self._records.kind(record)

    def keep(self, changed: Iterable[Record]) -> None:
        """Give back what was borrowed or begun, now that its facts are recorded."""
        for record in changed:
            self._records.keep(record)


def _recalled(kind: type[Record], record: UUID, snapshot: Snapshot) -> Record:
    """The record that a snapshot holds; ValueError when it is another one, or of another version than it says."""
    recalled = recall(kind, snapshot.state)
    if (recalled.id, recalled.version) != (record, snapshot.version):
        raise ValueError(snapshot.version)
    return recalled


def _replayed(record: Any, facts: Sequence[Recorded]) -> Record | None:
    for recorded in facts:
        record = recorded.fact.mutate(record)
    return record if isinstance(record, Record) else None


def _busy() -> Unavailable:
    return Unavailable(
        "record.busy",
        ko="이 기록을 변경하려는 요청이 많습니다. 잠시 뒤 같은 요청을 다시 보내 주세요.",
        en="Too many requests want to change this record: send the same request again in a moment.",
    )
