"""An act in progress, on the real log: it passes the cases that its stand-in passes."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from registry.access.policy import TablePolicy
from registry.application.records import Records
from registry.application.request import CommandRequest
from registry.application.work import UnitOfWork
from registry.kernel.actors import Actor
from registry.kernel.commands import Work
from registry.kernel.facts import Fact
from registry.kernel.ports import Act, Write
from registry.kernel.values import Text
from registry.organisation.commands import StateAlias
from registry.store.database import Database
from registry.store.log import EventLog

from tests.conftest import RegistryDatabase
from tests.spec.work_cases import NOON, OFFICE, Left, WorkCases

T = TypeVar("T")
CLERK = Actor("staff", OFFICE, UUID(int=1))


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOON

    def today(self) -> date:
        return NOON.date()


@dataclass(frozen=True)
class RealStage:
    """A log on Postgres, and the memory of a desk."""

    runner: asyncio.Runner
    log: EventLog
    records: Records

    def happened(self, *facts: Fact) -> None:
        record, command = facts[0].originator_id, uuid4()
        write = Write(record, facts[0].originator_version - 1, facts)
        self.do(self.log.append(Act(command, CLERK.name, OFFICE, b"h" * 32, record, (write,), (), command)))

    def work(self) -> Work:
        request = CommandRequest(StateAlias(alias=Text("ko", "진구")), CLERK, uuid4(), uuid4())
        loan = self.records.lend(request.record)
        return UnitOfWork(self.log, TablePolicy(), request, NOON, NOON.date(), loan)

    def do(self, asked: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(asked)

    def left(self, work: Work) -> Left:
        assert isinstance(work, UnitOfWork)
        act = work.act(b"h" * 32)
        return Left([fact for write in act.writes for fact in write.facts], list(act.reservations))


class TestUnitOfWork(WorkCases):
    @pytest.fixture
    def stage(self, registry_database: RegistryDatabase) -> Iterator[RealStage]:
        with asyncio.Runner() as runner:
            database = runner.run(Database.open(registry_database.url))
            log = EventLog(database, clock=Noon())
            runner.run(_start(log))
            yield RealStage(runner, log, Records(log))
            runner.run(log.stop())
            runner.run(database.close())


async def _start(log: EventLog) -> None:
    log.start()
