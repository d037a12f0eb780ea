"""A desk that remembers answers as one that reads everything anew each time, whatever is refused or lost."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry.access.policy import TablePolicy
from registry.application.desk import Application
from registry.application.records import Records
from registry.application.request import CommandRequest
from registry.clock import SystemClock
from registry.kernel.errors import Refusal, Unavailable
from registry.kernel.ports import Act, Receipt
from structlog.testing import capture_logs

from tests.integration.histories.commands import CLERK, PRELUDE, Wish, World
from tests.integration.histories.desks import Errand, errands
from tests.integration.histories.effort import histories
from tests.integration.histories.programs import cuts, tuples_of
from tests.integration.histories.replicas import Cut
from tests.integration.histories.serial_log import SerialLog


@dataclass
class LossyLog(SerialLog):
    """A serial log that loses an act on its way there, or its answer on the way back, as planned."""

    plan: list[Cut | None] = field(default_factory=list)

    async def append(self, act: Act) -> Receipt:
        """Record an act, unless it is lost."""
        cut = self.plan.pop(0) if self.plan else None
        if cut is not None and cut.startswith("before"):
            raise _lost()
        receipt = await super().append(act)
        if cut is not None:
            raise _lost()
        return receipt


def _lost() -> Unavailable:
    return Unavailable("log.unreachable", ko="-", en="-")


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with capture_logs(), asyncio.Runner() as running:
        yield running


@histories(200)
@given(
    wanted=tuples_of(errands, 1, 25),
    plan=tuples_of(cuts, 0, 20),
    most=st.sampled_from([1, 2, 10_000]),
    snapshot_every=st.sampled_from([1, 2, 3]),
)
def test_a_desk_that_remembers_answers_as_one_that_forgets(
    runner: asyncio.Runner,
    wanted: tuple[Errand, ...],
    plan: tuple[Cut | None, ...],
    most: int,
    snapshot_every: int,
) -> None:
    remembering, forgetful = LossyLog(plan=list(plan)), LossyLog(plan=list(plan))
    records = Records(remembering, most=most, snapshot_every=snapshot_every)
    kept = Application(remembering, SystemClock(), TablePolicy(), records)
    world = World()
    with_memory = runner.run(_day(wanted, world, remembering, lambda: kept))
    without = runner.run(_day(wanted, world, forgetful, lambda: Application(forgetful, SystemClock(), TablePolicy())))
    assert with_memory == without
    assert [_telling(each) for each in remembering.facts] == [_telling(each) for each in forgetful.facts]


async def _day(wanted: tuple[Errand, ...], world: World, log: SerialLog, desk: Any) -> list[Receipt | str]:
    """Everything that is wanted, one after the other; what each was answered."""
    prelude = tuple(Errand(wish, CLERK, None, "fresh", None, 0) for wish in PRELUDE)
    sent: list[CommandRequest] = []
    answers: list[Receipt | str] = []
    for errand in prelude + wanted:
        request = _request(errand, world, sent, log)
        sent.append(request)
        try:
            answers.append(await desk().run(request))
        except Refusal as refusal:
            answers.append(refusal.code)
        await desk().records.close()
    return answers


def _request(errand: Errand, world: World, sent: list[CommandRequest], log: SerialLog) -> CommandRequest:
    number = len(sent)
    if errand.key == "same again" and sent:
        return sent[max(0, number - 1 - errand.again)]
    request = errand.wish.request(world, errand.by, uuid5(NAMESPACE_OID, f"{world.agreements[0]} {number}"))
    if errand.off is None or request.target is None:
        return request
    return replace(request, expected=max(0, len(log.streams.get(request.target, ())) + errand.off))


def _telling(recorded: Any) -> tuple[object, ...]:
    return recorded.position, recorded.stream, recorded.version, recorded.command, recorded.stored


@dataclass
class BusyLog(SerialLog):
    """A serial log in which somebody else changes something, once, just before an act arrives."""

    rival: CommandRequest | None = None

    async def append(self, act: Act) -> Receipt:
        """Let the rival go first."""
        rival, self.rival = self.rival, None
        if rival is not None:
            await _desk(self).run(rival)
        return await super().append(act)


def _desk(log: SerialLog) -> Application:
    return Application(log, SystemClock(), TablePolicy())


def test_a_version_that_still_holds_is_no_reason_to_refuse_when_only_another_record_moved_on(
    runner: asyncio.Runner,
) -> None:
    world, log = World(), BusyLog()
    for wish in PRELUDE:
        runner.run(_desk(log).run(wish.request(world, CLERK, uuid4())))
    case = replace(Wish("case", 0, 0, 1).request(world, CLERK, uuid4()), expected=0)
    log.rival = Wish("sign", 0, 0, 0).request(world, CLERK, uuid4())
    answer = runner.run(_desk(log).run(case))
    assert (answer.version, answer.position) == (1, 8)


def test_a_version_that_was_overtaken_is_refused_and_what_stands_is_said(runner: asyncio.Runner) -> None:
    world, log = World(), BusyLog()
    for wish in PRELUDE:
        runner.run(_desk(log).run(wish.request(world, CLERK, uuid4())))
    sign = replace(Wish("sign", 0, 0, 0).request(world, CLERK, uuid4()), expected=1)
    log.rival = Wish("sign", 1, 0, 0).request(world, CLERK, uuid4())
    with pytest.raises(Refusal, match=r"record\.stale: It stands at version 2"):
        runner.run(_desk(log).run(sign))
    assert log.position == 7
