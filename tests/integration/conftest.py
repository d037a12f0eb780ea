"""A registry on real servers, and people who sign in to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
import pytest
from registry import bootstrap
from registry.follower import Follower
from registry.house import House
from registry.kernel.actors import Role
from registry.projector import Projector
from registry.settings import Settings
from registry.store.mapper import canonical

from deploy.embedded.throwaway import ThrowawayServers
from tests.conftest import RegistryDatabase


@dataclass
class Person:
    """Somebody who calls the API with a token of their own."""

    client: httpx.AsyncClient
    token: str

    async def post(
        self, path: str, body: object = None, *, key: UUID | str | None = None, **headers: str
    ) -> httpx.Response:
        """Send a command under a new key unless one is given."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": str(key or uuid4()),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.client.post(f"/api/v1{path}", json=body, headers=sent)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask."""
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.client.get(f"/api/v1{path}", headers=sent)


@dataclass
class Running:
    """A registry in this process: its house, its HTTP face, and its followers on demand."""

    house: House
    client: httpx.AsyncClient
    settings: Settings
    followers: list[Follower] = field(default_factory=list)

    async def person(self, role: Role = "staff", office: str = "busanjin") -> Person:
        """Somebody of that role and office."""
        return Person(self.client, await self.house.access.issue_token(role, office))

    async def follow(self) -> None:
        """Let every follower catch up, until a round changes nothing."""
        while True:
            before = await self.house.log.head()
            for follower in self.followers:
                while await follower.step(follower.batch):
                    pass
                assert follower.stopped is None, follower.stopped
            if await self.house.log.head() == before:
                return


@asynccontextmanager
async def running_registry(settings: Settings) -> AsyncIterator[Running]:
    """Start one; its views and its renewal process run when `follow` is called."""
    app = bootstrap.application(settings)
    async with app.router.lifespan_context(app):
        house: House = app.state.house
        followers = []
        for view in bootstrap.VIEWS:
            projector = Projector(view, canonical)
            await projector.prepare(house.rows)
            followers.append(projector.follower(house.log, house.rows))
        process = bootstrap.renewal_process(house)
        await process.prepare()
        followers.append(process)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://registry.test") as client:
            yield Running(house, client, settings, followers)


@pytest.fixture
def registry_settings(servers: ThrowawayServers, registry_database: RegistryDatabase) -> Settings:
    """Settings of a registry with a database of its own."""
    return Settings(
        database_url=registry_database.url,
        database_owner_url=registry_database.owner_url,
        nats_url=servers.registry_env["MOA_NATS_URL"],
        log_level="error",
    )


@pytest.fixture
async def registry(registry_settings: Settings) -> AsyncIterator[Running]:
    """A running registry with an empty log."""
    async with running_registry(registry_settings) as running:
        yield running
