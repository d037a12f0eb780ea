"""What a face of the registry can call on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registry.access.credentials import Access
from registry.access.policy import TablePolicy
from registry.application import Application
from registry.kernel.ports import Clock, Database, Ids, Log, Row, Vault


class Reminders(Protocol):
    """What the notifier has to tell: due, sent, and the embedded mailbox."""

    async def listing(self) -> Row:
        """Reminders due next and sent last; Unavailable when the notifier does not answer."""

    async def mailbox(self) -> Row:
        """The mails in the embedded mailbox, newest first."""

    async def mail(self, mail: str) -> Row:
        """One mail; NotFound when there is none."""


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
    chosen_day: date | None = None
    vault: Vault | None = None
