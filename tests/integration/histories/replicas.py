"""Replicas of the registry on one database, each with a connection that can be cut around a commit."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import asyncpg
from registry.kernel.errors import Unavailable
from registry.kernel.ports import Row
from registry.store.appender import APPEND
from registry.store.database import Database
from registry.store.log import EventLog

# When a connection is cut, seen from the commit; after a cut the appender sends the batch again, unless it gives up.
Cut = Literal["before", "after", "before, for good", "after, for good"]
REPLICAS = 3


class Cuttable(Database):
    """Loses an append on its way there, or its answer on the way back, as planned."""

    plan: list[Cut | None]

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Every row of the answer, unless it is lost."""
        cut = self.plan.pop(0) if sql == APPEND and self.plan else None
        if cut is not None and cut.startswith("before"):
            raise _lost(cut)
        found = await super().fetch(sql, *arguments)
        if cut is not None:
            raise _lost(cut)
        return found


def _lost(cut: Cut) -> Exception:
    if cut.endswith("for good"):
        return asyncpg.QueryCanceledError("given up")
    return Unavailable("database.unreachable", ko="-", en="-")


@dataclass(frozen=True)
class Replica:
    """One process of the registry, as far as the log is concerned."""

    database: Cuttable
    log: EventLog


@dataclass
class Replicas:
    """All of them, on the loop on which the histories run; `acknowledged` is the last position that anybody heard."""

    runner: asyncio.Runner
    each: Sequence[Replica]
    acknowledged: int = field(default=0)

    def run(self, history: Any) -> Any:
        """Run a history to its end."""
        return self.runner.run(history)

    async def settle(self) -> None:
        """Wait until what was given up has been recorded or not."""
        for replica in self.each:
            await replica.log.stop()
            replica.log.start()

    def plan(self, cuts: Sequence[Sequence[Cut | None]]) -> None:
        """Say for each replica what becomes of its next appends."""
        for replica, plan in zip(self.each, cuts, strict=True):
            replica.database.plan = list(plan)


@contextmanager
def replicas(url: str) -> Iterator[Replicas]:
    """Open them at `url`; close them afterwards."""
    with asyncio.Runner() as runner:
        opened = [runner.run(_open(url)) for _ in range(REPLICAS)]
        try:
            yield Replicas(runner, opened)
        finally:
            for replica in opened:
                runner.run(_close(replica))


async def _open(url: str) -> Replica:
    database = await Cuttable.open(url, connections=4)
    database.plan = []
    log = EventLog(database)
    log.start()
    return Replica(database, log)


async def _close(replica: Replica) -> None:
    await replica.log.stop()
    await replica.database.close()
