"""Begins a generation of the log, as the role that owns it."""

import asyncpg

from registry.kernel.errors import Forbidden, Invalid
from registry.kernel.ports import Generation
from registry.store.database import reachable

# Begins the next generation; $1 why. See 0005_generations.sql.
BEGIN = "select number, id, began_after from begin_generation($1)"


async def begin_generation(owner_url: str, because: str) -> Generation:
    """Begin the next generation. Invalid without a reason, Forbidden for a role that does not own the log."""
    with reachable():
        connection = await asyncpg.connect(owner_url)
        try:
            (row,) = await connection.fetch(BEGIN, because)
        except asyncpg.CheckViolationError as unfit:
            raise Invalid(
                "generation.no_reason",
                ko="새 세대를 시작하는 이유를 500자 이내로 적어 주세요(--because).",
                en="Say in up to 500 characters why a new generation begins (--because).",
            ) from unfit
        except asyncpg.InsufficientPrivilegeError as denied:
            raise Forbidden(
                "generation.not_the_owner",
                ko="이 데이터베이스 역할은 새 세대를 시작할 수 없습니다. MOA_DATABASE_OWNER_URL을 지정해 주세요.",
                en="This database role may not begin a generation: set MOA_DATABASE_OWNER_URL to the owner's.",
            ) from denied
        finally:
            await connection.close()
    return Generation(row["number"], row["id"], row["began_after"])
