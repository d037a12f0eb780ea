"""What an earlier version stored is read as the present one means it, and stays stored as it was.

The facts of this page are told under a slice of their own, `test`, which no other page knows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from registry.kernel.errors import Unreadable
from registry.kernel.facts import TOPICS, UPCASTS, Fact, State, named, upcast
from registry.store.mapper import read, state_of

from tests.spec.examples import row

NOON = datetime(2025, 6, 10, 3, 0, tzinfo=UTC)


@contextmanager
def only_here() -> Iterator[None]:
    topics, upcasts = dict(TOPICS), dict(UPCASTS)
    try:
        yield
    finally:
        for table, before in ((TOPICS, topics), (UPCASTS, upcasts)):
            table.clear()
            table.update(before)


@pytest.fixture(autouse=True)
def versions() -> Iterator[None]:
    """Version 1 had one `name`; version 2 tells `names`; version 3 knows in which language."""
    with only_here():

        @upcast("test.renamed", version=1)
        def _several(state: State) -> State:
            return {"names": [state.pop("name")], **state}

        @upcast("test.renamed", version=2)
        def _in_a_language(state: State) -> State:
            return {**state, "lang": "ko"}

        yield


def renamed() -> type[Fact]:
    """The present version, under a class name and in a module that version 1 had never heard of."""

    @named("test.renamed", version=3)
    @dataclass(frozen=True)
    class GivenOtherNames(Fact):
        """It got other names."""

        names: tuple[str, ...]
        lang: str

    return GivenOtherNames


def test_every_earlier_version_is_read_as_the_present_one() -> None:
    cls = renamed()
    expected = {"names": ("구",), "lang": "ko"}
    for topic, stored in (
        ("test.renamed", '{"name":"구","provenance":null}'),
        ("test.renamed@2", '{"names":["구"],"provenance":null}'),
        ("test.renamed@3", '{"lang":"ko","names":["구"],"provenance":null}'),
    ):
        found = read(row(topic, stored))
        assert type(found.fact) is cls
        assert {name: getattr(found.fact, name) for name in expected} == expected
        assert found.stored == stored


def test_a_new_fact_is_stored_under_its_version_and_published_under_its_name() -> None:
    fact = renamed()(UUID(int=1), 1, NOON, names=("구",), lang="ko")  # type: ignore[call-arg]
    assert (fact.stored_as, fact.topic) == ("test.renamed@3", "test.renamed")
    assert read(row(fact.stored_as, state_of(fact))).fact.topic == "test.renamed"


def test_a_version_that_is_newer_than_the_code_is_refused() -> None:
    renamed()
    with pytest.raises(Unreadable, match=r"position 7: unknown topic 'test\.renamed@4'"):
        read(row("test.renamed@4", "{}"))


def test_a_field_that_the_upcast_leaves_over_is_refused() -> None:
    renamed()
    with pytest.raises(Unreadable, match="position 7: nickname"):
        read(row("test.renamed", '{"name":"구","nickname":"진구","provenance":null}'))


def test_a_state_that_cannot_be_brought_up_to_date_is_unreadable_and_its_position_is_named() -> None:
    renamed()
    with pytest.raises(Unreadable, match=r"position 7: test\.renamed cannot be brought up to date: KeyError"):
        read(row("test.renamed", '{"nickname":"진구","provenance":null}'))


def test_a_name_is_entered_once() -> None:
    renamed()
    with pytest.raises(ValueError, match=r"test\.renamed@3"):
        renamed()
    with pytest.raises(ValueError, match=r"test\.renamed"):
        upcast("test.renamed", version=1)(lambda state: state)


@pytest.mark.parametrize("field", ["originator_id", "originator_version", "timestamp", "originator_topic"])
def test_a_state_cannot_speak_for_its_columns(field: str) -> None:
    renamed()
    with pytest.raises(Unreadable, match="position 7"):
        read(row("test.renamed@3", f'{{"lang":"ko","names":[],"{field}":"x"}}'))


def test_nothing_is_imported_because_a_topic_names_it() -> None:
    with pytest.raises(Unreadable, match="unknown topic"):
        read(row("antigravity:fly", "{}"))
