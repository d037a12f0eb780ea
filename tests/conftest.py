"""What every test can have: real servers, thrown away afterwards."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import asyncpg
import pytest
from registry.store.migrate import migrate

from deploy.embedded.throwaway import ThrowawayServers, throwaway_servers

FORGET_STREAMS = ("REGISTRY", "NOTIFIER")


@pytest.fixture(scope="session")
def servers() -> Iterator[ThrowawayServers]:
    """One Postgres and one NATS for the whole run; every test gets a database of its own."""
    with throwaway_servers() as running:
        urls = (running.postgres.url(role, "registry") for role in ("moa_owner", "moa_registry"))
        asyncio.run(migrate(*urls))
        yield running


@dataclass(frozen=True)
class RegistryDatabase:
    """A migrated database of one test: `url` for the service's role, `owner_url` for the owner."""

    name: str
    url: str
    owner_url: str
    superuser_url: str


_numbers = itertools.count(1)


@pytest.fixture
def registry_database(servers: ThrowawayServers) -> Iterator[RegistryDatabase]:
    """A fresh, migrated registry database."""
    name = f"registry_{next(_numbers)}"
    maintenance = servers.postgres.url("postgres", "postgres")
    asyncio.run(_execute(maintenance, f"create database {name} template registry owner moa_owner"))
    asyncio.run(_execute(maintenance, f"grant connect on database {name} to moa_registry"))
    yield RegistryDatabase(
        name,
        servers.postgres.url("moa_registry", name),
        servers.postgres.url("moa_owner", name),
        servers.postgres.url("postgres", name),
    )
    asyncio.run(_execute(maintenance, f"drop database {name} with (force)"))


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
