"""One act in progress: what its handler borrowed, changed and asked for."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from registry.application.records import Loan
from registry.application.request import CommandRequest
from registry.kernel.aggregates import Record
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.facts import RECORDS
from registry.kernel.ports import Act, Log, Policy, Reservation, Write

R = TypeVar("R", bound=Record)


@dataclass
class UnitOfWork:
    """One act in progress; see `registry.kernel.commands.Work`."""

    log: Log
    policy: Policy
    request: CommandRequest
    now: datetime
    today: date
    loan: Loan
    changed: dict[UUID, Record] = field(default_factory=dict)
    seen: dict[UUID, int] = field(default_factory=dict)
    reservations: list[Reservation] = field(default_factory=list)

    @property
    def office(self) -> str:
        """The office of whoever brings the command."""
        return self.request.by.office

    async def load(self, kind: type[R], record: UUID) -> R:
        """The record as it stands, to change it; NotFound, Forbidden, or Conflict with If-Match."""
        if record not in self.changed:
            found = await self.loan.take(kind, record)
            if found is None:
                raise _unknown(record)
            self.policy.permit(self.request.by, self.request.command.name, found.office)
            self._match(found)
            self.changed[record] = found
        loaded = self.changed[record]
        if not isinstance(loaded, kind):
            raise _unknown(record)
        return loaded

    async def exists(self, kind: str, record: UUID) -> bool:
        """Is there a record of this slice under this id?"""
        return await self.loan.kind(record) == kind

    async def office_of(self, kind: str, record: UUID) -> str:
        """The office that owns a record of another slice, which must not have moved on when this act is recorded."""
        found = self.changed.get(record) or await self.loan.look(RECORDS[kind], record)
        if not isinstance(found, RECORDS[kind]):
            raise _unknown(record)
        if record not in self.changed:
            self.seen[record] = found.version
        return str(found.office)

    def add(self, record: Record) -> None:
        """Take in a record that this act starts; Forbidden for another office's."""
        self.policy.permit(self.request.by, self.request.command.name, record.office)
        self.changed[record.id] = record

    def reserve(self, scope: str, name: str, record: UUID) -> None:
        """Ask for a name of its own."""
        self.reservations.append(Reservation(scope, name, record))

    def act(self, digest: bytes) -> Act:
        """What is to be recorded: new facts, names, and at which versions the decision was made."""
        writes = []
        reads = dict(self.seen)
        for record in self.changed.values():
            facts = tuple(record.facts)
            before = record.version - len(facts)
            if facts:
                writes.append(Write(record.id, before, facts))
                reads.pop(record.id, None)
            else:
                reads[record.id] = before
        request = self.request
        return Act(
            command=request.id,
            actor=request.by.name,
            office=request.by.office,
            request_hash=digest,
            target=request.record,
            writes=tuple(writes),
            reservations=tuple(self.reservations),
            correlation=request.correlation,
            causation=request.causation,
            reason=request.reason,
            reads=tuple(reads.items()),
            name=request.command.name,
        )

    def _match(self, found: Record) -> None:
        expected = self.request.expected
        if found.id == self.request.target and expected is not None and expected != found.version:
            raise Conflict(
                "record.stale",
                ko=f"지금 버전은 {found.version}입니다. 새로 불러온 뒤 다시 시도해 주세요.",
                en=f"It stands at version {found.version}: load it again, then try once more.",
            )


def _unknown(record: UUID) -> NotFound:
    return NotFound(
        "record.unknown",
        ko=f"등록된 기록이 없습니다: {record}. 주소를 확인해 주세요.",
        en=f"There is no such record: {record}. Check the address.",
    )
