"""From a fact in the log to its message on the wire, as bytes; every position has one."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from contracts.envelope import Message, kind, source
from contracts.subjects import INTERNAL, registry_subject
from registry.kernel.errors import Unreadable
from registry.kernel.facts import TOPICS, Entry, Fact, stated
from registry.kernel.validation import briefly

# As what others learn of a kind of fact: a contract that its state fulfils as it stands, or how it is laid out.
Told = type[Message] | Callable[[Any], Message] | None
Published = Callable[[Any], Told]
STATE_HASH = "moa-state-sha256"
RECORDED_AT = "moa-recorded-at"


class Outgoing(NamedTuple):
    """A message ready to be sent; `headers` as NATS has them, a line each."""

    position: int
    subject: str
    headers: str
    body: bytes

    @property
    def size(self) -> int:
        """Its bytes, about."""
        _, subject, headers, body = self
        return len(subject) + len(headers) + len(body)


class AsStored(NamedTuple):
    """A topic whose facts are told as they are stored: validated once, by the contract, and never read."""

    topic: str
    record: str
    contract: type[Message]


class Messages:
    """Makes the messages of one generation of the log."""

    def __init__(
        self,
        generation: UUID,
        published: Mapping[str, Published],
        fact_of: Callable[[Entry], Fact],
        state_of: Callable[[Fact], str],
    ) -> None:
        """`published` says, per slice, what others learn; `fact_of` reads a fact, `state_of` gives its state."""
        self.generation = generation
        self._published = published
        self._fact_of = fact_of
        self._state_of = state_of
        self._source = source(generation)
        self._id = str(generation)
        self._as_stored = dict(_as_stored(published))

    def of(self, entry: Entry) -> Outgoing:
        """The message about a fact, empty and internal when it is nobody else's business; Unreadable if it is unfit."""
        event = f"{entry.record}:{entry.version}"
        headers = self._headers(entry, event)
        try:
            topic, told = self._told(entry)
        except ValidationError as unfit:
            raise Unreadable(f"position {entry.position}: no message can be made: {briefly(unfit)}") from unfit
        if told is None:
            return Outgoing(entry.position, INTERNAL, headers, b"")
        return Outgoing(
            entry.position,
            registry_subject(entry.disclosure, topic, entry.record),
            f"{headers}content-type: application/cloudevents+json\r\n",
            self._envelope(entry, topic, event, told),
        )

    def _told(self, entry: Entry) -> tuple[str, Message | None]:
        """The fact's topic, and what others learn of it."""
        plain = self._as_stored.get(entry.topic)
        # A state that names its record itself could speak for its column: such a one is read, and refused.
        if plain is not None and f'"{plain.record}":' not in entry.state:
            return plain.topic, _fulfilled(plain.contract, stated(plain.record, entry.record, entry.state))
        fact = self._fact_of(entry)
        of = fact.topic.partition(".")[0]
        told = self._published[of](type(fact))
        if isinstance(told, type):
            return fact.topic, _fulfilled(told, stated(of, entry.record, self._state_of(fact)))
        return fact.topic, told(fact) if told else None

    def _headers(self, entry: Entry, event: str) -> str:
        """What every message carries, internal ones included; by it stream and log are compared."""
        position, _, _, _, state, recorded_at, command, correlation, _ = entry
        return (
            f"Nats-Msg-Id: {position}\r\n"
            f"ce-id: {event}\r\n"
            f"ce-source: {self._source}\r\n"
            "ce-specversion: 1.0\r\n"
            f"{STATE_HASH}: {state_hash(state)}\r\n"
            f"{RECORDED_AT}: {recorded_at.isoformat()}\r\n"
            f"moa-correlation: {correlation}\r\n"
            f"moa-command: {command}\r\n"
        )

    def _envelope(self, entry: Entry, topic: str, event: str, told: Message) -> bytes:
        """The JSON of `contracts.envelope.Envelope`, written out: a model would be built only to be dumped.

        Nothing here needs escaping: ids, numbers, an instant, a topic; a test compares it with the model.
        """
        time = entry.recorded_at.isoformat().replace("+00:00", "Z")
        return (
            f'{{"specversion":"1.0","id":"{event}","source":"{self._source}",'
            f'"type":"{kind(topic)}","subject":"{entry.record}","time":"{time}",'
            f'"datacontenttype":"application/json","position":"{entry.position}",'
            f'"generation":"{self._id}","data":'
        ).encode() + b"%b}" % told.__pydantic_serializer__.to_json(told)


def _as_stored(published: Mapping[str, Published]) -> Iterator[tuple[str, AsStored]]:
    """Those topics, each under the name by which its present version is stored."""
    for name, fact in TOPICS.items():
        record = fact.topic.partition(".")[0]
        told = published[record](fact) if record in published else None
        if isinstance(told, type):
            yield name, AsStored(fact.topic, record, told)


def _fulfilled(contract: type[Message], told: str) -> Message:
    """The message; ValidationError when the JSON says more or less than the contract."""
    message: Message = contract.__pydantic_validator__.validate_json(told, extra="forbid")
    return message


def state_hash(stored: str) -> str:
    """SHA-256 of a fact's state as the log holds it, in hex."""
    return hashlib.sha256(stored.encode()).hexdigest()


def lines(headers: str) -> dict[str, str]:
    """Header lines as names and values."""
    return dict(line.split(": ", 1) for line in headers.splitlines())
