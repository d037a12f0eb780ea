"""Commands: what people and processes ask for, and the desk at which they are handled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from registry.kernel.aggregates import Record
from registry.kernel.values import Provenance

R = TypeVar("R", bound=Record)


class Command(BaseModel):
    """A request to change one record, or several in one act.

    Its fields are the body of the API's POST. Unknown fields are refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    provenance: Provenance | None = None


class Opening(Command):
    """A command that starts a new record; the record's id derives from the command's."""


class Change(Command):
    """A command to a record that is there already; `target` is its id, taken from the address."""


class Internal(Change):
    """A change that only processes and receipts ask for; no face offers it."""


class Work(Protocol):
    """One act in progress: what a handler may ask for and leave behind. Admitted whole or not at all."""

    @property
    def now(self) -> datetime:
        """When the act is decided (UTC)."""

    @property
    def today(self) -> date:
        """The day that counts as today for deadlines."""

    @property
    def office(self) -> str:
        """The office on whose behalf it is done."""

    async def load(self, kind: type[R], record: UUID) -> R:
        """The record as it stands, to change it; NotFound when there is none of that kind."""

    async def exists(self, kind: str, record: UUID) -> bool:
        """Is there a record of this slice under this id?"""

    async def office_of(self, kind: str, record: UUID) -> str:
        """The office that owns a record of another slice; NotFound when there is none."""

    def add(self, record: Record) -> None:
        """Take in a record that this act starts."""

    def reserve(self, scope: str, name: str, record: UUID) -> None:
        """Ask that `name` be this record's alone within `scope`; Conflict when it is taken."""


C = TypeVar("C", bound=Command)
Handler = Callable[[Any, UUID, Work], Awaitable[None]]
HANDLERS: dict[type[Command], Handler] = {}


def handles(
    command: type[C], *, name: str
) -> Callable[[Callable[[C, UUID, Work], Awaitable[None]]], Callable[[C, UUID, Work], Awaitable[None]]]:
    """Name a command (`agreement.sign`) and say who handles it.

    The handler gets the command, the id of the record it is for (new for an Opening) and the work.
    """

    def enter(handler: Callable[[C, UUID, Work], Awaitable[None]]) -> Callable[[C, UUID, Work], Awaitable[None]]:
        command.name = name
        HANDLERS[command] = handler
        return handler

    return enter


@dataclass(frozen=True)
class Order:
    """A command that a process gives: for which record, and under an id that derives from its cause."""

    command: Command
    target: UUID
    id: UUID
