"""The roles and databases of the stack, brought about idempotently at every start.

`registry` belongs to `moa_owner`, who runs the migrations; the service signs in as `moa_registry`
and owns nothing. The vault and the notifier have a database and an owner of their own, and no
role may connect to a database that is not its own.
"""

import asyncpg

from deploy.embedded.credentials import Credentials
from deploy.embedded.refusal import Breakdown, Refusal

OWNER_OF = {"registry": "moa_owner", "vault": "moa_vault", "notifier": "moa_notifier"}
MAINTENANCE_DATABASES = ("postgres", "template1")

ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
DATABASE_EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"


async def provision(socket_folder: str, credentials: Credentials) -> None:
    """Create what is missing, as the superuser; names are ours and passwords are URL-safe.

    Raises Refusal if the superuser's password is not the one that the data was made with.
    """
    try:
        await _provision(socket_folder, credentials)
    except asyncpg.InvalidPasswordError:
        raise Refusal(
            "secrets.json의 비밀번호가 이 자료의 것이 아니니 자료와 함께 보관한 secrets.json을 되살리십시오.",
            "The password in secrets.json is not the one of this data; restore the secrets.json that was kept with it.",
        ) from None
    except asyncpg.PostgresError as refused:
        raise Breakdown(
            f"Postgres에 역할과 데이터베이스를 만들지 못했습니다: {refused}.",
            f"The roles and databases could not be made in Postgres: {refused}.",
        ) from None


async def _provision(socket_folder: str, credentials: Credentials) -> None:
    link = await _superuser(socket_folder, credentials, "postgres")
    try:
        await _roles(link, credentials)
        await _databases(link)
    finally:
        await link.close()
    link = await _superuser(socket_folder, credentials, "registry")
    try:
        await link.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    finally:
        await link.close()


async def _superuser(
    socket_folder: str, credentials: Credentials, database: str
) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(
        host=socket_folder,
        port=5432,
        user="postgres",
        password=credentials.postgres,
        database=database,
        ssl=False,
    )


async def _roles(link: "asyncpg.Connection[asyncpg.Record]", credentials: Credentials) -> None:
    passwords = {
        "moa_owner": credentials.moa_owner,
        "moa_registry": credentials.moa_registry,
        "moa_vault": credentials.moa_vault,
        "moa_notifier": credentials.moa_notifier,
    }
    for role, password in passwords.items():
        if not await link.fetchval(ROLE_EXISTS, role):
            await link.execute(f"CREATE ROLE {role} LOGIN")
        await link.execute(f"ALTER ROLE {role} PASSWORD '{password}'")


async def _databases(link: "asyncpg.Connection[asyncpg.Record]") -> None:
    for database, owner in OWNER_OF.items():
        if not await link.fetchval(DATABASE_EXISTS, database):
            await link.execute(f"CREATE DATABASE {database} OWNER {owner}")
    for database in (*OWNER_OF, *MAINTENANCE_DATABASES):
        await link.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
    await link.execute("GRANT CONNECT ON DATABASE registry TO moa_registry")
