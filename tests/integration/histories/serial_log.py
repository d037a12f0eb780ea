"""The log as it would be if it were asked one thing at a time: what every interleaving is held against."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from registry.kernel.errors import Conflict, KeyReused, Refusal
from registry.kernel.facts import Fact, Recorded
from registry.kernel.ports import Act, Receipt, Reservation, Snapshot
from registry.store.mapper import state_of

AT = datetime(2025, 6, 10, 3, 0, tzinfo=UTC)
STALE, KEY_REUSED = "record.stale", "command.key_reused"


@dataclass
class SerialLog:
    """Facts in a list, answers and names in tables, one act after the other; `first` is the position before them."""

    first: int = 0
    facts: list[Recorded] = field(default_factory=list)
    answers: dict[tuple[str, UUID], tuple[bytes, Receipt]] = field(default_factory=dict)
    holders: dict[tuple[str, str], UUID] = field(default_factory=dict)
    streams: dict[UUID, list[Recorded]] = field(default_factory=dict)
    snapshots: dict[tuple[UUID, str], Snapshot] = field(default_factory=dict)

    def objections(self, act: Act) -> set[str]:
        """Every reason for which it is not recorded now; none for an act that was answered before."""
        seen = self.answers.get((act.actor, act.command))
        if seen is not None:
            return set() if seen[0] == act.request_hash else {KEY_REUSED}
        built_on = [*((write.record, write.expected) for write in act.writes), *act.reads]
        stale = {STALE for record, version in built_on if version != len(self.streams.get(record, ()))}
        return stale | {_taken(name) for name in act.reservations if self._holder(name, act) != name.record}

    def record(self, act: Act) -> Receipt:
        """Take an act that nothing speaks against."""
        key = (act.actor, act.command)
        if key in self.answers:
            return replace(self.answers[key][1], repeated=True)
        for write in act.writes:
            for fact in write.facts:
                recorded = _recorded(self.position + 1, fact, act)
                self.facts.append(recorded)
                self.streams.setdefault(write.record, []).append(recorded)
        self.holders.update({(name.scope, name.name): name.record for name in act.reservations})
        receipt = Receipt(act.target, len(self.streams.get(act.target, ())), self.position)
        self.answers[key] = (act.request_hash, receipt)
        return receipt

    @property
    def position(self) -> int:
        """Where the last fact stands."""
        return self.first + len(self.facts)

    async def append(self, act: Act) -> Receipt:
        """Record an act, or say what speaks against it."""
        for code in self.objections(act):
            raise _refusal(code)
        return self.record(act)

    async def answered(self, actor: str, command: UUID, request_hash: bytes) -> Receipt | None:
        """The answer that this command got before."""
        seen = self.answers.get((actor, command))
        if seen is not None and seen[0] != request_hash:
            raise _refusal(KEY_REUSED)
        return replace(seen[1], repeated=True) if seen else None

    async def kind(self, record: UUID) -> str | None:
        """The slice of a record's first fact."""
        history = self.streams.get(record)
        return history[0].fact.topic.partition(".")[0] if history else None

    async def history(self, record: UUID) -> Sequence[Recorded]:
        """All facts of one record."""
        return self.streams.get(record, [])

    async def recollect(self, record: UUID, format_: str) -> tuple[Snapshot | None, Sequence[Recorded]]:
        """The snapshot that was kept, and the facts after it."""
        snapshot = self.snapshots.get((record, format_))
        return snapshot, self.streams.get(record, [])[snapshot.version if snapshot else 0 :]

    async def remember(self, record: UUID, format_: str, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        self.snapshots[record, format_] = snapshot

    async def after(self, position: int, limit: int) -> Sequence[Recorded]:
        """What comes after a position."""
        return self.facts[max(position - self.first, 0) :][:limit]

    async def head(self) -> int:
        """Where the last fact stands."""
        return self.position

    async def generation(self) -> UUID:
        """There is only one."""
        return UUID(int=0)

    async def pause(self) -> None:
        """Nothing is ever lost."""

    def moved(self) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Nobody follows a model."""
        raise NotImplementedError

    def _holder(self, name: Reservation, act: Act) -> UUID:
        mine = next(each.record for each in act.reservations if (each.scope, each.name) == (name.scope, name.name))
        return self.holders.get((name.scope, name.name), mine)


def _recorded(position: int, fact: Fact, act: Act) -> Recorded:
    return Recorded(
        position, fact, AT, act.actor, act.office, act.command, act.correlation, act.causation, stored=state_of(fact)
    )


def _taken(name: Reservation) -> str:
    return f"{name.scope.partition(':')[0]}_taken"


def _refusal(code: str) -> Refusal:
    kind = KeyReused if code == KEY_REUSED else Conflict
    return kind(code, ko="-", en="-")
