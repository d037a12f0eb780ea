"""On the wire a fact is its envelope, written out byte for byte as the contract's model would write it."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from registry.bootstrap import PUBLISHED
from registry.kernel.facts import Recorded, stated
from registry.relay.messages import Messages, Outgoing, lines
from registry.relay.stream import MAX_BATCH, MAX_BATCH_BYTES, cut
from registry.store.mapper import state_of

from contracts.envelope import Envelope, kind, source
from tests.spec.examples import BARE, FULL, called
from tests.spec.scenario import RECORD, Told

GENERATION = UUID(int=5)
MESSAGES = Messages(GENERATION, PUBLISHED, state_of)
INSTANTS = (datetime(2025, 7, 1, 3, 0, tzinfo=UTC), datetime(2025, 7, 1, 3, 0, 0, 120000, tzinfo=UTC))


def recorded(told: Told, at: datetime = INSTANTS[0]) -> Recorded:
    fact = told.numbered(3)
    return Recorded(7, fact, at, "staff-1", "busanjin", UUID(int=1), UUID(int=2), stored=state_of(fact))


@pytest.mark.parametrize("at", INSTANTS, ids=str)
@pytest.mark.parametrize("told", [*FULL, *BARE], ids=called)
def test_a_body_is_what_the_envelopes_model_writes(told: Told, at: datetime) -> None:
    about = recorded(told, at)
    sent = MESSAGES.of(about)
    of = about.fact.topic.partition(".")[0]
    said = PUBLISHED[of](about.fact, stated(of, RECORD, about.stored))
    if said is None:
        assert (sent.subject, sent.body) == ("registry.v1.internal", b"")
        return
    model = Envelope(
        id=f"{RECORD}:3",
        source=source(GENERATION),
        type=kind(about.fact.topic),
        subject=str(RECORD),
        time=at,
        position="7",
        generation=GENERATION,
        data=said.model_dump(mode="json"),
    )
    assert sent.body.decode() == model.model_dump_json()
    assert sent.subject == f"registry.v1.restricted.{about.fact.topic}.{RECORD}"


@pytest.mark.parametrize("told", FULL, ids=called)
def test_the_headers_say_which_fact_of_which_log_it_is_and_what_the_log_holds(told: Told) -> None:
    about = recorded(told)
    found = lines(MESSAGES.of(about).headers)
    content = {"content-type": "application/cloudevents+json"} if MESSAGES.of(about).body else {}
    assert (
        found
        == {
            "Nats-Msg-Id": "7",
            "ce-id": f"{RECORD}:3",
            "ce-source": source(GENERATION),
            "ce-specversion": "1.0",
            "moa-state-sha256": hashlib.sha256(about.stored.encode()).hexdigest(),
            "moa-correlation": str(UUID(int=2)),
            "moa-command": str(UUID(int=1)),
        }
        | content
    )


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
