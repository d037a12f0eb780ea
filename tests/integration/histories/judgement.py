"""Judges a history: it must be one that a log could have had which was asked one thing at a time.

The log itself says in which order the acts were recorded. In that order each must have been possible, whole, and
answered as it was; and each refusal must have been right at some moment between the question and the answer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from registry.kernel.errors import Refusal
from registry.kernel.facts import Recorded
from registry.kernel.ports import Act, Receipt
from registry.store.mapper import state_of

from tests.integration.histories.calls import Call
from tests.integration.histories.serial_log import SerialLog


def judge_order(log: Sequence[Recorded], first: int) -> None:
    """Positions and each record's versions have no gaps, and time never goes back."""
    assert [recorded.position for recorded in log] == list(range(first + 1, first + len(log) + 1))
    counted: Counter[UUID] = Counter()
    for recorded in log:
        counted[recorded.stream] += 1
        assert recorded.version == counted[recorded.stream]
    times = [recorded.recorded_at for recorded in log]
    assert times == sorted(times)


def acts_of(log: Sequence[Recorded]) -> Iterator[list[Recorded]]:
    """The log an act at a time; an act whose facts do not stand together comes in pieces."""
    for _, facts in groupby(log, lambda recorded: (recorded.actor, recorded.command)):
        yield list(facts)


def judge(log: Sequence[Recorded], first: int, calls: Sequence[Call[Act]]) -> SerialLog:
    """Record the acts again, one at a time, in the order of the log; the log that this makes."""
    serial = SerialLog(first)
    open_refusals = [call for call in calls if isinstance(call.answer, Refusal)]
    for facts in acts_of(log):
        open_refusals = [call for call in open_refusals if not _right(call, serial)]
        act = _the_act(facts, calls)
        assert serial.objections(act) == set(), f"recorded against {serial.objections(act)}: {act}"
        receipt = serial.record(act)
        assert (receipt.position, receipt.repeated) == (facts[-1].position, False), f"recorded twice: {act}"
    open_refusals = [call for call in open_refusals if not _right(call, serial)]
    assert not open_refusals, f"refused without a reason: {open_refusals}"
    for call in calls:
        if isinstance(call.answer, Receipt):
            _judge_receipt(call, call.answer, serial)
    _judge_first_answers(calls)
    return serial


def _right(call: Call[Act], serial: SerialLog) -> bool:
    assert isinstance(call.answer, Refusal)
    return call.after <= serial.position <= call.until and call.answer.code in serial.objections(call.sent)


def _the_act(facts: Sequence[Recorded], calls: Sequence[Call[Act]]) -> Act:
    """The act that was sent and not refused, and of which these are all the facts, in order."""
    stands = [_telling(recorded.fact, recorded.stored) for recorded in facts]
    head = (facts[0].actor, facts[0].command)
    found = [
        call.sent
        for call in calls
        if (call.sent.actor, call.sent.command) == head
        and not isinstance(call.answer, Refusal)
        and [_telling(fact, state_of(fact)) for write in call.sent.writes for fact in write.facts] == stands
    ]
    assert found, f"nobody asked for this: {stands}"
    return found[0]


def _telling(fact: Any, stored: str) -> tuple[Any, ...]:
    return fact.originator_id, fact.originator_version, fact.topic, stored


def _judge_receipt(call: Call[Act], told: Receipt, serial: SerialLog) -> None:
    """What was acknowledged stands in the log, as it was told, and not before it was asked."""
    request_hash, receipt = serial.answers[call.sent.actor, call.sent.command]
    assert request_hash == call.sent.request_hash
    assert (told.record, told.version, told.position) == (receipt.record, receipt.version, receipt.position)
    assert told.position <= call.until
    assert told.repeated or told.position > call.after


def _judge_first_answers(calls: Sequence[Call[Act]]) -> None:
    """An act is told to be new at most once."""
    news = Counter(
        (call.sent.actor, call.sent.command)
        for call in calls
        if isinstance(call.answer, Receipt) and not call.answer.repeated
    )
    assert all(count == 1 for count in news.values()), news
