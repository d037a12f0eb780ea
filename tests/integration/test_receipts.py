"""What the notifier reports is recorded once on the renewal case; what nobody can read is set aside and counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from registry.bootstrap.following import end
from registry.receipts import CONSUMER, Receipts
from registry.renewal.commands import case_id

from contracts.receipts import RecipientV1, ReminderReportV1
from deploy.embedded.throwaway import ThrowawayServers
from tests.integration.conftest import Person, Running
from tests.integration.relaying import make_streams, stream, wire
from tests.integration.test_event_log import NOON, until
from tests.integration.test_main_job import registered

__all__ = ["stream", "wire"]


@pytest.fixture
async def notifier(servers: ThrowawayServers, wire: Client) -> AsyncIterator[JetStreamContext]:
    """The notifier's own way to report, with both streams there."""
    await make_streams(wire, uuid4())
    client = await nats.connect(servers.nats.url("notifier"))
    try:
        yield client.jetstream()
    finally:
        await client.close()


def report(agreement: str, **other: Any) -> ReminderReportV1:
    key = f"{agreement}/1/notice-90/2028-03-08/busanjin-staff"
    return ReminderReportV1(
        **{
            "id": uuid5(NAMESPACE_URL, key),
            "key": key,
            "outcome": "sent",
            "agreement": UUID(agreement),
            "cycle": 1,
            "rule": "notice-90",
            "deadline": "2028-03-08",
            "recipient": RecipientV1(office="busanjin", role="staff"),
            "channel": "maildir",
            "on": "2027-12-09",
            "at": NOON,
            **other,
        }
    )


async def tell(
    notifier: JetStreamContext, told: ReminderReportV1 | bytes, headers: dict[str, str] | None = None
) -> None:
    body = told if isinstance(told, bytes) else told.model_dump_json().encode()
    outcome = "sent" if isinstance(told, bytes) else told.outcome
    await notifier.publish(f"notifier.v1.reminder.{outcome}.{uuid4()}", body, headers=headers)


@asynccontextmanager
async def receiving(registry: Running) -> AsyncIterator[Receipts]:
    receipts = Receipts(registry.house.application, registry.settings.nats_url, registry.house.rows)
    task = asyncio.create_task(receipts.run())
    try:
        yield receipts
    finally:
        await end([task])


async def parked(registry: Running) -> list[tuple[int, str]]:
    """What was set aside: sequence and why."""
    rows = await registry.house.rows.fetch("select sequence, why from parked order by sequence")
    return [(row["sequence"], row["why"]) for row in rows]


async def settled(stream: JetStreamContext, delivered: int) -> bool:
    """Has every one of so many reports been taken or set aside?"""
    info = await stream.consumer_info("NOTIFIER", CONSUMER)
    assert info.delivered is not None
    return (info.num_pending, info.num_ack_pending, info.delivered.stream_seq) == (0, 0, delivered)


async def with_term(clerk: Person, number: str = "1") -> str:
    """An agreement in force with a term; its renewal case is opened when the process follows."""
    party = await registered(clerk, f"기관 {number}")
    body = {
        "number": number,
        "year": 2025,
        "kind": "mou",
        "titles": [{"lang": "ko", "text": "협약"}],
        "parties": [{"organisation": party}, {"placeholder": "상대방"}],
        "signed_on_paper": {"on": "2025-06"},
    }
    record = (await clerk.post("/agreements", body)).json()["id"]
    term = {"start": "2025-06-10", "end": "2028-06-09", "notice": {"months": 3}}
    await clerk.post(f"/agreements/{record}/enter-into-force", {"on": "2025-06-10", "term": term})
    return str(record)


async def recorded(registry: Running) -> list[tuple[int, str, str]]:
    """Where reminders stand in the log: position, record, report."""
    facts = [each for each in await registry.house.log.after(0, 1000) if each.fact.topic == "renewal.reminder-recorded"]
    return [(each.position, str(each.stream), str(vars(each.fact)["report"])) for each in facts]


async def test_a_report_becomes_a_fact_once_however_often_it_is_told(
    registry: Running, notifier: JetStreamContext, stream: JetStreamContext
) -> None:
    clerk = await registry.person()
    mou = await with_term(clerk)
    await registry.follow()
    head = await registry.house.log.head()
    told = report(mou)
    command = uuid4()
    async with receiving(registry):
        await until(lambda: _has_consumer(stream))
        await tell(notifier, told, {"moa-correlation": str(command)})
        await tell(notifier, told)
        await tell(notifier, told, {"moa-correlation": "nonsense"})
        await until(lambda: settled(stream, 3))
        assert await parked(registry) == []
    case = str(case_id(UUID(mou), 1))
    assert await recorded(registry) == [(head + 1, case, str(told.id))]
    fact = (await registry.house.log.after(head, 1))[0]
    assert (fact.actor, fact.office, fact.command, fact.correlation) == (
        "system:00000000-0000-0000-0000-000000000000",
        "moa",
        told.id,
        command,
    )
    await registry.follow()
    history = (await clerk.get(f"/agreements/{mou}/events")).json()
    assert [line["topic"] for line in history][-2:] == ["renewal.case-opened", "renewal.reminder-recorded"]
    shown = (await clerk.get(f"/renewals/{case}")).json()["reminders"]
    assert [(each["rule"], each["outcome"], each["recipient_office"]) for each in shown] == [
        ("notice-90", "sent", "busanjin")
    ]


