"""Facts: what happened, past tense, immutable; and the one table that knows them by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeVar
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent
from eventsourcing.utils import register_topic
from pydantic import ConfigDict

from registry.kernel.dates import FuzzyDate
from registry.kernel.values import Provenance

Disclosure = Literal["open", "restricted"]


@dataclass(frozen=True)
class Fact(AggregateEvent):
    """Something that happened to one record.

    `originator_id` is the record, `originator_version` the fact's number in its history from 1, `timestamp`
    when the command was decided (UTC; once stored, when it was recorded). A fact may say where it comes from and,
    with `effective`, since when it holds in the world.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    topic: ClassVar[str]
    provenance: Provenance | None = field(default=None, kw_only=True)

    @property
    def effective(self) -> FuzzyDate | date | None:
        """When it holds in the world; None when the fact is about the record only."""
        return None

    def apply(self, aggregate: Any) -> None:
        """Let the record remember it."""
        aggregate.apply(self)


@dataclass(frozen=True)
class FirstFact(Fact, AggregateCreated):
    """The fact that a record begins with."""


@dataclass(frozen=True)
class Recorded:
    """A fact as it stands in the log.

    `position` counts the whole log from 1 without gaps, in commit order; `recorded_at` never
    goes back (UTC). `actor` is who did it as role and account, never a name. `stored` is the
    fact's own JSON, byte for byte as the log holds it. `disclosure` was decided with the fact: who may
    hear of it through a stream or a feed.
    """

    position: int
    fact: Fact
    recorded_at: datetime
    actor: str
    office: str
    command: UUID
    correlation: UUID
    causation: UUID | None = None
    reason: str | None = None
    disclosure: Disclosure = "restricted"
    stored: str = ""

    @property
    def stream(self) -> UUID:
        """The record that it happened to."""
        return self.fact.originator_id

    @property
    def version(self) -> int:
        """Its number in that record's history."""
        return self.fact.originator_version


TOPICS: dict[str, type[Fact]] = {}
RECORDS: dict[str, type[Any]] = {}

F = TypeVar("F", bound=Fact)
R = TypeVar("R")


def named(topic: str) -> Callable[[type[F]], type[F]]:
    """Enter a fact into the table under a name that outlives its class (`agreement.drafted`)."""

    def enter(cls: type[F]) -> type[F]:
        if topic in TOPICS:
            raise ValueError(topic)
        cls.topic = topic
        TOPICS[topic] = cls
        register_topic(topic, cls)
        return cls

    return enter


def record(name: str) -> Callable[[type[R]], type[R]]:
    """Enter a record class (an aggregate) into the table under its slice's name."""

    def enter(cls: type[R]) -> type[R]:
        if name in RECORDS:
            raise ValueError(name)
        RECORDS[name] = cls
        register_topic(name, cls)
        return cls

    return enter
