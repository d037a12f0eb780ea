"""What of the registry is measured: its entry points, all in one place."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

import uvloop
from registry import bootstrap
from registry.agreement.projection import VIEW
from registry.agreement.queries import agreement
from registry.application import CommandRequest
from registry.follower import Follower
from registry.house import House
from registry.kernel.actors import Actor
from registry.kernel.aggregates import Record
from registry.kernel.commands import Command
from registry.kernel.ports import Receipt
from registry.kernel.values import Text
from registry.organisation.commands import RegisterOrganisation
from registry.organisation.events import Identifier
from registry.projector import Projector
from registry.relay import Relay
from registry.settings import Settings
from registry.store.mapper import canonical
from registry.views import history

VIEWS = bootstrap.VIEWS
CLERK = Actor("staff", "busanjin", UUID(int=1))
_numbers = itertools.count(1)


def loop() -> asyncio.Runner:
    """An event loop as the service has it."""
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


@asynccontextmanager
async def house(url: str, *, connections: int = 8, nats_url: str = "") -> AsyncIterator[House]:
    """The registry's parts on a database, as `registry serve` and `registry follow` open them."""
    async with bootstrap.open_house(Settings(database_url=url, nats_url=nats_url), connections=connections) as opened:
        yield opened


def registration() -> RegisterOrganisation:
    """A command that nobody has given before: a new organisation, and a number that only it may have."""
    return RegisterOrganisation(
        kind="local_government",
        names=(Text("ko", "부산진구"),),
        country="KR",
        identifiers=(Identifier("kr-agency", str(next(_numbers))),),
    )


async def ask(opened: House, command: Command, target: UUID | None = None) -> Receipt:
    """Bring a command to the desk under a new id."""
    return await opened.application.run(CommandRequest(command, CLERK, uuid4(), uuid4(), target=target))


async def load(opened: House, kind: type[Record], record: UUID) -> Record | None:
    """One record from the log, as the desk loads it when it is not in memory."""
    return await opened.application.records.load(kind, record)


def relay(opened: House, url: str, nats_url: str) -> Relay:
    """The relay of a house, as `registry follow` runs it."""
    return bootstrap.relay_of(opened, Settings(database_url=url, nats_url=nats_url))


async def view_followers(opened: House) -> list[Follower]:
    """The followers of all views, their tables made; as `registry follow` runs them."""
    projectors = [Projector(view, canonical) for view in VIEWS]
    for one in projectors:
        await one.prepare(opened.rows)
    return [one.follower(opened.log, opened.rows) for one in projectors]


@dataclass(frozen=True)
class Rebuilt:
    """A view that was built anew, how long that took, and how long its swap held others up."""

    view: str
    seconds: float
    swap_milliseconds: float


async def rebuild(url: str, views: Sequence[str]) -> AsyncIterator[Rebuilt]:
    """Build these views anew, as `registry rebuild` does."""
    async for done in bootstrap.rebuild_views(Settings(database_url=url), views, lambda _: lambda _looked, _of: None):
        yield Rebuilt(done.view, done.rebuilt.seconds, done.rebuilt.swap_milliseconds)


async def look(opened: House, record: UUID, as_of: date | None, known_at: datetime | None) -> object:
    """An agreement as it stands, or as of a day and as known at an instant."""
    if as_of is None and known_at is None:
        return await agreement(opened.rows, record)
    return await history.state(opened.rows, VIEW, record, history.Asked(as_of, known_at))
