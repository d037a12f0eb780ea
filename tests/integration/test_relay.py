"""The relay keeps the stream equal to the log, position by position, whatever is lost on the way."""

import asyncio
import json
from hashlib import sha256
from uuid import UUID, uuid4

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from registry.renewal.commands import case_id

from contracts.envelope import Envelope
from deploy.embedded.throwaway import ThrowawayServers
from tests.conftest import FORGET_STREAMS, RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.relaying import (
    agrees,
    in_force,
    level,
    make_streams,
    organisations,
    relay_of,
    relayed,
    running,
    sequence,
    stream,
    wire,
)
from tests.integration.test_event_log import KILL_ALL, speaking_to, until

__all__ = ["stream", "wire"]


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
        "moa-state-sha256": sha256(recorded.stored.encode()).hexdigest(),
        "moa-recorded-at": recorded.recorded_at.isoformat(),
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
        await organisations(clerk, 1)
        await level(registry, stream)
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
    await make_streams(wire, uuid4())
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


async def _heard(complaints: list[str], count: int) -> bool:
    return len(complaints) >= count
