"""One Postgres database: a pool, rows, and transactions."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from operator import attrgetter
from typing import Any, Self, cast
from uuid import UUID

import asyncpg
import structlog

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
# What Postgres does not do just now, whoever asks, by class of SQLSTATE: a transaction rolled back for others' sake,
# no memory, space or connection left, an operator's intervention, trouble of the system.
FOR_NOW = ("40", "53", "57", "58")
# How long to wait for a free connection before saying that the database cannot be reached.
ACQUIRE_SECONDS = 10
# How often a server that does not answer yet is asked again.
ASK_AGAIN_SECONDS = 0.5
LONG_SECONDS = 3600
# How many rows go to the server in one piece.
PIECE = 500
# What the text format of COPY takes for something else.
SPECIAL = re.compile(r"[\\\n\r]")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
logger = structlog.get_logger(__name__)


@contextmanager
def reachable() -> Iterator[None]:
    """Turn into Unavailable a lost connection, a lock not got in time, and what only fails for now; nothing else."""
    try:
        yield
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable(
            "database.busy",
            ko="다른 작업이 끝나기를 기다리고 있습니다. 잠시 뒤 다시 시도해 주세요.",
            en="Other work is in the way just now: try again in a moment.",
            retry_after=2,
        ) from error
    except LOST as error:
        raise Unavailable(
            "database.unreachable",
            ko="지금은 데이터베이스에 연결할 수 없습니다. 잠시 뒤 다시 시도해 주세요.",
            en="The database cannot be reached just now: try again in a moment.",
            retry_after=2,
        ) from error
    except asyncpg.PostgresError as error:
        if not (error.sqlstate or "").startswith(FOR_NOW):
            raise
        raise Unavailable(
            "database.troubled",
            ko=f"지금은 데이터베이스가 일을 마치지 못합니다({error.sqlstate}). 잠시 뒤 다시 시도해 주세요. "
            "계속되면 데이터베이스의 로그를 확인해 주세요.",
            en=f"The database cannot do this just now ({error.sqlstate}): try again in a moment. "
            "If that goes on, look at the database's own log.",
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

    async def execute_long(self, sql: str) -> None:
        """Run a statement that may take as long as it needs, such as the making of an index."""
        await self.raw.execute(sql, timeout=LONG_SECONDS)

    async def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add many rows to `table` (with its schema) at once; each value as its text, None as null."""
        schema, _, name = table.partition(".")
        lines = _lines(rows)
        await self.raw.copy_to_table(name, schema_name=schema, columns=columns, source=lines, timeout=LONG_SECONDS)


class Database:
    """A pool of connections to one database, opened and closed with the process."""

    def __init__(self, pool: Any, url: str) -> None:
        """Keep an open pool."""
        self.pool = pool
        self.url = url

    @classmethod
    async def open(cls, url: str, *, connections: int = 8, patience: float = 0.0) -> Self:
        """Connect to `url`; Unavailable when nobody answers for `patience` seconds, as while the server recovers."""
        end = time.monotonic() + patience
        while True:
            try:
                with reachable():
                    pool = await asyncpg.create_pool(
                        url, min_size=1, max_size=connections, init=_speak_json, reset=_leave_as_is, command_timeout=60
                    )
            except Unavailable as lost:
                if time.monotonic() >= end:
                    raise
                logger.warning("database.waiting", why=type(lost.__cause__).__name__)
                await asyncio.sleep(ASK_AGAIN_SECONDS)
            else:
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


async def _lines(rows: Sequence[Sequence[object]]) -> AsyncIterator[bytes]:
    """Rows in the text format of COPY."""
    for start in range(0, len(rows), PIECE):
        yield "".join(map(_line, rows[start : start + PIECE])).encode()


def _line(row: Sequence[object]) -> str:
    plain = "\t".join(map(str, row))
    if None not in row and plain.count("\t") == len(row) - 1 and not SPECIAL.search(plain):
        return plain + "\n"
    return "\t".join("\\N" if value is None else str(value).translate(ESCAPES) for value in row) + "\n"


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
