"""Opens everything that a face can call on, and closes it again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from registry.access.credentials import Access
from registry.access.policy import TablePolicy
from registry.application import Application
from registry.application.memory import replayed
from registry.bootstrap.migrating import owner_of
from registry.bootstrap.slices import FOLLOWED, VIEWS
from registry.clock import SystemClock, SystemIds
from registry.follower import standings
from registry.fsck import Check
from registry.house import House
from registry.kernel.ports import Clock, Policy, Rows
from registry.relay import Inspection, RelayDesk
from registry.reminders import NotifierReminders
from registry.settings import Settings
from registry.store.database import Database
from registry.store.generations import begin_generation
from registry.store.log import EventLog
from registry.store.mapper import canonical, read
from registry.vault.keys import MasterKey
from registry.vault.persons import PersonVault

# A service that starts while its database does waits so long; a person at the command line is told at once.
PATIENCE_SECONDS = 60.0


@asynccontextmanager
async def open_house(settings: Settings, *, connections: int = 8, patience: float = 0.0) -> AsyncIterator[House]:
    """A running house; `connections` bounds its pool. Unavailable when a database is away for `patience` seconds."""
    clock = SystemClock(settings.today)
    policy = TablePolicy()
    ids = SystemIds()
    async with _open_vault(settings, clock, policy, patience) as vault:
        database = await Database.open(settings.database_url, connections=connections, patience=patience)
        writes = await Database.open(settings.database_url, connections=1, patience=patience)
        log = EventLog(database, writes=writes)
        log.start()
        application = Application(log, clock, policy)
        reminders = NotifierReminders(settings.notifier_base, settings.notifier_token)

        async def missing() -> list[str]:
            return await what_is_missing(database) + (await vault.missing() if vault else [])

        try:
            yield House(
                application=application,
                access=Access(database, clock, ids),
                policy=policy,
                rows=database,
                log=log,
                clock=clock,
                ids=ids,
                reminders=reminders,
                missing=missing,
                public_url=settings.public_url,
                relay=RelayDesk(log, database, settings.nats_url, partial(begin_generation, owner_of(settings))),
                fsck=Check(database, VIEWS, FOLLOWED, read, canonical, replayed, Inspection(settings.nats_url)),
                chosen_day=settings.today,
                vault=vault,
            )
        finally:
            await log.stop()
            await application.records.close()
            await reminders.close()
            await writes.close()
            await database.close()


@asynccontextmanager
async def _open_vault(
    settings: Settings, clock: Clock, policy: Policy, patience: float
) -> AsyncIterator[PersonVault | None]:
    """The vault, if one is configured; Refusal when its key cannot be used."""
    key = vault_key(settings)
    if key is None:
        yield None
        return
    database = await Database.open(settings.vault_database_url, connections=4, patience=patience)
    try:
        yield PersonVault(database, key, clock, policy)
    finally:
        await database.close()


def vault_key(settings: Settings) -> MasterKey | None:
    """The vault's master key; None without a vault, Refusal when it is missing or malformed."""
    return MasterKey.from_text(settings.vault_key) if settings.vault_database_url else None


async def what_is_missing(rows: Rows) -> list[str]:
    """What keeps the registry from serving whole, a sentence each; empty when nothing does."""
    parts = await standings(rows)
    known = {part.name: part.version for part in parts}
    absent = [view.table for view in VIEWS if view.table not in known]
    earlier = [view.table for view in VIEWS if known.get(view.table, view.version) < view.version]
    return [
        *(f"{name} is not there yet: start `registry follow`" for name in absent),
        *(f"{name} is of an earlier version: it is built anew once `registry follow` runs" for name in earlier),
        *(f"{part.name} stopped at {part.stopped}" for part in parts if part.stopped is not None),
        *(f"{part.name} is being tried again: {part.failing}" for part in parts if part.failing is not None),
    ]
