"""A message from the registry, read: what it changes here, or why it cannot be read. No I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from contracts.agreement import AgreementDraftedV1, TermSetV1
from contracts.envelope import Envelope, kind, source
from contracts.subjects import INTERNAL
from notifier.deadline import notice_deadline

DRAFTED = kind("agreement.drafted")
TERM_SET = kind("agreement.term-set")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Arrival:
    """A message as it came; `sequence` is its place in the stream, which is its position in the log."""

    sequence: int
    subject: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Unreadable:
    """It cannot be understood, and why; never with a value in it, for that may be anything."""

    why: str


Effect = AgreementDraftedV1 | TermSetV1 | Unreadable | None


@dataclass(frozen=True)
class Reading:
    """What a message means here. `generation` is None where the message does not name one."""

    arrival: Arrival
    generation: UUID | None
    effect: Effect

    @property
    def position(self) -> int:
        """Where it stands in the log."""
        return self.arrival.sequence

    @property
    def correlation(self) -> str | None:
        """What set it off, for the logs and the receipt."""
        return self._named("moa-correlation")

    @property
    def command(self) -> str | None:
        """The command behind it, for the logs."""
        return self._named("moa-command")

    def _named(self, header: str) -> str | None:
        found = self.arrival.headers.get(header, "")
        return found if _UUID.fullmatch(found) else None


def read(arrival: Arrival) -> Reading:
    """Understand a message. Unknown kinds and internal messages change nothing here."""
    named = _generation(arrival.headers.get("ce-source", ""))
    if not arrival.body:
        internal = arrival.subject == INTERNAL
        return Reading(arrival, named, None if internal else Unreadable("an empty body"))
    try:
        envelope = Envelope.model_validate_json(arrival.body)
        effect = _effect(envelope, arrival.sequence)
    except ValidationError as wrong:
        return Reading(arrival, named, Unreadable(_summary(wrong)))
    return Reading(arrival, envelope.generation, effect)


def _effect(envelope: Envelope, sequence: int) -> Effect:
    if envelope.position != str(sequence):
        return Unreadable(f"position {envelope.position} came as number {sequence} of the stream")
    match envelope.type:
        case t if t == DRAFTED:
            return AgreementDraftedV1.model_validate(envelope.data)
        case t if t == TERM_SET:
            return _term_set(TermSetV1.model_validate(envelope.data))
        case _:
            return None


def _term_set(announced: TermSetV1) -> Effect:
    try:
        notice_deadline(announced.term)
    except (ValueError, OverflowError):
        return Unreadable("the notice period leads out of the calendar")
    return announced


def _generation(named: str) -> UUID | None:
    """The generation in a `ce-source` header."""
    last = named.rpartition(":")[2]
    return UUID(last) if _UUID.fullmatch(last) and named == source(UUID(last)) else None


def _summary(wrong: ValidationError) -> str:
    errors = wrong.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, error['loc'])) or 'message'}: {error['type']}" for error in errors)[:2000]
