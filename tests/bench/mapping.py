"""What a fact costs on its way into the log and out again, beside the stock mapper with the same facts."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.application import DatetimeAsISO, UUIDAsHex
from eventsourcing.persistence import JSONTranscoder, Mapper, Transcoding
from pydantic import TypeAdapter
from registry.agreement.events import Party
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact
from registry.kernel.terms import Deadline, Period, Term
from registry.kernel.values import Provenance, Text
from registry.organisation.events import Identifier
from registry.store.mapper import canonical, read, state_of

from tests.bench.figures import Figure
from tests.bench.filling import SEED
from tests.bench.ground import Ground, load_average
from tests.bench.lives import Lives
from tests.bench.rounds import Round, take_turns

LIVES = 200
ROUNDS = 7
PEER = "eventsourcing's Mapper with its JSONTranscoder"
METADATA = canonical(
    {"actor": "staff:0", "office": "main", "command": UUID(int=1), "correlation": UUID(int=1), "disclosure": "open"}
)


class Whole(Transcoding):
    """A value class of ours, told to the stock transcoder the way its handbook says."""

    def __init__(self, kind: type[Any]) -> None:
        self.type = kind
        self.name = kind.__name__

    def encode(self, obj: Any) -> dict[str, Any]:
        """Its fields."""
        return dict(vars(obj))

    def decode(self, data: Any) -> Any:
        """The value anew."""
        return self.type(**data)


class Words(Transcoding):
    """A value that has one text form."""

    def __init__(self, kind: type[Any], write: Callable[[Any], str], read: Callable[[str], Any]) -> None:
        self.type, self.name = kind, kind.__name__
        self._write, self._read = write, read

    def encode(self, obj: Any) -> str:
        """Its text."""
        return self._write(obj)

    def decode(self, data: str) -> Any:
        """The value of a text."""
        return self._read(data)


def measure(_: Ground) -> Sequence[Figure]:
    """Microseconds a fact, both ways, over the same mixture of facts."""
    lives = Lives(SEED)
    facts = [fact for _ in range(LIVES) for deed in lives.deeds(date(2025, 6, 10)) for fact in deed.facts]
    stock: Mapper[UUID] = Mapper(_transcoder())
    rows = [_row(fact) for fact in facts]
    stored = [stock.to_stored_event(fact) for fact in facts]
    if [read(row).fact for row in rows] != facts:
        raise AssertionError("a fact came back as another")
    out = take_turns({"moa": _each(state_of, facts), PEER: _each(stock.to_stored_event, facts)}, ROUNDS)
    back = take_turns({"moa": _each(read, rows), PEER: _each(stock.to_domain_event, stored)}, ROUNDS)
    conditions = {
        "facts": f"{len(facts)} of {len({fact.topic for fact in facts})} topics, in one process",
        "rounds": f"{ROUNDS} in turns; medians",
        "load_average": load_average(),
    }
    notes = _notes(facts)
    return [
        _figure("mapper_out", out, {**conditions, "ours": "canonical JSON of a fact", **notes["out"]}),
        _figure(
            "mapper_in",
            back,
            {**conditions, "ours": "every field and its metadata read, checked, typed", **notes["in"]},
        ),
    ]


def _figure(name: str, results: dict[str, Any], conditions: dict[str, Any]) -> Figure:
    ours, peer = (1e6 / results[rival].rate for rival in ("moa", PEER))
    return Figure(name, ours, "µs/fact", PEER, peer, conditions=conditions)


def _each(once: Callable[[Any], object], given: Sequence[Any]) -> Callable[[], Round]:
    def turn() -> Round:
        started = time.perf_counter()
        for one in given:
            once(one)
        return Round(len(given), time.perf_counter() - started)

    return turn


def _notes(facts: Sequence[Fact]) -> dict[str, dict[str, float]]:
    """What the two libraries alone take for the commonest fact; msgspec reads it without our types' checks."""
    fact = next(fact for fact in facts if fact.topic == "organisation.registered")
    adapter: TypeAdapter[Any] = TypeAdapter(type(fact))
    text = adapter.dump_json(fact)
    decoder = msgspec.json.Decoder()
    many = [None] * len(facts)
    pydantic_out = take_turns({"": _each(lambda _: adapter.dump_json(fact), many)}, ROUNDS)[""]
    pydantic_in = take_turns({"": _each(lambda _: adapter.validate_json(text), many)}, ROUNDS)[""]
    msgspec_out = take_turns({"": _each(lambda _: state_of(fact), many)}, ROUNDS)[""]
    msgspec_in = take_turns({"": _each(lambda _: decoder.decode(text), many)}, ROUNDS)[""]
    return {
        "out": {
            "organisation_registered_pydantic_us": round(1e6 / pydantic_out.rate, 2),
            "organisation_registered_ours_us": round(1e6 / msgspec_out.rate, 2),
        },
        "in": {
            "organisation_registered_pydantic_us": round(1e6 / pydantic_in.rate, 2),
            "organisation_registered_msgspec_untyped_us": round(1e6 / msgspec_in.rate, 2),
        },
    }


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "position": 1,
        "stream": fact.originator_id,
        "version": fact.originator_version,
        "topic": fact.topic,
        "state": state_of(fact),
        "metadata": METADATA,
        "recorded_at": fact.timestamp,
    }


def _transcoder() -> JSONTranscoder:
    transcoder = JSONTranscoder()
    for transcoding in (UUIDAsHex(), DatetimeAsISO(), Words(date, date.isoformat, date.fromisoformat)):
        transcoder.register(transcoding)
    transcoder.register(Words(FuzzyDate, lambda fuzzy: fuzzy.edtf, FuzzyDate))
    for kind in (Text, Provenance, Identifier, Party, Term, Period, Deadline):
        transcoder.register(Whole(kind))
    return transcoder
