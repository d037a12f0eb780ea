"""A command on its way, and what tells it from another."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID, uuid5

import msgspec

from registry.kernel.actors import Actor
from registry.kernel.commands import Command

NAMESPACE = UUID("6d6f6100-0000-5000-8000-000000000001")
_SORTED = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True)
class CommandRequest:
    """A command on its way: who brings it, under which id, for which record, seen at which version."""

    command: Command
    by: Actor
    id: UUID
    correlation: UUID
    target: UUID | None = None
    expected: int | None = None
    causation: UUID | None = None
    reason: str | None = None

    @cached_property
    def record(self) -> UUID:
        """The record that it is for; a new one's id derives from whoever asks and the command's id."""
        return self.target or uuid5(NAMESPACE, f"{self.by.name}:{self.id}")

    def digest(self) -> bytes:
        """SHA-256 of what it asks; a field that a later version adds, left at its default, changes nothing."""
        content = [
            self.command.name,
            str(self.target),
            self.command.model_dump(mode="json", exclude_defaults=True),
        ]
        return hashlib.sha256(_SORTED.encode(content)).digest()
