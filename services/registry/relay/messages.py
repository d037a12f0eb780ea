"""From a fact in the log to its message on the wire, as bytes; every position has one."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from contracts.envelope import Message, kind, source
from contracts.subjects import INTERNAL, registry_subject
from registry.kernel.errors import Unreadable
from registry.kernel.facts import Fact, Recorded, stated
from registry.kernel.validation import briefly

Publish = Callable[[Any, str], Message | None]
STATE_HASH = "moa-state-sha256"


class Outgoing(NamedTuple):
    """A message ready to be sent; `headers` as NATS has them, a line each."""

    position: int
    subject: str
    headers: str
    body: bytes

    @property
    def size(self) -> int:
        """Its bytes, about."""
        return len(self.subject) + len(self.headers) + len(self.body)


class Messages:
    """Makes the messages of one generation of the log."""

    def __init__(self, generation: UUID, published: Mapping[str, Publish], state_of: Callable[[Fact], str]) -> None:
        """`published` says, per slice, what others learn of a fact; `state_of` gives a fact's state as JSON."""
        self.generation = generation
        self._published = published
        self._state_of = state_of
        self._source = source(generation)
        self._id = str(generation)

    def of(self, recorded: Recorded) -> Outgoing:
        """The message about a fact, empty and internal when it is nobody else's business; Unreadable if it is unfit."""
        fact = recorded.fact
        record = str(fact.originator_id)
        event = f"{record}:{fact.originator_version}"
        told = self._told(recorded, record)
        headers = self._headers(recorded, event)
        if told is None:
            return Outgoing(recorded.position, INTERNAL, headers, b"")
        return Outgoing(
            recorded.position,
            registry_subject(recorded.disclosure, fact.topic, record),
            f"{headers}content-type: application/cloudevents+json\r\n",
            self._envelope(recorded, record, event, told),
        )

    def _told(self, recorded: Recorded, record: str) -> Message | None:
        fact = recorded.fact
        of = fact.topic.partition(".")[0]
        # Only a fact of a later version can have been stored as something else than it is now.
        state = recorded.stored if fact.stored_as == fact.topic else self._state_of(fact)
        try:
            return self._published[of](fact, stated(of, record, state))
        except ValidationError as unfit:
            raise Unreadable(f"position {recorded.position}: no message can be made: {briefly(unfit)}") from unfit

    def _headers(self, recorded: Recorded, event: str) -> str:
        """What every message carries, internal ones included; by it stream and log are compared."""
        return (
            f"Nats-Msg-Id: {recorded.position}\r\n"
            f"ce-id: {event}\r\n"
            f"ce-source: {self._source}\r\n"
            "ce-specversion: 1.0\r\n"
            f"{STATE_HASH}: {state_hash(recorded.stored)}\r\n"
            f"moa-correlation: {recorded.correlation}\r\n"
            f"moa-command: {recorded.command}\r\n"
        )

    def _envelope(self, recorded: Recorded, record: str, event: str, told: Message) -> bytes:
        """The JSON of `contracts.envelope.Envelope`, written out: a model would be built only to be dumped.

        Nothing here needs escaping: ids, numbers, an instant, a topic; a test compares it with the model.
        """
        time = recorded.recorded_at.isoformat().replace("+00:00", "Z")
        return (
            f'{{"specversion":"1.0","id":"{event}","source":"{self._source}",'
            f'"type":"{kind(recorded.fact.topic)}","subject":"{record}","time":"{time}",'
            f'"datacontenttype":"application/json","position":"{recorded.position}",'
            f'"generation":"{self._id}","data":'
        ).encode() + b"%b}" % told.__pydantic_serializer__.to_json(told)


def state_hash(stored: str) -> str:
    """SHA-256 of a fact's state as the log holds it, in hex."""
    return hashlib.sha256(stored.encode()).hexdigest()


def lines(headers: str) -> dict[str, str]:
    """Header lines as names and values."""
    return dict(line.split(": ", 1) for line in headers.splitlines())
