"""A stand-in for one act in progress (`registry.kernel.commands.Work`), with everything in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from registry.kernel.aggregates import Record
from registry.kernel.errors import NotFound
from registry.kernel.facts import RECORDS, Fact
from registry.kernel.ports import Reservation

R = TypeVar("R", bound=Record)


@dataclass
class FakeWork:
    """Knows the histories that a test gives it and, by slice, which other records there are."""

    now: datetime
    office: str
    histories: Mapping[UUID, list[Fact]]
    known: Mapping[str, Collection[UUID]]
    touched: dict[UUID, Record] = field(default_factory=dict)
    reservations: list[Reservation] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of `now`."""
        return self.now.date()

    @property
    def facts(self) -> list[Fact]:
        """What the act would record, in order."""
        return [fact for record in self.touched.values() for fact in record.facts]

    async def load(self, kind: type[R], record: UUID) -> R:
        """The record as its history makes it, the same one each time; NotFound when there is none of that kind."""
        loaded = self.touched.get(record) or self._replayed(record)
        if not isinstance(loaded, kind):
            raise _unknown()
        self.touched[record] = loaded
        return loaded

    async def exists(self, kind: str, record: UUID) -> bool:
        """Does it have a history in that slice, or is it among the known records?"""
        return isinstance(self._replayed(record), RECORDS[kind]) or record in self.known.get(kind, ())

    async def office_of(self, kind: str, record: UUID) -> str:
        """The owner, which is the same office for every known record."""
        found = self.touched.get(record) or self._replayed(record)
        if isinstance(found, RECORDS[kind]):
            return str(found.office)
        if record not in self.known.get(kind, ()):
            raise _unknown()
        return self.office

    def add(self, record: Record) -> None:
        """Take in a record that the act starts."""
        self.touched[record.id] = record

    def reserve(self, scope: str, name: str, record: UUID) -> None:
        """Note the name; whether it is taken is the log's to say."""
        self.reservations.append(Reservation(scope, name, record))

    def _replayed(self, record: UUID) -> Any:
        replayed: Any = None
        for fact in self.histories.get(record, []):
            replayed = fact.mutate(replayed)
        return replayed


def _unknown() -> NotFound:
    return NotFound("record.unknown", ko="등록된 기록이 없습니다.", en="There is no such record.")
