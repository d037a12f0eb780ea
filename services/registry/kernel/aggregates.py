"""Records: each remembers its own facts and decides by them."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import BaseAggregate

from registry.kernel.facts import Fact, FirstFact


class Record(BaseAggregate[UUID]):
    """An aggregate whose state is nothing but its facts.

    Methods in the imperative decide and then `happened(...)`; `apply` only assigns.
    State is annotated where it is assigned: the library reads class-body annotations as fields. No rule asks for
    `created_on` or `modified_on`: until a record is loaded anew, they are when its facts were decided, not recorded.
    """

    @property
    def facts(self) -> list[Fact]:
        """What happened since it was loaded."""
        return [fact for fact in self.pending_events if isinstance(fact, Fact)]

    @classmethod
    def begin(cls, fact: FirstFact) -> Self:
        """Start a record with its first fact."""
        started = fact.mutate(None)
        if not isinstance(started, cls):
            raise TypeError(fact.topic)
        started.pending_events.append(fact)
        return started

    def next(self, at: datetime) -> tuple[UUID, int, datetime]:
        """The first three fields of this record's next fact: record, version, decided at."""
        return self.id, self.version + 1, at

    def happened(self, fact: Fact) -> None:
        """Take in a new fact and keep it for the log."""
        fact.mutate(self)
        self.pending_events.append(fact)

    def owned_by(self, office: str) -> None:
        """Remember the office that owns the record; whoever changes it must act for that office."""
        self.office: str = office

    def apply(self, fact: Any) -> None:
        """Remember a fact; every slice says how."""
        raise NotImplementedError(type(self))