async def test_a_repeated_report_is_answered_with_the_same_position(
    registry: Running, notifier: JetStreamContext, stream: JetStreamContext
) -> None:
    clerk = await registry.person()
    mou = await with_term(clerk)
    await registry.follow()
    head = await registry.house.log.head()
    async with receiving(registry):
        await tell(notifier, report(mou))
        await tell(notifier, report(mou, id=uuid4(), rule="notice-30"))
        await until(lambda: _recorded_as_many(registry, 2))
    before = await recorded(registry)
    async with receiving(registry):
        await tell(notifier, report(mou))
        await until(lambda: settled(stream, 3))
    assert await recorded(registry) == before
    answer = await registry.house.log.answered(
        "system:00000000-0000-0000-0000-000000000000", report(mou).id, await _hash_of(registry, report(mou).id)
    )
    assert answer is not None
    assert (answer.position, answer.version, answer.repeated) == (head + 1, 2, True)


async def test_a_report_that_comes_before_its_case_is_tried_again_and_lands(
    registry: Running, notifier: JetStreamContext, stream: JetStreamContext
) -> None:
    clerk = await registry.person()
    mou = await with_term(clerk)
    async with receiving(registry):
        await tell(notifier, report(mou))
        await until(lambda: _redelivered(stream))
        assert await recorded(registry) == []
        await registry.follow()
        await until(lambda: _recorded_as_many(registry, 1))
        await until(lambda: settled(stream, 1))
        assert await parked(registry) == []


async def test_what_cannot_be_read_is_set_aside_and_counted_while_later_ones_are_taken(
    registry: Running, notifier: JetStreamContext, stream: JetStreamContext
) -> None:
    clerk = await registry.person()
    mou = await with_term(clerk)
    await registry.follow()
    good = report(mou)
    poison: list[ReminderReportV1 | bytes] = [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"[" * 10_000,
        b'{"id": "7"}',
        good.model_dump_json().replace('"sent"', '"eaten"').encode(),
        report(mou, id=uuid4(), channel="x" * 301),
        report(mou, id=uuid4(), rule="\x00"),
        report(mou, id=uuid4(), recipient=RecipientV1(office="../etc", role="staff")),
    ]
    async with receiving(registry):
        for told in (*poison, good):
            await tell(notifier, told)
        changed = report(mou, outcome="failed")  # the same report id, and another story
        await tell(notifier, changed)
        await tell(notifier, report(mou, id=uuid4(), rule="notice-30"))
        await until(lambda: settled(stream, len(poison) + 3))
        assert [sequence for sequence, _ in await parked(registry)] == [*range(1, len(poison) + 1), len(poison) + 2]
    first, second = await recorded(registry)
    assert first[2] == str(good.id)
    assert second[0] == first[0] + 1


async def test_receipts_wait_for_a_stream_that_is_not_there_yet(
    registry: Running, wire: Client, stream: JetStreamContext, servers: ThrowawayServers
) -> None:
    mou = await with_term(await registry.person())
    await registry.follow()
    async with receiving(registry):
        notifier = await nats.connect(servers.nats.url("notifier"))
        try:
            await make_streams(wire, uuid4())
            await tell(notifier.jetstream(), report(mou))
            await until(lambda: _recorded_as_many(registry, 1))
        finally:
            await notifier.close()


async def _has_consumer(stream: JetStreamContext) -> bool:
    return CONSUMER in {consumer.name for consumer in await stream.consumers_info("NOTIFIER")}


async def _recorded_as_many(registry: Running, count: int) -> bool:
    return len(await recorded(registry)) == count


async def _redelivered(stream: JetStreamContext) -> bool:
    if not await _has_consumer(stream):
        return False
    info = await stream.consumer_info("NOTIFIER", CONSUMER)
    return info.delivered is not None and info.delivered.consumer_seq > 1


async def _hash_of(registry: Running, command: UUID) -> bytes:
    found = await registry.house.rows.fetch("select request_hash from command where id = $1", command)
    return bytes(found[0]["request_hash"])
