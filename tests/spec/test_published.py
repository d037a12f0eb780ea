"""What others learn of a fact says what the fact says: no field is dropped on the way, and none is made up."""

import importlib
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from registry.kernel.facts import Fact, stated
from registry.store.mapper import state_of, stored_fields

from contracts.envelope import Message
from tests.spec.examples import BARE, FULL, called, topics
from tests.spec.scenario import RECORD, Told

EVERY = (*FULL, *BARE)
# What others need not know: the history of reminders is the renewal case's own.
PRIVATE = {"renewal.reminder-recorded"}
# Where a message is laid out in its own way.
OWN_LAYOUT = {"renewal.case-opened", "renewal.notice-deadline-set"}


def message(told: Told) -> Message | None:
    """What the fact's own slice tells of it."""
    published = importlib.import_module(f"registry.{told.kind.topic.partition('.')[0]}.published")
    fact = told.numbered(1)
    tell = cast(Callable[[type[Fact]], Any], published.told)(type(fact))
    if isinstance(tell, type) and issubclass(tell, Message):
        return tell.model_validate_json(stated(fact.topic.partition(".")[0], fact.originator_id, state_of(fact)))
    return cast(Message, tell(fact)) if tell else None


def said(told: Told) -> dict[str, Any]:
    """The message as JSON."""
    sent = message(told)
    assert sent is not None
    return cast(dict[str, Any], json.loads(sent.model_dump_json()))


@pytest.mark.parametrize("told", EVERY, ids=called)
def test_every_fact_is_a_message_or_expressly_nobody_elses_business(told: Told) -> None:
    sent = message(told)
    assert (sent is None) == (told.kind.topic in PRIVATE)


@pytest.mark.parametrize("told", [t for t in EVERY if t.kind.topic not in PRIVATE | OWN_LAYOUT], ids=called)
def test_a_message_says_what_the_fact_says_and_whom_it_is_about(told: Told) -> None:
    subject = told.kind.topic.partition(".")[0]
    assert said(told) == json.loads(state_of(told.numbered(1))) | {subject: str(RECORD)}


@pytest.mark.parametrize("told", [t for t in FULL if t.kind.topic not in PRIVATE | OWN_LAYOUT], ids=called)
def test_a_message_has_a_field_for_each_field_of_the_fact_and_no_other(told: Told) -> None:
    sent = message(told)
    assert sent is not None
    subject = told.kind.topic.partition(".")[0]
    assert set(type(sent).model_fields) == {subject, *stored_fields(told.kind)}


@pytest.mark.parametrize("told", [t for t in EVERY if t.kind.topic not in PRIVATE], ids=called)
def test_a_message_is_named_after_its_fact_and_can_be_read_again(told: Told) -> None:
    sent = message(told)
    assert sent is not None
    assert type(sent).__name__ == f"{told.kind.__name__}V1"
    assert type(sent).model_validate_json(sent.model_dump_json()) == sent


def test_no_slice_is_left_out() -> None:
    assert {told.kind.topic.partition(".")[0] for told in FULL} == {topic.partition(".")[0] for topic in topics()}
