"""What a record remembers, as JSON and back: for snapshots of long histories, which are only a saving.

A snapshot is good only for the very code that wrote it: its format names a digest of the rules and values by
which the record came about, so that no edit of them can meet a state that they would not have made.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from registry.kernel.aggregates import Record
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Recorded
from registry.kernel.terms import Deadline, Period, Term
from registry.kernel.values import Provenance, Text

R = TypeVar("R", bound=Record)
VERSION = 1
# What a record has besides its own state: kept in columns, or never kept.
PENDING = "_pending_events"
# When facts were decided or, in a record that was loaded, recorded; no rule asks for them.
MOMENTS = {"_created_on", "_modified_on"}

VALUES: dict[str, type[Any]] = {
    "deadline": Deadline,
    "period": Period,
    "provenance": Provenance,
    "term": Term,
    "text": Text,
}
NAMES = {cls: name for name, cls in VALUES.items()}
READ: dict[str, Callable[[Any], Any]] = {
    "uuid": UUID,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "edtf": FuzzyDate,
    "tuple": lambda items: tuple(_read(item) for item in items),
    "list": lambda items: [_read(item) for item in items],
    "set": lambda items: {_read(item) for item in items},
    "dict": lambda items: {_read(key): _read(value) for key, value in items},
}


class Unrememberable(Exception):
    """A record holds a value for which there is no JSON here."""


@cache
def format_of(kind: type[Record]) -> str:
    """Under which name snapshots of such records are kept; another one after any edit of what makes them."""
    package = kind.__module__.rpartition(".")[0]
    sources = [*_modules(files("registry.kernel")), *_modules(files(package))]
    made_by = fingerprint([version("eventsourcing").encode(), *sources])
    return f"{package.rpartition('.')[2]}:{made_by}"


def _modules(folder: Traversable) -> list[bytes]:
    """The sources of a package, those of packages in it included, in order of their names."""
    found: list[bytes] = []
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            found += _modules(entry)
        elif entry.name.endswith(".py"):
            found.append(entry.read_bytes())
    return found


def fingerprint(sources: Iterable[bytes], form: int = VERSION) -> str:
    """What tells one set of rules from another: 32 signs of the SHA-256 of their sources and of this page's form."""
    digest = hashlib.sha256(f"{form}".encode())
    for source in sources:
        digest.update(hashlib.sha256(source).digest())
    return digest.hexdigest()[:32]


def remember(record: Record) -> str:
    """A record's state as JSON; Unrememberable when one of its values has no form here."""
    state = {name: _written(value) for name, value in vars(record).items() if name != PENDING}
    return msgspec.json.encode(state, order="sorted").decode()


def recall(kind: type[R], state: str) -> R:
    """The record that `remember` made the state of; ValueError or one of its kin when it cannot be read."""
    record = kind.__new__(kind)
    vars(record).update({name: _read(value) for name, value in msgspec.json.decode(state).items()})
    vars(record)[PENDING] = []
    if record.version < 1:
        raise ValueError(record.version)
    return record


def replayed(facts: Iterable[Recorded], format_: str, state: str) -> tuple[Any, Any] | None:
    """A snapshot of this format and state as it is kept and as its facts make it, both without their moments.

    None when it is of another format than these rules write: then it is never used.
    """
    record: Any = None
    for recorded in facts:
        record = recorded.fact.mutate(record)
    kind: type[Record] = type(record)
    if format_ != format_of(kind):
        return None
    return _without_moments(state), _without_moments(remember(record))


def _without_moments(state: str) -> Any:
    return {name: value for name, value in msgspec.json.decode(state).items() if name not in MOMENTS}


def _written(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, set):  # in an order that does not change from process to process
        return {"set": sorted((_written(item) for item in value), key=msgspec.json.encode)}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_written(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[_written(key), _written(item)] for key, item in value.items()]}
    if isinstance(value, UUID):
        return {"uuid": str(value)}
    if isinstance(value, date):  # a datetime is one
        return {type(value).__name__: value.isoformat()}
    if isinstance(value, FuzzyDate):
        return {"edtf": value.edtf}
    if is_dataclass(value) and type(value) in NAMES:
        return {NAMES[type(value)]: {each.name: _written(getattr(value, each.name)) for each in fields(value)}}
    raise Unrememberable(type(value).__name__)


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    [(name, content)] = value.items()
    if name in VALUES:
        return VALUES[name](**{field: _read(item) for field, item in content.items()})
    return READ[name](content)
