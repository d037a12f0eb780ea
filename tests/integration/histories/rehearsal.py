"""Judges a day at the desks: every decision must be one that a desk would have made which serves one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from registry.access.policy import TablePolicy
from registry.application.desk import ATTEMPTS, Application
from registry.application.request import CommandRequest
from registry.clock import SystemClock
from registry.kernel.errors import Refusal
from registry.kernel.facts import Recorded
from registry.kernel.ports import Act, Receipt
from registry.store.mapper import state_of

from tests.integration.histories.calls import Call
from tests.integration.histories.judgement import acts_of
from tests.integration.histories.serial_log import STALE, SerialLog


class Rehearsal(SerialLog):
    """The serial log, on which an act is only tried."""

    act: Act | None = None

    @classmethod
    def on(cls, serial: SerialLog) -> "Rehearsal":
        """See everything that stands there, and change nothing."""
        return cls(serial.first, serial.facts, serial.answers, serial.holders, serial.streams)

    def record(self, act: Act) -> Receipt:
        """Keep it aside."""
        self.act = act
        return Receipt(act.target, 0, 0)


@dataclass(frozen=True)
class Tried:
    """What a request would come to now: an act, a refusal's code, or neither for one that was answered before."""

    act: Act | None
    code: str | None


@dataclass(frozen=True)
class Silent:
    """A request that was answered at a position and left no fact."""

    request: CommandRequest
    position: int


async def tried(request: CommandRequest, serial: SerialLog) -> Tried:
    """Let a new desk, with no memory, decide."""
    rehearsal = Rehearsal.on(serial)
    repeated = (request.by.name, request.id) in serial.answers
    try:
        await Application(rehearsal, SystemClock(), TablePolicy()).run(request)
    except Refusal as refusal:
        return Tried(None, refusal.code)
    return Tried(None if repeated else rehearsal.act, None)


async def judge(
    log: Sequence[Recorded], first: int, calls: Sequence[Call[CommandRequest]], silent: Sequence[Silent]
) -> SerialLog:
    """Carry out the requests again, one at a time, in the order of the log; the log that this makes."""
    serial = SerialLog(first)
    refused = await _unexplained([call for call in calls if isinstance(call.answer, Refusal)], serial)
    for facts in acts_of(log):
        receipt = serial.record(await _the_act(facts, calls, serial))
        assert (receipt.position, receipt.repeated) == (facts[-1].position, False)
        refused = await _unexplained(refused, serial)
        for act in [await _silence(each.request, serial) for each in silent if each.position == serial.position]:
            serial.record(act)
        refused = await _unexplained(refused, serial)
    assert not refused, f"refused without a reason: {refused}"
    for call in calls:
        if isinstance(call.answer, Receipt):
            _judge_receipt(call, call.answer, serial)
    return serial


async def _unexplained(refused: Sequence[Call[CommandRequest]], serial: SerialLog) -> list[Call[CommandRequest]]:
    return [call for call in refused if not await _right(call, serial)]


async def _silence(request: CommandRequest, serial: SerialLog) -> Act:
    """What a request that changed nothing comes to now: nothing."""
    outcome = await tried(request, serial)
    assert outcome.act is not None, outcome
    assert outcome.act.writes == (), outcome
    return outcome.act


async def _right(call: Call[CommandRequest], serial: SerialLog) -> bool:
    assert isinstance(call.answer, Refusal)
    if not call.after <= serial.position <= call.until:
        return False
    if call.answer.code == STALE and call.sent.expected is None:
        return call.until - call.after >= ATTEMPTS  # somebody was faster every time
    return (await tried(call.sent, serial)).code == call.answer.code


async def _the_act(facts: Sequence[Recorded], calls: Sequence[Call[CommandRequest]], serial: SerialLog) -> Act:
    """What one of the requests that were not refused comes to now: exactly these facts."""
    head = (facts[0].actor, facts[0].command)
    stands = [_telling(recorded.stream, recorded.version, recorded.fact.topic, recorded.stored) for recorded in facts]
    outcomes = []
    for call in calls:
        if (call.sent.by.name, call.sent.id) == head and not isinstance(call.answer, Refusal):
            outcome = await tried(call.sent, serial)
            if outcome.act is not None and _facts_of(outcome.act) == stands:
                return outcome.act
            outcomes.append(outcome)
    raise AssertionError(f"recorded: {stands}, but one at a time it comes to {outcomes}")


def _facts_of(act: Act) -> list[tuple[object, ...]]:
    return [
        _telling(fact.originator_id, fact.originator_version, fact.topic, state_of(fact))
        for write in act.writes
        for fact in write.facts
    ]


def _telling(record: UUID, version: int, topic: str, stored: str) -> tuple[object, ...]:
    return record, version, topic, stored


def _judge_receipt(call: Call[CommandRequest], told: Receipt, serial: SerialLog) -> None:
    request_hash, receipt = serial.answers[call.sent.by.name, call.sent.id]
    assert request_hash == call.sent.digest()
    assert (told.record, told.version, told.position) == (receipt.record, receipt.version, receipt.position)
    assert told.position <= call.until
    assert told.repeated or told.position >= call.after
