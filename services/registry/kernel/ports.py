"""What the house needs from outside, as shapes only."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from registry.kernel.actors import Actor
from registry.kernel.facts import Disclosure, Entry, Fact, Recorded

Row = Mapping[str, Any]


class Clock(Protocol):
    """Two different questions: what time it is, and which day deadlines are reckoned from."""

    def now(self) -> datetime:
        """The real time (UTC), never moved."""

    def today(self) -> date:
        """The day that counts as today; may be chosen when trying things out."""


class Ids(Protocol):
    """A source of new ids."""

    def new(self) -> UUID:
        """An id that nobody has used."""


class Rows(Protocol):
    """Reading in SQL; arguments are `$1`, `$2` and so on."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Every row of the answer."""


class Transaction(Rows, Protocol):
    """Reading and writing that holds together."""

    async def execute(self, sql: str, *arguments: object) -> None:
        """Run one statement."""

    async def execute_long(self, sql: str) -> None:
        """Run a statement that may take as long as it needs, such as the making of an index."""

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add many rows to `table` (with its schema) at once; each value as its text, None as null."""


class Database(Rows, Protocol):
    """A database: rows to read, and transactions."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction; left by an exception, nothing of it stays."""


class Leadership(Protocol):
    """Who of several processes does a thing that one does best alone."""

    def of(self, what: str) -> AbstractAsyncContextManager[Callable[[], bool]]:
        """Wait to be the only leader; inside, ask whether that still holds. Unavailable when nobody answers."""


@dataclass(frozen=True)
class Generation:
    """One of the log's generations: its number from 1, its id, and the last position before it began."""

    number: int
    id: UUID
    began_after: int


@dataclass(frozen=True)
class Reservation:
    """A name that only one record may have within its scope."""

    scope: str
    name: str
    record: UUID


@dataclass(frozen=True)
class Write:
    """New facts of one record, to follow its version `expected` (0: the record is new)."""

    record: UUID
    expected: int
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Act:
    """What one command wants recorded, whole or not at all.

    `reads` are records that the decision looked at without changing them, each with the version that was seen:
    when one of them has moved on by the time of the append, the act is stale. `name` is the command's, for people.
    """

    command: UUID
    actor: str
    office: str
    request_hash: bytes
    target: UUID
    writes: tuple[Write, ...]
    reservations: tuple[Reservation, ...]
    correlation: UUID
    causation: UUID | None = None
    reason: str | None = None
    disclosure: Disclosure = "restricted"
    reads: tuple[tuple[UUID, int], ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What a record remembered at a version, in a format that `Log` does not look into."""

    version: int
    state: str


@dataclass(frozen=True)
class Receipt:
    """The answer to a command: which record, its version after it, and where it stands in the log."""

    record: UUID
    version: int
    position: int
    repeated: bool = False


class Policy(Protocol):
    """Who may do what to whose records."""

    def permit(self, actor: Actor, command: str, office: str | None = None) -> None:
        """Forbidden unless the actor's role may run the command, on a record of `office` if one is given."""


@dataclass(frozen=True)
class Person:
    """What the vault keeps of a natural person; its repr tells none of it."""

    name: str = field(repr=False)
    contact: str | None = field(repr=False)
    lang: str = field(repr=False)


@dataclass(frozen=True)
class Tombstone:
    """What is left of a forgotten person."""

    person: UUID
    forgotten_at: datetime


@dataclass(frozen=True)
class Errand:
    """Who touches person data, from which network address, and why."""

    by: Actor
    origin: str | None = None
    why: str | None = field(default=None, repr=False)


class Vault(Protocol):
    """The only place that knows persons by name; everything else holds their ids."""

    async def keep(self, command: UUID, fields: Person, office: str, errand: Errand) -> UUID:
        """Keep a person for `office`. The same command gives the same id; KeyReused for another content."""

    async def reveal(self, person: UUID, errand: Errand) -> Person | Tombstone:
        """A person's data, noted with the reason, without which Invalid; NotFound for nobody's id."""

    async def forget(self, command: UUID, person: UUID, errand: Errand) -> Tombstone:
        """Destroy a person's data, once however often it is asked; NotFound for nobody's id."""


@dataclass(frozen=True)
class Stretch:
    """Facts in log order, up to which position the log was looked through for them, and whether as many as may be."""

    facts: Sequence[Recorded]
    through: int
    full: bool


@dataclass(frozen=True)
class Shelf:
    """Facts record by record; `looked` counts the facts looked at, `last` names the last one (None: no more)."""

    facts: Sequence[Recorded]
    looked: int
    last: tuple[UUID, int] | None


class Log(Protocol):
    """The event log."""

    async def append(self, act: Act) -> Receipt:
        """Record an act. Conflict when a version or a name is taken; KeyReused for a used id."""

    async def answered(self, actor: str, command: UUID, request_hash: bytes) -> Receipt | None:
        """The answer that this command got before, if it did; KeyReused if it was another request."""

    async def kind(self, record: UUID) -> str | None:
        """The slice that a record belongs to; None when there is no such record."""

    async def history(self, record: UUID) -> Sequence[Recorded]:
        """All facts of one record in order."""

    async def recollect(self, record: UUID, format_: str) -> tuple[Snapshot | None, Sequence[Recorded]]:
        """A record's snapshot in this format, if there is one, and the facts that came after it."""

    async def remember(self, record: UUID, format_: str, snapshot: Snapshot) -> None:
        """Keep a snapshot of a record; an older one, or one of another format, gives way."""

    async def after(self, position: int, limit: int) -> Sequence[Recorded]:
        """Facts in log order that come after `position`."""

    async def entries(self, position: int, limit: int) -> Sequence[Entry]:
        """The same or fewer, not read yet, up to one that does not even say whose it is; Unreadable if the first."""

    async def stretch(self, position: int, limit: int, slices: Sequence[str] | None = None) -> Stretch:
        """The facts of some slices (None: of all) among the `limit` positions that follow `position`, or fewer."""

    async def shelf(self, record: str, through: int, last: tuple[UUID, int] | None, limit: int) -> Shelf:
        """The facts of one slice up to position `through`, in order of record and version, from after `last`."""

    async def head(self) -> int:
        """The position of the last fact; 0 when there is none."""

    async def generation(self) -> UUID:
        """Which log this is: a restored or rebuilt one has another."""

    async def pause(self) -> None:
        """Wait a moment before trying a lost database again."""

    def moved(self, pause: float = 0.0) -> AbstractAsyncContextManager[AsyncIterator[None]]:
        """Wake-ups: one when the log may have grown, `pause` seconds apart, and now and then without reason."""
