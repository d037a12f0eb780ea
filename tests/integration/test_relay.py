"""The relay keeps the stream equal to the log, position by position; where they differ it stops and says so."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from registry import bootstrap
from registry.application import CommandRequest
from registry.bootstrap.following import end
from registry.kernel.actors import SYSTEM
from registry.relay import Relay, prepare_streams
from registry.renewal.commands import RecordReminder, case_id

from contracts.envelope import Envelope
from deploy.embedded.throwaway import ThrowawayServers
from tests.conftest import FORGET_STREAMS, RegistryDatabase
from tests.integration.conftest import Person, Running
from tests.integration.test_event_log import KILL_ALL, NOON, speaking_to, until
from tests.integration.test_main_job import drafted, registered


async def forget(client: Client) -> None:
    for name in FORGET_STREAMS:
        try:
            await client.jetstream().delete_stream(name)
        except NotFoundError:
            continue


@pytest.fixture
async def wire(servers: ThrowawayServers) -> AsyncIterator[Client]:
    """The registry's own connection to NATS, with no streams before and none left behind."""
    client = await nats.connect(servers.nats.url("registry"))
    await forget(client)
    try:
        yield client
    finally:
        await forget(client)
        await client.close()


@pytest.fixture
def stream(wire: Client) -> JetStreamContext:
    return wire.jetstream()


def relay_of(registry: Running) -> Relay:
    return Relay(registry.house.log, registry.settings.nats_url, bootstrap.PUBLISHED)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        await end(tasks)


async def sequence(stream: JetStreamContext) -> int:
    try:
        return int((await stream.stream_info("REGISTRY")).state.last_seq)
    except NotFoundError:
        return 0


async def level(registry: Running, stream: JetStreamContext) -> None:
    """Wait until the stream has come as far as the log."""
    head = await registry.house.log.head()

    async def reached() -> bool:
        return await sequence(stream) == head

    await until(reached)


async def relayed(registry: Running, stream: JetStreamContext) -> None:
    async with running(relay_of(registry)):
        await level(registry, stream)


async def agrees(registry: Running, stream: JetStreamContext) -> None:
    """Every position is the sequence of the message about that fact, and there is nothing else."""
    house = registry.house
    generation = await house.log.generation()
    facts = await house.log.after(0, 1000)
    state = (await stream.stream_info("REGISTRY")).state
    assert (state.first_seq, state.last_seq, state.messages) == (1, len(facts), len(facts))
    for recorded in facts:
        message = await stream.get_msg("REGISTRY", recorded.position)
        assert message.seq == recorded.position
        headers = dict(message.headers or {})
        assert headers["Nats-Msg-Id"] == str(recorded.position)
        assert headers["ce-id"] == f"{recorded.stream}:{recorded.version}"
        assert headers["ce-source"] == f"urn:moa:registry:{generation}"


async def organisations(clerk: Person, count: int) -> list[str]:
    return [await registered(clerk, f"기관 {number}") for number in range(count)]


async def in_force(registry: Running, clerk: Person) -> str:
    """An agreement in force with its renewal case, and a reminder recorded on it: ten facts."""
    parties = await organisations(clerk, 2)
    mou = await drafted(clerk, parties)
    for party in parties:
        await clerk.post(f"/agreements/{mou}/sign", {"organisation": party, "on": "2025-06-10"})
    term = {"start": "2025-06-10", "end": "2028-06-09", "notice": {"months": 3}}
    await clerk.post(f"/agreements/{mou}/enter-into-force", {"on": "2025-06-10", "term": term})
    await registry.follow()
    report = uuid4()
    command = RecordReminder(
        report=report,
        outcome="sent",
        rule="notice-90",
        deadline=NOON.date(),
        recipient_office="busanjin",
        recipient_role="staff",
        channel="maildir",
        on=NOON.date(),
        at=NOON,
    )
    await registry.house.application.run(CommandRequest(command, SYSTEM, report, report, target=case_id(UUID(mou), 1)))
    assert await registry.house.log.head() == 10
    return mou


async def test_every_position_is_a_sequence_and_what_is_nobodys_business_goes_out_empty(
    registry: Running, stream: JetStreamContext
) -> None:
    mou = await in_force(registry, await registry.person())
    await relayed(registry, stream)
    await agrees(registry, stream)
    messages = [await stream.get_msg("REGISTRY", position) for position in range(1, 11)]
    subjects = [str(message.subject) for message in messages]
    case = case_id(UUID(mou), 1)
    assert subjects[2:] == [
        f"registry.v1.restricted.agreement.drafted.{mou}",
        f"registry.v1.restricted.agreement.party-signed.{mou}",
        f"registry.v1.restricted.agreement.party-signed.{mou}",
        f"registry.v1.restricted.agreement.signed.{mou}",
        f"registry.v1.restricted.agreement.entered-into-force.{mou}",
        f"registry.v1.restricted.agreement.term-set.{mou}",
        f"registry.v1.restricted.renewal.case-opened.{case}",
        "registry.v1.internal",
    ]
    assert messages[9].data in {None, b""}
    assert all(message.data for message in messages[:9])


