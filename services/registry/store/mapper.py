"""Facts to stored state and back: canonical JSON out, and only what the table of topics knows in."""

import dataclasses
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import TypeAdapter, ValidationError

from registry.kernel.dates import FuzzyDate
from registry.kernel.errors import Unreadable
from registry.kernel.facts import RECORDS, TOPICS, UPCASTS, Disclosure, Entry, Fact, FirstFact, Recorded, State
from registry.kernel.validation import briefly

HEADER = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})
MAX_STATE_BYTES = 262_144
# U+0000 as JSON has it: `json` columns take it, and every view made from it then fails.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the log keeps of an act beside its facts: who, for which office, and what it came of."""

    actor: str
    office: str
    command: UUID
    correlation: UUID
    disclosure: Disclosure = "restricted"
    causation: UUID | None = None
    reason: str | None = None


def _plain(value: object) -> object:
    if isinstance(value, FuzzyDate):
        return value.edtf
    raise TypeError(f"{type(value).__name__} has no place in a stored fact")


_CANONICAL = msgspec.json.Encoder(enc_hook=_plain, order="sorted")
_STATE = msgspec.json.Decoder(State)
_ABOUT = msgspec.json.Decoder(About)
_ADAPTERS: dict[type[Fact], TypeAdapter[Any]] = {}


def canonical(value: object) -> str:
    """Canonical JSON: sorted keys, UTF-8, decimals as strings. No fact has a field that could hold a float."""
    return _CANONICAL.encode(value).decode()


def state_of(fact: Fact) -> str:
    """What is stored of a fact: its own fields, without those that have columns."""
    return canonical({name: value for name, value in vars(fact).items() if name not in HEADER})


def read(row: Any) -> Recorded:
    """A recorded fact from a row of the log; Unreadable when the topic or a field is unknown.

    A state that an earlier version stored is brought up to date first; `stored` stays as it was written.
    """
    position, moment, stored = row["position"], row["recorded_at"], row["state"]
    about = _about(position, row["metadata"])
    return Recorded(
        position,
        _fact(position, row["topic"], stored, row["stream"], row["version"], moment),
        moment,
        about.actor,
        about.office,
        about.command,
        about.correlation,
        about.causation,
        about.reason,
        about.disclosure,
        stored,
    )


def entries(rows: Iterable[Any]) -> list[Entry]:
    """Rows of the log before they are read, up to one whose metadata cannot be; Unreadable when that is the first."""
    found: list[Entry] = []
    for row in rows:
        try:
            found.append(_entry(row))
        except Unreadable:
            if not found:
                raise
            break
    return found


def _entry(row: Any) -> Entry:
    position, record, version, topic, state, metadata, recorded_at = row
    about = _about(position, metadata)
    return Entry(
        position, record, version, topic, state, recorded_at, about.command, about.correlation, about.disclosure
    )


def fact_of(written: Entry) -> Fact:
    """The fact that an entry holds; Unreadable as for `read`."""
    position, record, version, topic, state, recorded_at, *_ = written
    return _fact(position, topic, state, record, version, recorded_at)


def _about(position: int, metadata: str) -> About:
    try:
        return _ABOUT.decode(metadata)
    except msgspec.DecodeError as error:
        raise Unreadable(f"position {position}: {_without_values(error)}") from error


def _fact(position: int, topic: str, stored: str, record: UUID | str, version: int, moment: datetime) -> Fact:
    try:
        state = _STATE.decode(stored)
    except msgspec.DecodeError as error:
        raise Unreadable(f"position {position}: {_without_values(error)}") from error
    while (earlier := UPCASTS.get(topic)) is not None:
        try:
            topic, state = earlier.topic, earlier.change(state)
        except Exception as error:
            raise Unreadable(
                f"position {position}: {topic} cannot be brought up to date: {type(error).__name__}"
            ) from error
    cls = TOPICS.get(topic)
    if cls is None:
        raise Unreadable(f"position {position}: unknown topic {topic!r}")
    if not HEADER.isdisjoint(state):
        raise Unreadable(f"position {position}: its state has a field of the header")
    state["originator_id"], state["originator_version"], state["timestamp"] = record, version, moment
    if issubclass(cls, FirstFact):
        state["originator_topic"] = _record(topic, position)
    try:
        fact: Fact = _adapter(cls).validate_python(state)
    except ValidationError as error:
        raise Unreadable(f"position {position}: {briefly(error)}") from error
    return fact


def _record(topic: str, position: int) -> str:
    """The kind of record that a first fact begins, which must be in the table too."""
    kind = topic.partition(".")[0]
    if kind not in RECORDS:
        raise Unreadable(f"position {position}: unknown record {kind!r}")
    return kind


def _adapter(cls: type[Fact]) -> TypeAdapter[Any]:
    """Made once per class: validates every field and refuses unknown ones."""
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def _without_values(error: msgspec.DecodeError) -> str:
    """Where and what is wrong, in the library's words, which quote a field's name but no value."""
    return str(error).partition("\n")[0]


def stored_fields(cls: type[Fact]) -> tuple[str, ...]:
    """The names under which a fact's fields are stored, for documents and checks."""
    return tuple(field.name for field in dataclasses.fields(cls) if field.name not in HEADER)
