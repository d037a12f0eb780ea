"""A stand-in for one act in progress (`registry.kernel.commands.Work`), with everything in memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from registry.kernel.aggregates import Record
from registry.kernel.errors import NotFound
from registry.kernel.facts import Fact
from registry.kernel.ports import Reservation

R = TypeVar("R", bound=Record)


@dataclass
class FakeWork:
    """Knows the histories that a test gives it and, by slice, which other records there are."""

    now: datetime
    office: str
    histories: Mapping[UUID, list[Fact]]
    known: Mapping[str, Collection[UUID]]
    touched: list[Record] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day of `now`."""
        return self.now.date()

    @property
    def facts(self) -> list[Fact]:
        """What the act would record, in order."""
        return [fact for record in self.touched for fact in record.facts]

    async def load(self, kind: type[R], record: UUID) -> R:
        """The record as its history makes it; NotFound when there is none of that kind."""
        loaded: Any = None
        for fact in self.histories.get(record, []):
            loaded = fact.mutate(loaded)
        if not isinstance(loaded, kind):
            raise NotFound("record.unknown", ko="등록된 기록이 없습니다.", en="There is no such record.")
        self.touched.append(loaded)
        return loaded

    async def exists(self, kind: str, record: UUID) -> bool:
        """Is it among the known records of that slice?"""
        return record in self.known.get(kind, ())

    async def office_of(self, kind: str, record: UUID) -> str:
        """Every known record belongs to the same office."""
        if not await self.exists(kind, record):
            raise NotFound("record.unknown", ko="등록된 기록이 없습니다.", en="There is no such record.")
        return self.office

    def add(self, record: Record) -> None:
        """Take in a record that the act starts."""
        self.touched.append(record)

    def reserve(self, scope: str, name: str, record: UUID) -> None:
        """Note the name; whether it is taken is the log's to say."""
        self.reservations.append(Reservation(scope, name, record))
