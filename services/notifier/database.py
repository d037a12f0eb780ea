"""The notifier's Postgres: a pool that connects when asked, and whose failures have names of ours."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from typing import Any, Self, cast
from uuid import UUID

import asyncpg

from notifier.errors import Unavailable, Unstorable

Row = Mapping[str, Any]
SECONDS_TO_CONNECT = 5.0

# Which migrations were run.
DONE = "select name from migration"


class Connection:
    """Rows and statements within one transaction."""

    def __init__(self, connection: Any) -> None:
        """Wrap an asyncpg connection."""
        self._connection = connection

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Every row of the answer."""
        return cast(Sequence[Row], await self._connection.fetch(sql, *arguments))

    async def execute(self, sql: str, *arguments: object) -> str:
        """Run one statement; says what it did, as Postgres does (`UPDATE 1`)."""
        return str(await self._connection.execute(sql, *arguments))


class Database:
    """A pool of connections; every failure is Unavailable (try again) or Unstorable (never)."""

    def __init__(self, pool: Any) -> None:
        """Keep a pool."""
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> Self:
        """Make a pool for `url`; the first question connects."""
        with _named_failures():
            pool = await asyncpg.create_pool(
                url, min_size=0, max_size=6, timeout=SECONDS_TO_CONNECT, command_timeout=30, init=_speak_json
            )
        return cls(pool)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Every row of the answer."""
        with _named_failures():
            return cast(Sequence[Row], await self._pool.fetch(sql, *arguments))

    async def execute(self, sql: str, *arguments: object) -> str:
        """Run one statement; says what it did."""
        with _named_failures():
            return str(await self._pool.execute(sql, *arguments))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction; left by an exception, nothing of it stays."""
        with _named_failures():
            async with self._pool.acquire(timeout=SECONDS_TO_CONNECT) as connection, connection.transaction():
                yield Connection(connection)

    async def pending(self) -> list[str]:
        """Migrations that were not run yet; all of them in an empty database."""
        try:
            done = {str(row["name"]) for row in await self.fetch(DONE)}
        except Unavailable as failure:
            if isinstance(failure.__cause__, asyncpg.UndefinedTableError):
                done = set()
            else:
                raise
        return [name for name, _ in migrations() if name not in done]


async def migrate(url: str) -> list[str]:
    """Bring the database up to date; names what was run."""
    with _named_failures():
        connection = await asyncpg.connect(url, timeout=SECONDS_TO_CONNECT)
        try:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(hashtext('moa.notifier.migrate'))")
                await connection.execute(
                    "create table if not exists migration (name text primary key, run_at timestamptz default now())"
                )
                done = {row["name"] for row in await connection.fetch(DONE)}
                fresh = [(name, sql) for name, sql in migrations() if name not in done]
                for name, sql in fresh:
                    await connection.execute(sql)
                    await connection.execute("insert into migration (name) values ($1)", name)
        finally:
            await connection.close()
    return [name for name, _ in fresh]


def migrations() -> list[tuple[str, str]]:
    """Every migration: name and SQL, in order."""
    folder = files("notifier") / "migrations"
    return sorted(
        (entry.name, entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if entry.name.endswith(".sql")
    )


@contextmanager
def _named_failures() -> Any:
    try:
        yield
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as wrong:
        raise Unstorable(type(wrong).__name__) from wrong
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
        raise Unavailable(
            "database.unavailable",
            ko=f"알림 데이터베이스를 쓸 수 없습니다({type(failure).__name__})."
            " MOA_NOTIFIER_DATABASE_URL과 서버를 확인하고 `notifier migrate`를 실행하십시오.",
            en=f"The notifier's database cannot be used ({type(failure).__name__});"
            " check MOA_NOTIFIER_DATABASE_URL and the server, and run `notifier migrate`.",
        ) from failure


async def _speak_json(connection: Any) -> None:
    """Give json as Python values and take it as text, and give the standard library's UUID."""
    await connection.set_type_codec("json", encoder=str, decoder=json.loads, schema="pg_catalog", format="text")
    await connection.set_type_codec("uuid", encoder=str, decoder=UUID, schema="pg_catalog", format="text")
