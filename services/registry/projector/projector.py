"""Keeps one view up to date."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog

from registry.follower import BEGIN, PLACE, Follower
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database, Log, Transaction
from registry.kernel.views import View
from registry.projector.keeper import Keeper
from registry.projector.rebuild import rebuild
from registry.projector.tables import Tables

# How many facts go into one transaction while the view catches up.
BATCH = 4000
logger = structlog.get_logger(__name__)


class Projector:
    """Keeps one view up to date, now and through time."""

    def __init__(self, view: View, canonical: Callable[[Any], str]) -> None:
        """`canonical` turns a state into JSON text."""
        self.view = view
        self._canonical = canonical
        self._tables = Tables.live(view)
        self._keeper = Keeper(view, canonical, self._tables)

    def follower(self, log: Log, database: Database) -> Follower:
        """The follower that runs this projector; before it follows, an earlier version of the view is replaced."""

        async def ready() -> None:
            await self.prepare(database)
            found = await database.fetch(PLACE, self.view.table)
            if found[0]["version"] < self.view.version:
                await rebuild(self.view, self._canonical, log, database)

        return Follower(
            self.view.table,
            log,
            database,
            fold=self.fold,
            version=self.view.version,
            batch=BATCH,
            slices=(self.view.name,),
            ready=ready,
            forget=self._keeper.forget,
        )

    async def prepare(self, database: Database) -> None:
        """Make the view's tables if it has none yet; whatever version is there is left alone."""
        async with database.transaction() as transaction:
            await transaction.fetch("select pg_advisory_xact_lock(hashtext($1))", self.view.table)
            found = await transaction.fetch(PLACE, self.view.table)
            if found and found[0]["position"] is not None:
                return
            logger.info("view.created", view=self.view.name, version=self.view.version)
            await self._tables.create(self.view, transaction)
            await self._tables.index(self.view, transaction)
            await transaction.execute(BEGIN, self.view.table, self.view.version)

    async def fold(self, facts: Sequence[Recorded], transaction: Transaction) -> None:
        """Bring the rows that these facts concern up to date."""
        await self._keeper.fold(facts, transaction)
