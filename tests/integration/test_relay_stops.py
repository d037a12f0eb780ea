"""Where stream and log differ, the relay stands still, names the position and publishes nothing more."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from uuid import uuid4

from nats.aio.client import Client
from nats.js import JetStreamContext
from registry import bootstrap
from registry.kernel.ports import Database, Row, Transaction
from registry.relay.comparison import LOG_STANDS
from registry.relay.stream import Stream

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.relaying import (
    level,
    make_streams,
    organisations,
    publish_what_is_not_of_the_log,
    relay_of,
    relayed,
    running,
    sequence,
    stops,
    stream,
    why,
    wire,
)
from tests.integration.test_event_log import opening, speaking_to, until

__all__ = ["stream", "wire"]

# What a superuser could do to the log, and the service's role never.
RESTORE_AN_OLDER_LOG = """
    set session_replication_role = replica;
    delete from event where position > 2;
    delete from command where position > 2;
    update log_head set position = 2;
"""
DIFFERENT_STATE = """
    set session_replication_role = replica;
    update event set state = replace(state::text, '기관', '기구')::json where position = 3;
"""
FOREIGN = "position 3 differs between stream and log in Nats-Msg-Id, ce-id, ce-source"


@dataclass
class Watched:
    """A database that notes at which heads of the log somebody looked."""

    database: Database

    def __post_init__(self) -> None:
        self.heads: list[int] = []

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        rows = await self.database.fetch(sql, *arguments)
        if sql == LOG_STANDS:
            self.heads.append(rows[0]["position"])
        return rows

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.database.transaction()


async def do(database: RegistryDatabase, sql: str) -> None:
    async with speaking_to(database.superuser_url) as superuser:
        await superuser.execute(sql)


async def test_a_message_that_is_not_of_the_log_stops_the_relay(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    await organisations(clerk, 2)
    await relayed(registry, stream)
    await publish_what_is_not_of_the_log(stream)
    assert await stops(relay_of(registry)) == "the stream is at 3, the log only at 2: was a backup restored?"
    await organisations(clerk, 1)
    assert await stops(relay_of(registry)) == FOREIGN
    assert await sequence(stream) == 3


async def test_a_message_that_is_not_of_the_log_stops_a_running_relay(
    registry: Running, stream: JetStreamContext
) -> None:
    clerk, database = await registry.person(), Watched(registry.house.rows)
    relay = replace(relay_of(registry), database=database)
    async with running(relay):
        await organisations(clerk, 2)
        await level(registry, stream)
        await publish_what_is_not_of_the_log(stream)
        found = await until(lambda: why(relay))
        assert found == "the stream is at 3, the log only at 2: was a backup restored?"
        await organisations(clerk, 2)

        async def looked_again() -> bool:
            return database.heads[-1] == 4

        await until(looked_again)
        assert relay.stopped == found
    assert await sequence(stream) == 3


async def test_a_log_that_was_restored_from_a_backup_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    await do(registry_database, RESTORE_AN_OLDER_LOG)
    assert await stops(relay_of(registry)) == "the stream is at 3, the log only at 2: was a backup restored?"


async def test_a_restored_log_that_outgrew_the_stream_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    await organisations(clerk, 4)
    await relayed(registry, stream)
    await do(registry_database, RESTORE_AN_OLDER_LOG)
    await organisations(clerk, 5)
    assert await registry.house.log.head() == 7
    assert await stops(relay_of(registry)) == (
        "position 4 differs between stream and log in ce-id, moa-state-sha256, moa-recorded-at"
    )
    assert await sequence(stream) == 4


async def test_a_restored_log_whose_clients_sent_the_same_again_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    keys = [uuid4() for _ in range(3)]
    for key in keys:
        await registry.house.log.append(opening(key=key))
    await relayed(registry, stream)
    before = await registry.house.log.after(2, 1)
    await do(registry_database, RESTORE_AN_OLDER_LOG)
    await registry.house.log.append(opening(key=keys[2]))
    after = await registry.house.log.after(2, 1)
    assert [(each.stream, each.version, each.stored) for each in before] == [
        (each.stream, each.version, each.stored) for each in after
    ]
    assert await stops(relay_of(registry)) == "position 3 differs between stream and log in moa-recorded-at"


async def test_a_fact_that_says_something_else_than_was_published_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    await do(registry_database, DIFFERENT_STATE)
    assert await stops(relay_of(registry)) == "position 3 differs between stream and log in moa-state-sha256"


async def test_a_log_of_another_generation_stops_the_relay(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    before = await registry.house.log.generation()
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    await do(registry_database, "update log_head set generation = gen_random_uuid()")
    now = await registry.house.log.generation()
    assert await stops(relay_of(registry)) == f"position 3: the stream is of generation {before}, the log of {now}"


async def test_a_stream_whose_last_message_is_gone_stops_the_relay(registry: Running, stream: JetStreamContext) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    await stream.purge_stream("REGISTRY")
    assert await stops(relay_of(registry)) == "the stream lost its last message (3)"


async def test_a_stream_that_lost_messages_at_its_start_stops_the_relay(
    registry: Running, stream: JetStreamContext
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    await stream.purge_stream("REGISTRY", seq=3)
    assert await stops(relay_of(registry)) == "the stream holds 1 of the 3 messages up to position 3, from 3 on"


async def test_a_relay_that_stopped_is_missing_from_the_house_and_the_views_go_on(
    registry: Running, stream: JetStreamContext, wire: Client
) -> None:
    clerk = await registry.person()
    await make_streams(wire, await registry.house.log.generation())
    await publish_what_is_not_of_the_log(stream)
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
        figures = (await registry.client.get("/metrics")).text
        assert 'moa_part_stopped{part="relay"} 1.0' in figures
    finally:
        ended.set()
        await following


async def test_a_stream_without_generation_or_batches_is_taken_over(registry: Running, wire: Client) -> None:
    clerk = await registry.person()
    await organisations(clerk, 3)
    await relayed(registry, wire.jetstream())
    plain = (await wire.jetstream().stream_info("REGISTRY")).config
    await wire.jetstream().update_stream(plain.evolve(allow_atomic=False, metadata={}))
    found = await Stream(wire).standing()
    assert found is not None
    assert (found.generation, found.atomic) == (None, False)
    await organisations(clerk, 3)
    await relayed(registry, wire.jetstream())
    after = await Stream(wire).standing()
    assert after is not None
    assert (after.generation, after.atomic, after.last) == (await registry.house.log.generation(), True, 6)


async def _is_missing(registry: Running, sentence: str) -> bool:
    return await registry.house.missing() == [sentence]
