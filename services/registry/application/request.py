"""A command on its way, and what tells it from another."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1, sha256
from uuid import UUID

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
        """The record that it is for; a new one's id derives from whoever asks and the command's id (RFC 9562, v5)."""
        if self.target is not None:
            return self.target
        named = sha1(NAMESPACE.bytes + f"{self.by.name}:{self.id}".encode(), usedforsecurity=False)
        return UUID(bytes=named.digest()[:16], version=5)

    def digest(self) -> bytes:
        """SHA-256 of what it asks; a field that a later version adds, left at its default, changes nothing."""
        content = [
            self.command.name,
            str(self.target),
            self.command.model_dump(mode="json", exclude_defaults=True),
        ]
        return sha256(_SORTED.encode(content)).digest()