async def test_a_message_is_a_cloud_event(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    (record,) = await organisations(clerk, 1)
    await relayed(registry, stream)
    message = await stream.get_msg("REGISTRY", 1)
    generation = await registry.house.log.generation()
    recorded = (await registry.house.log.after(0, 1))[0]
    assert message.data is not None
    told = json.loads(message.data)
    assert {**told, "time": None} == {
        "specversion": "1.0",
        "id": f"{record}:1",
        "source": f"urn:moa:registry:{generation}",
        "type": "moa.registry.organisation.registered.v1",
        "subject": record,
        "time": None,
        "datacontenttype": "application/json",
        "position": "1",
        "generation": str(generation),
        "data": {
            "organisation": record,
            "office": "busanjin",
            "kind": "local_government",
            "names": [{"lang": "ko", "text": "기관 0"}],
            "country": "KR",
            "region": None,
            "identifiers": [],
            "provenance": None,
        },
    }
    assert Envelope.model_validate_json(message.data).time == recorded.recorded_at
    assert dict(message.headers or {}) == {
        "Nats-Msg-Id": "1",
        "Nats-Expected-Last-Sequence": "0",
        "ce-id": f"{record}:1",
        "ce-source": f"urn:moa:registry:{generation}",
        "ce-specversion": "1.0",
        "content-type": "application/cloudevents+json",
        "moa-correlation": str(recorded.correlation),
        "moa-command": str(recorded.command),
    }


async def test_a_relay_that_is_started_again_goes_on_without_duplicates(
    registry: Running, stream: JetStreamContext
) -> None:
    clerk = await registry.person()
    for _ in range(3):
        await organisations(clerk, 3)
        await relayed(registry, stream)
    again = relay_of(registry)
    async with running(again):
        await until(lambda: _at(again, 9))
    assert again.stopped is None
    await agrees(registry, stream)


async def test_what_is_recorded_while_it_runs_goes_out(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    async with running(relay_of(registry)):
        for _ in range(3):
            await organisations(clerk, 2)
            await level(registry, stream)
    await agrees(registry, stream)


async def test_a_stream_that_was_lost_is_filled_anew(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    await organisations(clerk, 4)
    await relayed(registry, stream)
    await stream.delete_stream("REGISTRY")
    await relayed(registry, stream)
    await agrees(registry, stream)


async def test_a_stream_that_is_lost_under_a_running_relay_is_filled_anew(
    registry: Running, stream: JetStreamContext
) -> None:
    clerk = await registry.person()
    relay = relay_of(registry)
    async with running(relay):
        await organisations(clerk, 3)
        await level(registry, stream)
        await stream.delete_stream("REGISTRY")
        await organisations(clerk, 1)
        await level(registry, stream)
    assert relay.stopped is None
    await agrees(registry, stream)


async def test_a_message_that_is_not_of_the_log_stops_the_relay(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    await organisations(clerk, 2)
    await relayed(registry, stream)
    await stream.publish("registry.v1.open.organisation.registered.x", b"{}")
    ahead = relay_of(registry)
    await asyncio.wait_for(ahead.run(), 10)
    assert ahead.stopped == "the stream is at 3, the log only at 2: was a backup restored?"
    await organisations(clerk, 1)
    differs = relay_of(registry)
    await asyncio.wait_for(differs.run(), 10)
    assert differs.stopped == "position 3 differs between stream and log in ce-id, ce-source"
    assert await sequence(stream) == 3


async def test_a_message_that_is_not_of_the_log_stops_a_running_relay(
    registry: Running, stream: JetStreamContext
) -> None:
    clerk, relay = await registry.person(), relay_of(registry)
    async with running(relay):
        await organisations(clerk, 2)
        await level(registry, stream)
        await stream.publish("registry.v1.open.organisation.registered.x", b"{}")
        await organisations(clerk, 2)
        assert await until(lambda: _why(relay)) == "position 3 differs between stream and log in ce-id, ce-source"
    assert await sequence(stream) == 3


async def test_a_log_that_was_restored_from_a_backup_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    async with speaking_to(registry_database.superuser_url) as owner:
        await owner.execute("set session_replication_role = replica")
        await owner.execute("delete from event where position = 3")
        await owner.execute("update log_head set position = 2")
    relay = relay_of(registry)
    await asyncio.wait_for(relay.run(), 10)
    assert relay.stopped == "the stream is at 3, the log only at 2: was a backup restored?"


async def test_a_log_of_another_generation_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    async with speaking_to(registry_database.owner_url) as owner:
        await owner.execute("update log_head set generation = gen_random_uuid()")
    relay = relay_of(registry)
    await asyncio.wait_for(relay.run(), 10)
    assert relay.stopped == "position 3 differs between stream and log in ce-source"


async def test_a_stream_whose_last_message_is_gone_stops_the_relay(registry: Running, stream: JetStreamContext) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    await stream.purge_stream("REGISTRY")
    relay = relay_of(registry)
    await asyncio.wait_for(relay.run(), 10)
    assert relay.stopped == "the stream lost its last message (3)"


async def test_a_relay_that_stopped_is_missing_from_the_house_and_the_views_go_on(
    registry: Running, stream: JetStreamContext, wire: Client
) -> None:
    clerk = await registry.person()
    await prepare_streams(wire)
    await stream.publish("registry.v1.open.organisation.registered.x", b"{}")
    ended = asyncio.Event()
    following = asyncio.create_task(bootstrap.Following(registry.settings).run(ended))
    try:
        sentence = "relay stopped at the stream is at 1, the log only at 0: was a backup restored?"
        await until(lambda: _is_missing(registry, sentence))
        await organisations(clerk, 1)
        seen = await clerk.get("/organisations", Registry_Position="1")
        assert [row["name_ko"] for row in seen.json()["items"]] == ["기관 0"]
        ready = await registry.client.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "missing": [sentence]})
    finally:
        ended.set()
        await following


async def test_two_relays_at_once_keep_the_order(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    relays = [relay_of(registry) for _ in range(2)]
    async with running(*relays):
        for _ in range(5):
            await asyncio.gather(*(organisations(clerk, 2) for _ in range(6)))
        await level(registry, stream)
    assert [relay.stopped for relay in relays] == [None, None]
    assert await registry.house.log.head() == 60
    await agrees(registry, stream)


async def test_a_relay_waits_for_a_database_that_is_away_and_goes_on(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    clerk, relay = await registry.person(), relay_of(registry)
    async with running(relay):
        await organisations(clerk, 1)
        await level(registry, stream)
        async with speaking_to(registry_database.superuser_url) as killer:
            await killer.execute(KILL_ALL, registry_database.name)
        body = {"kind": "office", "names": [{"lang": "ko", "text": "나"}], "country": "KR"}
        while (await clerk.post("/organisations", body, key=uuid4())).status_code != 201:
            pass
        await level(registry, stream)
    assert relay.stopped is None
    await agrees(registry, stream)


async def test_the_notifier_cannot_write_facts(servers: ThrowawayServers, wire: Client) -> None:
    await prepare_streams(wire)
    complaints: list[str] = []

    async def heard(error: Exception) -> None:
        complaints.append(str(error))

    notifier = await nats.connect(servers.nats.url("notifier"), error_cb=heard)
    try:
        await notifier.publish("registry.v1.open.organisation.registered.x", b"{}")
        await notifier.publish("registry.v1.internal", b"")
        await notifier.publish("$JS.API.INFO", b"", reply="registry.v1.open.x")
        await notifier.publish("$JS.API.STREAM.DELETE.REGISTRY", b"")
        await notifier.publish("$JS.API.STREAM.PURGE.REGISTRY", b"")
        await notifier.publish("$JS.API.STREAM.MSG.GET.REGISTRY", b'{"seq": 1}')
        await notifier.flush()
        await until(lambda: _heard(complaints, 5))
    finally:
        await notifier.close()
    for subject in ("registry.v1.open.organisation.registered.x", "registry.v1.internal"):
        assert any(f'permissions violation for publish to "{subject}"' in words.lower() for words in complaints)
    assert await sequence(wire.jetstream()) == 0
    for name in FORGET_STREAMS:
        assert (await wire.jetstream().stream_info(name)).config.name == name


async def _at(relay: Relay, position: int) -> bool:
    return relay.sequence == position


async def _why(relay: Relay) -> Any:
    return relay.stopped


async def _heard(complaints: list[str], count: int) -> bool:
    return len(complaints) >= count


async def _is_missing(registry: Running, sentence: str) -> bool:
    return await registry.house.missing() == [sentence]
