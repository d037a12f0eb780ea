"""A notifier with a database of its own and fresh streams, on the shared throwaway servers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from notifier.database import Database, migrate
from notifier.wire import Wire

from deploy.embedded.throwaway import ThrowawayServers
from tests.integration.notifier.rig import Publisher, Rig, settings_for

_numbers = itertools.count(1)


@pytest.fixture
def empty_database(servers: ThrowawayServers) -> Iterator[str]:
    """A database of the notifier's owner without any table."""
    name = f"notifier_{next(_numbers)}"
    maintenance = servers.postgres.url("postgres", "postgres")
    asyncio.run(_execute(maintenance, f"create database {name} owner moa_notifier"))
    yield servers.postgres.url("moa_notifier", name)
    asyncio.run(_execute(maintenance, f"drop database {name} with (force)"))


@pytest.fixture
async def publisher(servers: ThrowawayServers) -> AsyncIterator[Publisher]:
    """The registry's side of NATS; the streams are not there yet."""
    publisher = await Publisher.at(servers.nats.url("registry"))
    yield publisher
    await publisher.close()


@pytest.fixture
async def rig(empty_database: str, servers: ThrowawayServers, publisher: Publisher, tmp_path) -> AsyncIterator[Rig]:
    """A notifier on a migrated database, with both streams there."""
    await migrate(empty_database)
    await publisher.open_streams()
    settings = settings_for(empty_database, servers.nats.url("notifier"), tmp_path)
    database, wire = await Database.open(empty_database), Wire(servers.nats.url("notifier"))
    yield Rig(settings, database, wire, publisher)
    await wire.close()
    await database.close()


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
