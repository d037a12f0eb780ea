"""Migrations: numbered SQL files of a room, each run once, in order, by the role that owns the tables."""

from importlib.resources import files
from urllib.parse import unquote, urlsplit

import asyncpg

RUNNER_GRANTS = """
    grant usage on schema public to {role};
    grant select on event, command, reserved to {role};
    grant select on log_head to {role};
    grant select, insert, update on follower to {role};
    grant select, insert on account, credential to {role};
    grant update (spent_at, revoked_at) on credential to {role};
    grant usage, create on schema view to {role};
    grant select, insert on parked to {role};
    grant select, insert, update on snapshot to {role};
    grant select on generation to {role};
    grant execute on all functions in schema public to {role};
    revoke execute on function begin_generation(text) from {role};
"""


async def migrate(owner_url: str, runner_url: str, *, room: str = "registry.store") -> list[str]:
    """Bring the database of `room` up to date as its owner and let the running role work; names what was run.

    Only the store's tables are granted to another role; a room whose service owns its database gives one URL twice.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext('moa.migrate'))")
            await connection.execute(
                "create table if not exists migration (name text primary key, run_at timestamptz default now())"
            )
            done = {row["name"] for row in await connection.fetch("select name from migration")}
            fresh = [(name, sql) for name, sql in _migrations(room) if name not in done]
            for name, sql in fresh:
                await connection.execute(sql)
                await connection.execute("insert into migration (name) values ($1)", name)
            runner = unquote(urlsplit(runner_url).username or "")
            owner = await connection.fetchval("select current_user")
            if runner and runner != owner:
                quoted = await connection.fetchval("select quote_ident($1)", runner)
                await connection.execute(RUNNER_GRANTS.format(role=quoted))
    finally:
        await connection.close()
    return [name for name, _ in fresh]


def _migrations(room: str) -> list[tuple[str, str]]:
    folder = files(room) / "migrations"
    return sorted(
        (entry.name, entry.read_text(encoding="utf-8")) for entry in folder.iterdir() if entry.name.endswith(".sql")
    )
