"""The one place where ports meet adapters."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from fastapi import FastAPI

from registry.access.credentials import Access
from registry.access.policy import TablePolicy
from registry.agreement import commands as agreement_commands
from registry.agreement import projection as agreements
from registry.agreement import published as agreement_messages
from registry.api import app as api
from registry.application import Application
from registry.clock import SystemClock, SystemIds
from registry.delegation import commands as delegation_commands
from registry.delegation import projection as delegations
from registry.delegation import published as delegation_messages
from registry.follower import Follower, Handle
from registry.gate import Gate
from registry.house import House
from registry.kernel.commands import HANDLERS, Command
from registry.kernel.facts import Recorded
from registry.kernel.ports import Clock, Policy, Transaction
from registry.kernel.ports import Database as DatabasePort
from registry.organisation import commands as organisation_commands
from registry.organisation import projection as organisations
from registry.organisation import published as organisation_messages
from registry.partnership import commands as partnership_commands
from registry.partnership import projection as partnerships
from registry.partnership import published as partnership_messages
from registry.process import renewals
from registry.projector import Projector
from registry.receipts import Receipts
from registry.relay import Publish, Relay
from registry.reminders import NotifierReminders
from registry.renewal import projection as renewal_cases
from registry.renewal import published as renewal_messages
from registry.settings import Settings
from registry.store.database import Database
from registry.store.log import EventLog
from registry.store.mapper import canonical
from registry.store.migrate import migrate
from registry.vault.keys import MasterKey
from registry.vault.persons import PersonVault
from registry.web import app as web

VIEWS = (organisations.VIEW, agreements.VIEW, renewal_cases.VIEW, partnerships.VIEW, delegations.VIEW)
PUBLISHED: dict[str, Publish] = {
    "organisation": organisation_messages.message,
    "agreement": agreement_messages.message,
    "renewal": renewal_messages.message,
    "partnership": partnership_messages.message,
    "delegation": delegation_messages.message,
}
# What people may ask for; the commands of renewal cases come from inside.
OFFERED: tuple[type[Command], ...] = tuple(
    command
    for commands in (organisation_commands, agreement_commands, partnership_commands, delegation_commands)
    for command in HANDLERS
    if command.__module__ == commands.__name__
)
logger = structlog.get_logger(__name__)


def configure_logs(level: str) -> None:
    """JSON lines on standard output, with the ids that the context carries; libraries' logs included."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=as_json, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[*shared, as_json],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )


@asynccontextmanager
async def open_house(settings: Settings, *, connections: int = 8) -> AsyncIterator[House]:
    """Everything that a face can call on, opened and closed."""
    clock = SystemClock(settings.today)
    policy = TablePolicy()
    ids = SystemIds()
    async with _open_vault(settings, clock, policy) as vault:
        database = await Database.open(settings.database_url, connections=connections)
        log = EventLog(database, clock)
        log.start()
        reminders = NotifierReminders(settings.notifier_base, settings.notifier_token)

        async def missing() -> list[str]:
            return await what_is_missing(database) + (await vault.missing() if vault else [])

        try:
            yield House(
                application=Application(log, clock, policy),
                access=Access(database, clock, ids),
                policy=policy,
                rows=database,
                log=log,
                clock=clock,
                ids=ids,
                reminders=reminders,
                missing=missing,
                public_url=settings.public_url,
                chosen_day=settings.today,
                vault=vault,
            )
        finally:
            await log.stop()
            await reminders.close()
            await database.close()


@asynccontextmanager
async def _open_vault(settings: Settings, clock: Clock, policy: Policy) -> AsyncIterator[PersonVault | None]:
    """The vault, if one is configured; Refusal when its key cannot be used."""
    key = vault_key(settings)
    if key is None:
        yield None
        return
    database = await Database.open(settings.vault_database_url, connections=4)
    try:
        yield PersonVault(database, key, clock, policy)
    finally:
        await database.close()


def vault_key(settings: Settings) -> MasterKey | None:
    """The vault's master key; None without a vault, Refusal when it is missing or malformed."""
    return MasterKey.from_text(settings.vault_key) if settings.vault_database_url else None


