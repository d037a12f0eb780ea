"""The stand-in for an act in progress answers as the real one does."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest
from registry.kernel.commands import Work
from registry.kernel.facts import Fact

from tests.spec.fake_work import FakeWork
from tests.spec.work_cases import NOON, OFFICE, Left, WorkCases

T = TypeVar("T")


@dataclass
class FakeStage:
    """Histories in memory."""

    histories: dict[UUID, list[Fact]] = field(default_factory=dict)

    def happened(self, *facts: Fact) -> None:
        for fact in facts:
            self.histories.setdefault(fact.originator_id, []).append(fact)

    def work(self) -> Work:
        return FakeWork(now=NOON, office=OFFICE, histories=self.histories, known={})

    def do(self, asked: Coroutine[Any, Any, T]) -> T:
        try:
            asked.send(None)
        except StopIteration as answered:
            answer: T = answered.value
            return answer
        raise AssertionError("the fake waited for something outside")

    def left(self, work: Work) -> Left:
        assert isinstance(work, FakeWork)
        return Left(work.facts, work.reservations)


class TestFakeWork(WorkCases):
    @pytest.fixture
    def stage(self) -> FakeStage:
        return FakeStage()
