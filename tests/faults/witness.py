"""What the callers saw: every command that they sent, and every answer that they were given."""

from dataclasses import dataclass, field
from itertools import takewhile
from uuid import UUID


@dataclass(frozen=True)
class Command:
    """A request under its key, and the topics of the facts that it asks for, in order."""

    actor: str
    key: UUID
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Acknowledged:
    """An answer of success, to the first or a later `attempt`.

    `door` is the replica that gave it; `sent` and `heard` are monotonic seconds.
    """

    command: Command
    record: UUID
    version: int
    position: int
    door: int
    sent: float
    heard: float
    attempt: int = 1


@dataclass(frozen=True)
class Refused:
    """An answer that nothing was recorded, for good: another record has the name."""

    command: Command
    code: str


@dataclass(frozen=True)
class Message:
    """A message of the stream, as it was stored or received; `heard` in monotonic seconds."""

    sequence: int
    message_id: str
    ce_id: str
    source: str
    heard: float = 0.0


@dataclass
class Witness:
    """Gathers what was seen. The callers' thread writes, the thread that kills reads."""

    asked: list[Command] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    received: list[Message] = field(default_factory=list)
    last_position: int = 0

    def acknowledge(self, answer: Acknowledged) -> None:
        """Keep an answer, in the order in which they were heard."""
        self.acknowledged.append(answer)
        self.last_position = max(self.last_position, answer.position)

    def acknowledged_after(self, moment: float) -> list[Acknowledged]:
        """The answers to what was sent after a moment, the first heard first."""
        heard = takewhile(lambda seen: seen.heard > moment, reversed(self.acknowledged))
        return [seen for seen in heard if seen.sent > moment][::-1]