async def bring_up_to_date(settings: Settings) -> list[str]:
    """Run what is new among the migrations of each database; names what was run."""
    done = await migrate(settings.database_owner_url or settings.database_url, settings.database_url)
    if settings.vault_database_url:
        url = settings.vault_database_url
        done += [f"vault {name}" for name in await migrate(url, url, room="registry.vault")]
    return done


async def what_is_missing(database: Database) -> list[str]:
    """What keeps the registry from serving, a sentence each; empty when it can."""
    rows = await database.fetch("select name, position, stopped from view.checkpoint")
    known = {row["name"] for row in rows}
    absent = [view.table for view in VIEWS if view.table not in known]
    followers = await database.fetch("select name, stopped from follower")
    sentences = [f"{name} is not there yet: start `registry follow`" for name in absent]
    sentences += [
        f"{row['name']} stopped at {row['stopped']}" for row in (*rows, *followers) if row["stopped"] is not None
    ]
    return sentences


def application(settings: Settings) -> FastAPI:
    """The registry's HTTP application: API and pages."""
    vault_key(settings)  # a key that cannot be used is said at once, not in the midst of the server's start

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings) as house:
            app.state.house = house
            pages.state.house = house
            yield

    app = FastAPI(title="Moa", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(Gate, ids=SystemIds())
    api.furnish(app, OFFERED)
    pages = web.pages()
    pages.state.openapi = app.openapi
    app.mount("/", pages)
    return app


@dataclass
class Following:
    """Everything that follows the log: views, the renewal process, relay and receipts."""

    settings: Settings

    async def run(self, until: asyncio.Event) -> None:
        """Follow until told to stop; a part that cannot go on is an alarm, and the others go on."""
        # Each follower holds a connection while it reads the log over another.
        async with open_house(self.settings, connections=2 * len(VIEWS) + 8) as house:
            parts = await self._parts(house)
            tasks = [asyncio.create_task(_guarded(name, part, house.rows), name=name) for name, part in parts.items()]
            logger.info("following.started", parts=list(parts))
            await until.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            logger.info("following.ended")

    async def _parts(self, house: House) -> dict[str, Follower | Relay | Receipts]:
        parts: dict[str, Follower | Relay | Receipts] = {}
        for view in VIEWS:
            projector = Projector(view, canonical)
            await projector.prepare(house.rows)
            parts[view.table] = projector.follower(house.log, house.rows)
        parts["process.renewals"] = renewal_process(house)
        parts["relay"] = Relay(house.log, self.settings.nats_url, PUBLISHED)
        parts["receipts"] = Receipts(house.application, self.settings.nats_url)
        return parts


# Says since when a part stands still, or (null) that it goes; $1 its name, $2 why.
STANDING = """
    insert into follower (name, position, stopped) values ($1, 0, $2)
    on conflict (name) do update set stopped = excluded.stopped
"""
RESTART_SECONDS = 5


async def _guarded(name: str, part: Follower | Relay | Receipts, database: DatabasePort) -> None:
    """Run a part for good. What it cannot take stops it, visibly; anything else is tried again."""
    if name in {"relay", "receipts"}:
        async with database.transaction() as transaction:
            await transaction.execute(STANDING, name, None)
    while True:
        try:
            await part.run()
        except Exception as error:
            logger.exception("following.part_failed", part=name, exc_info=error)
            await asyncio.sleep(RESTART_SECONDS)
            continue
        break
    if isinstance(part, Relay):
        async with database.transaction() as transaction:
            await transaction.execute(STANDING, name, part.stopped)


def renewal_process(house: House) -> Follower:
    """The follower that opens renewal cases."""
    handle = _renewing(house.application)
    return Follower("process.renewals", "follower", house.log, house.rows, handle, batch=100)


def _renewing(desk: Application) -> Handle:
    async def handle(facts: Sequence[Recorded], _: Transaction) -> None:
        for recorded in facts:
            await desk.follow(renewals.react(recorded), because=recorded)

    return handle
