"""Facts: what happened, past tense, immutable; and the one table that knows them by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent
from pydantic import ConfigDict

from registry.kernel.dates import FuzzyDate
from registry.kernel.timeline import Holding
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
    stored_as: ClassVar[str]
    provenance: Provenance | None = field(default=None, kw_only=True)

    @property
    def effective(self) -> FuzzyDate | date | None:
        """When it holds in the world; None when the fact is about the record only."""
        return None

    @property
    def holds(self) -> Holding:
        """From which day on it changes what held: its effective day, or every day when it has none.

        A fact whose day may be missing says "undated" then, and one that has a day but tells of the record
        only (a plan, a registration) says "every day".
        """
        return "every day" if self.effective is None else self.effective

    def apply(self, aggregate: Any) -> None:
        """Let the record remember it."""
        aggregate.apply(self)


@dataclass(frozen=True)
class FirstFact(Fact, AggregateCreated):
    """The fact that a record begins with."""

    def mutate(self, aggregate: Any) -> Any:
        """The record that it begins; its class comes from the table of records, never from a module's name."""
        if aggregate is not None:
            raise ValueError(f"{self.topic}: this record has begun already")
        kind: Any = RECORDS[self.originator_topic]
        begun = kind.__new__(kind)
        begun.__base_init__(self.originator_id, self.originator_version, self.timestamp)
        self.apply(begun)
        return begun


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


class Entry(NamedTuple):
    """A fact as the log holds it, before it is read: `topic` and `state` as they were stored, `record` as text."""

    position: int
    record: str
    version: int
    topic: str
    state: str
    recorded_at: datetime
    command: UUID
    correlation: UUID
    disclosure: Disclosure = "restricted"


def stated(record: str, named: object, state: str) -> str:
    """A fact's state as JSON with its record named by its kind: `{"agreement":"…",` and the fact's own fields."""
    own = state[1:] if state == "{}" else f",{state[1:]}"
    return f'{{"{record}":"{named}"{own}'


# Facts by the name under which they are stored, and how an earlier version of one becomes the next.
TOPICS: dict[str, type[Fact]] = {}
UPCASTS: dict[str, "Upcast"] = {}
RECORDS: dict[str, type[Any]] = {}

F = TypeVar("F", bound=Fact)
R = TypeVar("R")
State = dict[str, Any]


@dataclass(frozen=True)
class Upcast:
    """How a stored state becomes one of the next version; `topic` is what that is stored under."""

    topic: str
    change: Callable[[State], State]


def stored_as(topic: str, version: int) -> str:
    """The name under which a version of a fact is stored: `agreement.drafted`, then `agreement.drafted@2`."""
    return topic if version == 1 else f"{topic}@{version}"


def named(topic: str, *, version: int = 1) -> Callable[[type[F]], type[F]]:
    """Enter a fact into the table under a name that outlives its class (`agreement.drafted`).

    A class of a higher `version` is stored under that version; for every earlier one an `upcast` says how a
    state of it is read.
    """

    def enter(cls: type[F]) -> type[F]:
        name = stored_as(topic, version)
        if name in TOPICS:
            raise ValueError(name)
        cls.topic = topic
        cls.stored_as = name
        TOPICS[name] = cls
        return cls

    return enter


def upcast(topic: str, *, version: int) -> Callable[[Callable[[State], State]], Callable[[State], State]]:
    """Say how a stored state of `version` becomes one of the next; what is stored stays as it is."""

    def enter(change: Callable[[State], State]) -> Callable[[State], State]:
        name = stored_as(topic, version)
        if name in UPCASTS:
            raise ValueError(name)
        UPCASTS[name] = Upcast(stored_as(topic, version + 1), change)
        return change

    return enter


def record(name: str) -> Callable[[type[R]], type[R]]:
    """Enter a record class (an aggregate) into the table under its slice's name."""

    def enter(cls: type[R]) -> type[R]:
        if name in RECORDS:
            raise ValueError(name)
        RECORDS[name] = cls
        return cls

    return enter
