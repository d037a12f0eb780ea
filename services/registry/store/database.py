"""One Postgres database: a pool, rows, and transactions."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from operator import attrgetter
from typing import Any, Self, cast
from uuid import UUID

import asyncpg

from registry.kernel.errors import Unavailable
from registry.kernel.ports import Row

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.CrashShutdownError,
    OSError,
    TimeoutError,
)


# How long to wait for a free connection before saying that the database cannot be reached.
ACQUIRE_SECONDS = 10


@contextmanager
def reachable() -> Iterator[None]:
    """Turn a lost connection into Unavailable; every other error stays what it is."""
    try:
        yield
    except LOST as error:
        raise Unavailable(
            "database.unreachable",
            ko="지금은 데이터베이스에 연결할 수 없습니다. 잠시 뒤 다시 시도해 주세요.",
            en="The database cannot be reached just now: try again in a moment.",
            retry_after=2,
        ) from error


class Connection:
    """Rows and statements on one connection."""

    def __init__(self, connection: Any) -> None:
        """Wrap an asyncpg connection."""
        self.raw = connection

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Every row of the answer."""
        return cast(Sequence[Row], await self.raw.fetch(sql, *arguments))

    async def execute(self, sql: str, *arguments: object) -> None:
        """Run one statement."""
        await self.raw.execute(sql, *arguments)

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for many rows."""
        await self.raw.executemany(sql, rows)


class Database:
    """A pool of connections to one database, opened and closed with the process."""

    def __init__(self, pool: Any, url: str) -> None:
        """Keep an open pool."""
        self.pool = pool
        self.url = url

    @classmethod
    async def open(cls, url: str, *, connections: int = 8) -> Self:
        """Connect to `url`; OSError or asyncpg.PostgresError when nobody answers."""
        pool = await asyncpg.create_pool(
            url, min_size=1, max_size=connections, init=_speak_json, reset=_leave_as_is, command_timeout=60
        )
        return cls(pool, url)

    async def close(self) -> None:
        """Give the connections back."""
        await self.pool.close()

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Every row of the answer; Unavailable when the connection is lost."""
        with reachable():
            async with self.pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                return cast(Sequence[Row], await connection.fetch(sql, *arguments))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; left by an exception, nothing of it stays."""
        with reachable():
            async with self.pool.acquire(timeout=ACQUIRE_SECONDS) as connection, connection.transaction():
                yield Connection(connection)


async def _leave_as_is(_: Any) -> None:
    """Save a round trip a query: asyncpg has rolled back what was open, and nothing here sets session state."""


async def _speak_json(connection: Any) -> None:
    """Give jsonb as Python values and take it as text; `json` columns stay byte for byte as text."""
    await connection.set_type_codec("jsonb", encoder=str, decoder=json.loads, schema="pg_catalog", format="text")
    await connection.set_type_codec("json", encoder=str, decoder=str, schema="pg_catalog", format="text")
    # Plain UUIDs: asyncpg would give a class of its own.
    await connection.set_type_codec(
        "uuid", encoder=attrgetter("bytes"), decoder=_uuid, schema="pg_catalog", format="binary"
    )


def _uuid(raw: bytes) -> UUID:
    return UUID(bytes=raw)
