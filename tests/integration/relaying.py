"""A relay between a real log and a real stream: how to run it, and how to see that the two agree."""

import asyncio
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
from registry.relay import Relay
from registry.relay.lead import Lead
from registry.relay.messages import Messages, state_hash
from registry.relay.stream import MAX_BATCH, Stream, prepare_notifier_stream
from registry.renewal.commands import RecordReminder, case_id
from registry.store.mapper import fact_of, state_of

from deploy.embedded.throwaway import ThrowawayServers
from tests.conftest import FORGET_STREAMS
from tests.integration.conftest import Person, Running
from tests.integration.test_event_log import NOON, until
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
    return bootstrap.relay_of(registry.house, registry.settings)


def lead_on(registry: Running, stream: Stream) -> Lead:
    def messages(generation: UUID) -> Messages:
        return Messages(generation, bootstrap.PUBLISHED, fact_of, state_of)

    return Lead(registry.house.log, registry.house.rows, stream, messages)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        await end(tasks)


async def stops(relay: Relay) -> str:
    """What makes the relay stand still."""
    async with running(relay):
        return str(await until(lambda: why(relay)))


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
    facts = await house.log.after(0, 3000)
    state = (await stream.stream_info("REGISTRY")).state
    assert (state.first_seq, state.last_seq, state.messages) == (1, len(facts), len(facts))
    for recorded in facts:
        message = await stream.get_msg("REGISTRY", recorded.position)
        assert message.seq == recorded.position
        headers = dict(message.headers or {})
        assert headers["Nats-Msg-Id"] == str(recorded.position)
        assert headers["ce-id"] == f"{recorded.stream}:{recorded.version}"
        assert headers["ce-source"] == f"urn:moa:registry:{generation}"
        assert headers["moa-state-sha256"] == state_hash(recorded.stored)
        assert headers["moa-recorded-at"] == recorded.recorded_at.isoformat()


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


async def why(relay: Relay) -> Any:
    """What the relay stands still at, if it does."""
    return relay.stopped


async def make_streams(wire: Client, generation: UUID) -> None:
    """Both streams, empty, as a relay makes them."""
    await Stream(wire).make(generation)
    await prepare_notifier_stream(wire)


async def publish_what_is_of_the_log(registry: Running, wire: Client, after: int) -> None:
    """The messages about the facts that follow a position, as a relay makes them, whatever the stream held before."""
    messages = Messages(await registry.house.log.generation(), bootstrap.PUBLISHED, fact_of, state_of)
    entries = await registry.house.log.entries(after, MAX_BATCH)
    await Stream(wire).publish([messages.of(entry) for entry in entries], after)


async def publish_what_is_not_of_the_log(stream: JetStreamContext) -> None:
    await stream.publish("registry.v1.open.organisation.registered.x", b"{}")
