"""Facts to stored state and back: canonical JSON out, and only what the table of topics knows in."""

import dataclasses
import re
from typing import Any
from uuid import UUID

import msgspec
from pydantic import TypeAdapter, ValidationError

from registry.kernel.dates import FuzzyDate
from registry.kernel.errors import Unreadable
from registry.kernel.facts import RECORDS, TOPICS, Fact, FirstFact, Recorded
from registry.kernel.validation import briefly

HEADER = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})
MAX_STATE_BYTES = 262_144
# U+0000 as JSON has it: `json` columns take it, and every view made from it then fails.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def canonical(value: object) -> str:
    """Canonical JSON: sorted keys, UTF-8, decimals as strings. No fact has a field that could hold a float."""
    return msgspec.json.encode(value, enc_hook=_plain, order="sorted").decode()


def state_of(fact: Fact) -> str:
    """What is stored of a fact: its own fields, without those that have columns."""
    return canonical({name: value for name, value in vars(fact).items() if name not in HEADER})


def read(row: Any) -> Recorded:
    """A recorded fact from a row of the log; Unreadable when the topic or a field is unknown."""
    cls = TOPICS.get(row["topic"])
    if cls is None:
        raise Unreadable(f"position {row['position']}: unknown topic {row['topic']!r}")
    state = msgspec.json.decode(row["state"])
    header: dict[str, Any] = {
        "originator_id": row["stream"],
        "originator_version": row["version"],
        "timestamp": row["recorded_at"],
    }
    if issubclass(cls, FirstFact):
        header["originator_topic"] = row["topic"].partition(".")[0]
        if header["originator_topic"] not in RECORDS:
            raise Unreadable(f"position {row['position']}: unknown record {header['originator_topic']!r}")
    try:
        fact = _reader(cls).validate_python(state | header)
    except ValidationError as error:
        raise Unreadable(f"position {row['position']}: {briefly(error)}") from error
    return _recorded(row, fact)


def _recorded(row: Any, fact: Fact) -> Recorded:
    about = msgspec.json.decode(row["metadata"])
    return Recorded(
        position=row["position"],
        fact=fact,
        recorded_at=row["recorded_at"],
        actor=about["actor"],
        office=about["office"],
        command=UUID(about["command"]),
        correlation=UUID(about["correlation"]),
        causation=UUID(about["causation"]) if about.get("causation") else None,
        reason=about.get("reason"),
        disclosure=about.get("disclosure", "restricted"),
        stored=row["state"],
    )


_READERS: dict[type[Fact], TypeAdapter[Any]] = {}


def _reader(cls: type[Fact]) -> TypeAdapter[Any]:
    """Made once per class: validates every field and refuses unknown ones."""
    if cls not in _READERS:
        _READERS[cls] = TypeAdapter(cls)
    return _READERS[cls]


def _plain(value: object) -> object:
    if isinstance(value, FuzzyDate):
        return value.edtf
    raise TypeError(f"{type(value).__name__} has no place in a stored fact")


def stored_fields(cls: type[Fact]) -> tuple[str, ...]:
    """The names under which a fact's fields are stored, for documents and checks."""
    return tuple(field.name for field in dataclasses.fields(cls) if field.name not in HEADER)
