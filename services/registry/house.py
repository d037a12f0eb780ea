"""What a face of the registry can call on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from registry.access.credentials import Access
from registry.access.policy import TablePolicy
from registry.application import Application
from registry.fsck import Check
from registry.kernel.ports import Clock, Database, Generation, Ids, Log, Row, Vault


class Reminders(Protocol):
    """What the notifier has to tell: due, sent, and the embedded mailbox."""

    async def listing(self) -> Row:
        """Reminders due next and sent last; Unavailable when the notifier does not answer."""

    async def mailbox(self) -> Row:
        """The mails in the embedded mailbox, newest first."""

    async def mail(self, mail: str) -> Row:
        """One mail; NotFound when there is none."""


@dataclass(frozen=True)
class RelayStatus:
    """How the relay stands. `last` and `difference` are the stream's; `number` counts the log's generations from 1."""

    head: int
    generation: UUID
    number: int
    leads: bool
    stopped: str | None = None
    failing: str | None = None
    last: int | None = None
    stream_generation: UUID | None = None
    difference: str | None = None
    unreachable: str | None = None

    @property
    def lag(self) -> int | None:
        """Facts that the stream has yet to be told; None while that cannot be known."""
        return None if self.last is None else max(0, self.head - self.last)

    @property
    def well(self) -> bool:
        """Is a relay leading, and nothing wrong?"""
        return self.leads and not (self.stopped or self.failing or self.difference or self.unreachable)


class RelayDesk(Protocol):
    """Questions about the relay, and the operator's act after its alarm."""

    async def status(self) -> RelayStatus:
        """How it stands now, whether a relay runs or not."""

    async def new_generation(self, because: str) -> Generation:
        """Begin the next generation; Invalid without a reason, Forbidden for a role that does not own the log."""


@dataclass(frozen=True)
class House:
    """The parts of a running registry."""

    application: Application
    access: Access
    policy: TablePolicy
    rows: Database
    log: Log
    clock: Clock
    ids: Ids
    reminders: Reminders
    missing: Callable[[], Awaitable[list[str]]]
    public_url: str
    relay: RelayDesk
    fsck: Check
    chosen_day: date | None = None
    vault: Vault | None = None
