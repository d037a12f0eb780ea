"""Keeps the views: folds facts into rows, a batch at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter

from registry.follower import Follower
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database, Log, Transaction
from registry.kernel.views import View

# Which version of a view is there; $1 its table.
VERSION = "select version from follower where name = $1"
# A new version begins at the log's start; $1 table, $2 version.
BEGIN_ANEW = """
    insert into follower (name, version, position) values ($1, $2, 0)
    on conflict (name) do update set version = $2, position = 0, stopped = null, failing = null
"""
logger = structlog.get_logger(__name__)


class Projector:
    """Keeps one view up to date."""

    def __init__(self, view: View, canonical: Any) -> None:
        """`canonical` turns a state into JSON text."""
        self.view = view
        self._state: TypeAdapter[Any] = TypeAdapter(view.state)
        self._canonical = canonical

    def follower(self, log: Log, database: Database) -> Follower:
        """The follower that runs this projector."""
        return Follower(self.view.table, log, database, fold=self.fold, version=self.view.version)

    async def prepare(self, database: Database) -> None:
        """Make the view's table, anew when a lower version is there; a later one is left alone."""
        view = self.view
        async with database.transaction() as transaction:
            await transaction.fetch("select pg_advisory_xact_lock(hashtext($1))", view.table)
            found = await transaction.fetch(VERSION, view.table)
            if found and found[0]["version"] >= view.version:
                return
            logger.info("view.created", view=view.name, version=view.version)
            await transaction.execute(f"drop table if exists {view.table}")
            await transaction.execute(
                f"create table {view.table} "
                f"(id uuid primary key, position bigint not null, state jsonb not null, {view.columns})"
            )
            for index in view.indexes:
                await transaction.execute(index.format(table=view.table))
            await transaction.execute(BEGIN_ANEW, view.table, view.version)

    async def fold(self, facts: Sequence[Recorded], transaction: Transaction) -> None:
        """Bring the rows that these facts concern up to date."""
        mine = [recorded for recorded in facts if self.view.concerns(recorded.fact.topic)]
        if not mine:
            return
        states = await self._load({recorded.stream for recorded in mine}, transaction)
        last: dict[UUID, int] = {}
        for recorded in mine:
            states[recorded.stream] = self.view.evolve(states.get(recorded.stream), recorded)
            last[recorded.stream] = recorded.position
        logger.info("view.folded", view=self.view.name, first=mine[0].position, last=mine[-1].position, facts=len(mine))
        await transaction.execute_many(
            f"insert into {self.view.table} (id, position, state) values ($1, $2, $3) "  # noqa: S608
            "on conflict (id) do update set position = excluded.position, state = excluded.state",
            [(record, position, self._canonical(states[record])) for record, position in last.items()],
        )

    async def _load(self, records: set[UUID], transaction: Transaction) -> dict[UUID, Any]:
        rows = await transaction.fetch(
            f"select id, state from {self.view.table} where id = any($1::uuid[])",  # noqa: S608
            list(records),
        )
        return {row["id"]: self._state.validate_python(row["state"]) for row in rows}
