"""On the wire a fact is its envelope, written out byte for byte as the contract's model would write it."""

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from registry.bootstrap import PUBLISHED
from registry.kernel.errors import Unreadable
from registry.kernel.facts import Entry, stated
from registry.relay.messages import Messages, Outgoing, lines
from registry.relay.stream import MAX_BATCH, MAX_BATCH_BYTES, cut
from registry.store.mapper import canonical, fact_of, state_of

from contracts.envelope import Envelope, Message, kind, source
from tests.spec.examples import BARE, FULL, called
from tests.spec.scenario import RECORD, Told

GENERATION = UUID(int=5)
MESSAGES = Messages(GENERATION, PUBLISHED, fact_of, state_of)
INSTANTS = (datetime(2025, 7, 1, 3, 0, tzinfo=UTC), datetime(2025, 7, 1, 3, 0, 0, 120000, tzinfo=UTC))


def entry(told: Told, at: datetime = INSTANTS[0], **surplus: object) -> Entry:
    fact = told.numbered(3)
    state = canonical(json.loads(state_of(fact)) | surplus) if surplus else state_of(fact)
    return Entry(7, str(RECORD), 3, fact.stored_as, state, at, UUID(int=1), UUID(int=2))


def said(written: Entry) -> Message | None:
    """What the fact's slice tells of it."""
    fact = fact_of(written)
    of = fact.topic.partition(".")[0]
    told = PUBLISHED[of](type(fact))
    if isinstance(told, type):
        return told.model_validate_json(stated(of, RECORD, written.state))
    return told(fact) if told else None


@pytest.mark.parametrize("at", INSTANTS, ids=str)
@pytest.mark.parametrize("told", [*FULL, *BARE], ids=called)
def test_a_body_is_what_the_envelopes_model_writes(told: Told, at: datetime) -> None:
    about = entry(told, at)
    sent = MESSAGES.of(about)
    message = said(about)
    if message is None:
        assert (sent.subject, sent.body) == ("registry.v1.internal", b"")
        return
    model = Envelope(
        id=f"{RECORD}:3",
        source=source(GENERATION),
        type=kind(about.topic),
        subject=str(RECORD),
        time=at,
        position="7",
        generation=GENERATION,
        data=message.model_dump(mode="json"),
    )
    assert sent.body.decode() == model.model_dump_json()
    assert sent.subject == f"registry.v1.restricted.{about.topic}.{RECORD}"


@pytest.mark.parametrize("told", FULL, ids=called)
def test_the_headers_say_which_fact_of_which_log_it_is_and_what_the_log_holds(told: Told) -> None:
    about = entry(told)
    found = lines(MESSAGES.of(about).headers)
    content = {"content-type": "application/cloudevents+json"} if MESSAGES.of(about).body else {}
    assert (
        found
        == {
            "Nats-Msg-Id": "7",
            "ce-id": f"{RECORD}:3",
            "ce-source": source(GENERATION),
            "ce-specversion": "1.0",
            "moa-state-sha256": hashlib.sha256(about.state.encode()).hexdigest(),
            "moa-recorded-at": "2025-07-01T03:00:00+00:00",
            "moa-correlation": str(UUID(int=2)),
            "moa-command": str(UUID(int=1)),
        }
        | content
    )


@pytest.mark.parametrize("told", FULL, ids=called)
def test_a_fact_with_a_field_that_nobody_knows_is_no_message(told: Told) -> None:
    with pytest.raises(Unreadable, match=r"position 7: .*surprise"):
        MESSAGES.of(entry(told, surprise=1))


@pytest.mark.parametrize("told", [told for told in FULL if told.kind.topic == "organisation.alias-stated"], ids=called)
def test_a_field_that_nobody_knows_inside_a_value_is_no_message_either(told: Told) -> None:
    with pytest.raises(Unreadable, match=r"position 7: .*name\.surprise"):
        MESSAGES.of(entry(told, name={"lang": "ko", "text": "구", "surprise": 1}))


@pytest.mark.parametrize("told", FULL, ids=called)
def test_a_state_cannot_say_of_another_record_that_it_is_the_one(told: Told) -> None:
    record = told.kind.topic.partition(".")[0]
    with pytest.raises(Unreadable, match=f"position 7: .*{record}"):
        MESSAGES.of(entry(told, **{record: str(UUID(int=9))}))


@pytest.mark.parametrize("topic", ["organisation.forgotten", "organisation.registered@2", "os:system", ""])
def test_a_topic_that_nobody_knows_is_no_message(topic: str) -> None:
    with pytest.raises(Unreadable, match="position 7: unknown topic"):
        MESSAGES.of(entry(FULL[0])._replace(topic=topic))


def messages(count: int, size: int) -> list[Outgoing]:
    return [Outgoing(number, "", "", b"x" * size) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "size", "first"),
    [
        (1, 0, 1),
        (MAX_BATCH, 10, MAX_BATCH),
        (MAX_BATCH + 1, 10, MAX_BATCH),
        (9, MAX_BATCH_BYTES // 4, 4),
        (3, MAX_BATCH_BYTES + 1, 1),
    ],
)
def test_a_batch_is_cut_by_count_and_by_bytes_and_nothing_gets_lost(count: int, size: int, first: int) -> None:
    batch, rest = cut(messages(count, size))
    assert len(batch) == first
    assert [each.position for each in (*batch, *rest)] == list(range(1, count + 1))
