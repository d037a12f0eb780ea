"""A backlog goes out in atomic batches; whatever becomes of one, no message is doubled and none is left out."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from registry.kernel.ports import Write
from registry.kernel.values import Text
from registry.relay.comparison import Disagreement
from registry.relay.messages import Outgoing
from registry.relay.relay import Relay
from registry.relay.stream import DUPLICATE_IN_BATCH, MAX_BATCH, Refused, Stream

from deploy.embedded.home import open_home
from deploy.embedded.nats_server import EmbeddedNats
from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.relaying import (
    agrees,
    lead_on,
    level,
    organisations,
    relay_of,
    relayed,
    running,
    sequence,
    stops,
    stream,
    wire,
)
from tests.integration.test_event_log import act, alias, registered, speaking_to, until

__all__ = ["stream", "wire"]
LEADER = "select pid from pg_locks where locktype = 'advisory' and objsubid = 2 and granted"


async def backlog(registry: Running, count: int) -> None:
    """One record of so many facts."""
    record = uuid4()
    facts = (registered(record), *(alias(record, version) for version in range(2, count + 1)))
    await registry.house.log.append(act(Write(record, 0, facts)))


async def batches(stream: JetStreamContext, last: int) -> list[int]:
    """How many messages each batch had, in order; one that went alone names none."""
    found: list[tuple[str, int]] = []
    for number in range(1, last + 1):
        headers = (await stream.get_msg("REGISTRY", number)).headers or {}
        name = headers.get("Nats-Batch-Id", f"alone-{number}")
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + 1)
        else:
            found.append((name, 1))
    return [count for _, count in found]


@dataclass(frozen=True)
class Forgetful(Stream):
    """JetStream whose answers get lost on the way, though the messages arrived."""

    async def publish(self, messages: Sequence[Outgoing], after: int) -> int:
        await super().publish(messages, after)
        raise TimeoutError


@dataclass(frozen=True)
class Refusing(Stream):
    """JetStream that takes a message for one that it has."""

    async def publish(self, messages: Sequence[Outgoing], after: int) -> int:
        raise Refused(DUPLICATE_IN_BATCH, "there already")


async def test_a_backlog_goes_out_in_batches_of_a_thousand_and_one_fact_alone(
    registry: Running, stream: JetStreamContext
) -> None:
    await backlog(registry, 2 * MAX_BATCH + 50)
    await relayed(registry, stream)
    await backlog(registry, 1)
    await relayed(registry, stream)
    await agrees(registry, stream)
    assert await batches(stream, 2 * MAX_BATCH + 51) == [MAX_BATCH, MAX_BATCH, 50, 1]


async def test_large_facts_go_out_in_batches_bounded_by_their_bytes(
    registry: Running, stream: JetStreamContext
) -> None:
    names = tuple(Text("ko", "가" * 300) for _ in range(260))
    for _ in range(41):
        record = uuid4()
        await registry.house.log.append(act(Write(record, 0, (replace(registered(record), names=names),))))
    await relayed(registry, stream)
    await agrees(registry, stream)
    assert await batches(stream, 41) == [17, 17, 7]


@pytest.mark.parametrize("count", [1, 7, MAX_BATCH + 3])
async def test_a_batch_whose_answer_was_lost_is_not_sent_again(
    registry: Running, stream: JetStreamContext, wire: Client, count: int
) -> None:
    await backlog(registry, count)
    forgetful = lead_on(registry, Forgetful(wire))
    await forgetful.look()
    with pytest.raises(TimeoutError):
        await forgetful.drain(lambda: True)
    assert await sequence(stream) == min(count, MAX_BATCH)
    await relayed(registry, stream)
    await agrees(registry, stream)


@pytest.mark.parametrize("count", [1, 7])
async def test_a_relay_that_comes_too_late_looks_where_the_stream_stands_and_goes_on(
    registry: Running, stream: JetStreamContext, wire: Client, count: int
) -> None:
    late, other = lead_on(registry, Stream(wire)), lead_on(registry, Stream(wire))
    for lead in (late, other):
        await lead.look()
    await backlog(registry, count)
    await other.drain(lambda: True)
    await backlog(registry, 3)
    await late.drain(lambda: True)
    assert (late.sequence, other.sequence) == (count + 3, count)
    await agrees(registry, stream)


async def test_a_message_that_is_refused_without_end_stops_the_relay(
    registry: Running, stream: JetStreamContext, wire: Client
) -> None:
    await backlog(registry, 3)
    refusing = lead_on(registry, Refusing(wire))
    await refusing.look()
    with pytest.raises(Disagreement) as stopped:
        await refusing.drain(lambda: True)
    assert str(stopped.value) == "position 1 is refused again and again: 10201 there already"
    assert await sequence(stream) == 0


async def test_a_batch_that_was_never_committed_leaves_nothing_behind(
    registry: Running, stream: JetStreamContext, wire: Client
) -> None:
    await relayed(registry, stream)
    headers = {"Nats-Batch-Id": "left-alone", "Nats-Batch-Sequence": "1", "Nats-Msg-Id": "1"}
    await wire.publish("registry.v1.internal", b"", headers=headers)
    await wire.flush()
    await backlog(registry, 5)
    await relayed(registry, stream)
    await agrees(registry, stream)


async def test_a_lost_tail_is_filled_again(registry: Running, stream: JetStreamContext, wire: Client) -> None:
    await backlog(registry, 40)
    await relayed(registry, stream)
    kept = [await stream.get_msg("REGISTRY", number) for number in range(1, 18)]
    await stream.delete_stream("REGISTRY")
    await Stream(wire).make(await registry.house.log.generation())
    for message in kept:
        headers = {k: v for k, v in (message.headers or {}).items() if not k.startswith(("Nats-Batch", "Nats-Exp"))}
        await stream.publish(str(message.subject), message.data or b"", headers=headers)
    await relayed(registry, stream)
    await agrees(registry, stream)


async def test_what_comes_before_a_fact_that_cannot_be_read_goes_out_and_then_the_relay_stops(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    await backlog(registry, 600)
    async with speaking_to(registry_database.superuser_url) as superuser:
        await superuser.execute("set session_replication_role = replica")
        await superuser.execute("update event set topic = 'organisation.forgotten' where position = 333")
    assert await stops(relay_of(registry)) == "position 333: unknown topic 'organisation.forgotten'"
    assert await sequence(stream) == 332


async def test_metadata_that_cannot_be_read_stops_the_relay_after_what_comes_before(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    await backlog(registry, MAX_BATCH + 200)
    async with speaking_to(registry_database.superuser_url) as superuser:
        await superuser.execute("set session_replication_role = replica")
        await superuser.execute("update event set metadata = '{}' where position in (1034, 1035)")
    assert await stops(relay_of(registry)) == "position 1034: Object missing required field `actor`"
    assert await sequence(stream) == 1033


class EverybodyLeads:
    """A leadership that lets two lead at once, as when a lock is lost and its holder has not noticed yet."""

    @asynccontextmanager
    async def of(self, what: str) -> AsyncIterator[Callable[[], bool]]:
        yield lambda: True


async def test_two_relays_that_both_lead_keep_the_order(registry: Running, stream: JetStreamContext) -> None:
    relays: list[Relay] = [replace(relay_of(registry), leadership=EverybodyLeads()) for _ in range(3)]
    clerk = await registry.person()
    async with running(*relays):
        for _ in range(4):
            await backlog(registry, 300)
            await asyncio.gather(*(organisations(clerk, 2) for _ in range(6)))
        await level(registry, stream)
    assert [relay.stopped for relay in relays] == [None] * 3
    assert await registry.house.log.head() == 4 * 312
    await agrees(registry, stream)


async def test_one_relay_leads_and_another_takes_over_when_it_loses_the_lead(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    async with speaking_to(registry_database.superuser_url) as killer, running(relay_of(registry), relay_of(registry)):
        await organisations(clerk, 2)
        await level(registry, stream)
        (first,) = [row["pid"] for row in await killer.fetch(LEADER)]
        await killer.execute("select pg_terminate_backend($1)", first)

        async def another_leads() -> bool:
            return [row["pid"] for row in await killer.fetch(LEADER)] not in ([], [first])

        await until(another_leads)
        await organisations(clerk, 2)
        await level(registry, stream)
    await agrees(registry, stream)


async def test_how_far_the_stream_is_behind_stands_in_the_metrics(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    await organisations(clerk, 2)
    async with running(relay_of(registry)):
        await level(registry, stream)
        await until(lambda: shows(registry, 'moa_follower_lag_facts{follower="relay"} 0.0'))
        await until(lambda: shows(registry, "moa_relay_oldest_unpublished_seconds 0.0"))
    await organisations(clerk, 3)
    assert await shows(registry, 'moa_follower_lag_facts{follower="relay"} 3.0')
    first = await age(registry)
    assert 0 < first < 30

    async def grows() -> bool:
        return await age(registry) > first

    await until(grows)


async def age(registry: Running) -> float:
    """Of the oldest fact that the stream has not been told, in seconds."""
    (line,) = [
        line
        for line in (await metrics(registry)).splitlines()
        if line.startswith("moa_relay_oldest_unpublished_seconds ")
    ]
    return float(line.rpartition(" ")[2])


async def metrics(registry: Running) -> str:
    return (await registry.client.get("/metrics")).text


async def shows(registry: Running, line: str) -> bool:
    return line in await metrics(registry)


async def test_a_server_that_was_killed_is_told_the_rest_once_it_is_back(registry: Running) -> None:
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        home = open_home(Path(folder))
        with EmbeddedNats(home) as first:
            port, url = first.port, first.url("registry")
            relay = replace(relay_of(registry), nats_url=url)
            async with running(relay):
                await backlog(registry, 1500)
                await until(lambda: reached(url, 1500))
                assert first.child.pid is not None
                os.kill(first.child.pid, signal.SIGKILL)
                await backlog(registry, 1500)
                first.stop()
                with EmbeddedNats(home, port=port):
                    back = time.monotonic()
                    await until(lambda: reached(url, 3000))
                    assert time.monotonic() - back < 5
                    client = await nats.connect(url)
                    await agrees(registry, client.jetstream())
                    await client.close()
            assert relay.stopped is None


async def reached(url: str, position: int) -> bool:
    client = await nats.connect(url)
    try:
        return await sequence(client.jetstream()) == position
    finally:
        await client.close()
