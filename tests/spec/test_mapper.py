"""What is stored of a fact is canonical JSON that any later version can read; what nobody knows is refused.

`golden/<topic>.v<n>.json` is a stored state as some version wrote it. It is never changed: a new meaning is a new
file with the next number, and the old one must still load.
"""

import dataclasses
import json
import typing
from pathlib import Path
from types import UnionType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies
from pydantic import TypeAdapter, ValidationError
from registry.delegation.events import FollowUpPromised
from registry.kernel.facts import TOPICS, Fact
from registry.kernel.values import Passage
from registry.store.mapper import HEADER, Unreadable, canonical, read, state_of

from tests.spec.examples import AT, BARE, FULL, ONE, called, row, topics
from tests.spec.scenario import Told

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
EVERY = (*FULL, *BARE)


def back(told: Told) -> Fact:
    """The fact after it was stored under the header of `row`, and read again."""
    return read(row(told.kind.topic, state_of(told.numbered(1)))).fact


@pytest.mark.parametrize("told", EVERY, ids=called)
def test_a_fact_comes_back_as_it_was(told: Told) -> None:
    before = dataclasses.replace(told.numbered(1), originator_id=ONE, timestamp=AT)
    assert back(told) == before
    assert type(back(told)) is told.kind


@pytest.mark.parametrize("told", EVERY, ids=called)
def test_what_is_stored_is_sorted_and_says_nothing_that_has_a_column(told: Told) -> None:
    stored = state_of(told.numbered(1))
    assert stored == json.dumps(json.loads(stored), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert not HEADER & json.loads(stored).keys()
    assert state_of(back(told)) == stored


def test_the_row_tells_who_when_and_where() -> None:
    told = FULL[-1]
    known = read(row(told.kind.topic, state_of(told.numbered(1)), version=4))
    assert (known.position, known.stream, known.version, known.recorded_at) == (7, ONE, 4, AT)
    assert (known.actor, known.office, known.causation) == ("staff:0", "busanjin", None)
    assert (known.command, known.correlation) == (
        UUID("00000000-0000-4000-8000-0000000000cc"),
        UUID("00000000-0000-4000-8000-0000000000dd"),
    )


def test_every_fact_has_an_example() -> None:
    assert [told.kind.topic for told in FULL if told.kind.topic in topics()] == [told.kind.topic for told in FULL]
    assert {told.kind.topic for told in FULL} == set(topics())


@pytest.mark.parametrize("topic", topics())
def test_every_fact_has_a_golden_state(topic: str) -> None:
    assert f"{topic}.v1" in {path.stem for path in GOLDEN}, f"write golden/{topic}.v1.json"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_an_earlier_version_stored_still_loads(path: Path) -> None:
    stored = path.read_text(encoding="utf-8").rstrip("\n")
    topic = path.stem.rpartition(".v")[0]
    assert state_of(read(row(topic, stored)).fact) == stored


def test_what_version_1_stored_still_means_the_same() -> None:
    for told in FULL:
        path = next(each for each in GOLDEN if each.stem == f"{told.kind.topic}.v1")
        stored = path.read_text(encoding="utf-8").rstrip("\n")
        assert read(row(told.kind.topic, stored)).fact == dataclasses.replace(
            told.numbered(1), originator_id=ONE, timestamp=AT
        )


@pytest.mark.parametrize("told", FULL, ids=called)
def test_a_field_that_nobody_knows_is_refused(told: Told) -> None:
    state = msgspec.json.decode(state_of(told.numbered(1))) | {"surprise": 1}
    with pytest.raises(Unreadable, match="position 7"):
        read(row(told.kind.topic, canonical(state)))


@pytest.mark.parametrize("told", FULL, ids=called)
def test_a_missing_field_is_refused_unless_it_may_be_left_out(told: Told) -> None:
    must = {
        each.name
        for each in dataclasses.fields(told.kind)
        if each.name not in HEADER
        and each.default is dataclasses.MISSING
        and each.default_factory is dataclasses.MISSING
    }
    for name in must:
        state = msgspec.json.decode(state_of(told.numbered(1)))
        del state[name]
        with pytest.raises(Unreadable, match=name):
            read(row(told.kind.topic, canonical(state)))


@pytest.mark.parametrize("topic", ["agreement.shredded", "os:system", "registry.agreement.events:Party", ""])
def test_a_topic_that_is_not_in_the_table_is_refused(topic: str) -> None:
    with pytest.raises(Unreadable, match="unknown topic"):
        read(row(topic, "{}"))


def test_an_unreadable_day_is_refused() -> None:
    with pytest.raises(Unreadable, match="position 7"):
        read(row("delegation.follow-up-promised", '{"on":"2025-02-30","provenance":null,"words":"초청"}'))


def test_a_value_of_no_known_kind_has_no_place_in_a_fact() -> None:
    with pytest.raises(TypeError):
        canonical({"value": object()})


@pytest.mark.parametrize("topic", topics())
def test_no_fact_can_hold_a_float(topic: str) -> None:
    assert float not in kinds(TOPICS[topic])


@given(strategies.text(min_size=1, max_size=80))
def test_words_come_back_sign_by_sign(text: str) -> None:
    try:
        words = TypeAdapter(Passage).validate_python(text)
    except ValidationError:
        return
    told = Told(FollowUpPromised, {"words": words})
    assert getattr(back(told), "words") == words  # noqa: B009 (the fact's own field)
    assert "\\u0000" not in state_of(told.numbered(1))


def kinds(annotation: Any) -> set[Any]:
    """Every type that can stand somewhere in a value of this annotation."""
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return kinds(inner[0])
    if typing.get_origin(annotation) is typing.Literal:
        return {type(value) for value in inner}
    if inner or isinstance(annotation, UnionType):
        return set().union(*(kinds(each) for each in inner))
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation, include_extras=True)
        own = [each.name for each in dataclasses.fields(annotation) if each.name not in HEADER]
        return set().union(*(kinds(hints[name]) for name in own))
    return {annotation}


def test_the_search_for_floats_finds_one() -> None:
    @dataclasses.dataclass
    class Weighed:
        weights: tuple[tuple[str, float | None], ...]

    assert kinds(Weighed) == {str, float, type(None), Ellipsis}
