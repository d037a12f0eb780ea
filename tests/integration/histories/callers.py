"""Callers of the log: each carries out its steps, one after the other, beside the others."""

import asyncio
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from registry.kernel.facts import Fact
from registry.kernel.ports import Act, Reservation, Write
from registry.kernel.values import Text
from registry.organisation.events import AliasStated, OrganisationRegistered

from tests.integration.histories.calls import Call, call
from tests.integration.histories.programs import RECORDS, Caller, Program, Step
from tests.integration.histories.replicas import Replica, Replicas
from tests.integration.histories.serial_log import AT

ACTOR, OTHER_ACTOR = "staff:1", "staff:2"
PAGE = 10_000


@dataclass
class History:
    """One run of a program: its records and names, which no other run has, and every call that was made."""

    first: int
    records: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(RECORDS)])
    scope: str = field(default_factory=lambda: f"test.number:{uuid4()}")
    calls: list[Call[Act]] = field(default_factory=list)
    sent: list[Act] = field(default_factory=list)


async def run(program: Program, replicas: Replicas) -> History:
    """Let all callers go at once, and wait until the last act that was given up has been recorded or not."""
    head = await replicas.each[0].log.head()
    history = History(head)
    replicas.acknowledged = head
    replicas.plan(program.cuts)
    await asyncio.gather(*(_carry_out(caller, history, replicas) for caller in program.callers))
    await replicas.settle()
    return history


async def _carry_out(caller: Caller, history: History, replicas: Replicas) -> None:
    replica = replicas.each[caller.replica]
    if caller.at_once:
        acts = [await _act(step, history, replica) for step in caller.steps]
        await asyncio.gather(
            *(_send(*each, history, replicas, replica) for each in zip(acts, caller.steps, strict=True))
        )
        return
    for step in caller.steps:
        await _send(await _act(step, history, replica), step, history, replicas, replica)


async def _send(act: Act, step: Step, history: History, replicas: Replicas, replica: Replica) -> None:
    history.sent.append(act)
    for _ in range(1 + step.again):
        made = await call(replicas, replica, act, replica.log.append, turns=step.turns)
        history.calls.append(made)
        if made.answer is not None:
            break


async def _act(step: Step, history: History, replica: Replica) -> Act:
    command = uuid4()
    fresh = Act(
        command=command,
        actor=ACTOR,
        office="busanjin",
        request_hash=command.bytes * 2,
        target=history.records[step.target],
        writes=tuple([await _write(t.record, t.off, t.facts, history, replica, command) for t in step.touches]),
        reservations=tuple(
            Reservation(history.scope, str(name), history.records[record]) for name, record in step.names
        ),
        correlation=command,
        reads=tuple([(history.records[r], await _version(history.records[r], off, replica)) for r, off in step.reads]),
    )
    if step.key == "fresh" or not history.sent:
        return fresh
    used = history.sent[len(history.calls) % len(history.sent)]
    if step.key == "same again":
        return used
    return replace(fresh, command=used.command, actor=ACTOR if step.key == "other content" else OTHER_ACTOR)


async def _write(index: int, off: int, count: int, history: History, replica: Replica, command: UUID) -> Write:
    record = history.records[index]
    expected = await _version(record, off, replica)
    facts = tuple(_fact(record, version, command) for version in range(expected + 1, expected + count + 1))
    return Write(record, expected, facts)


async def _version(record: UUID, off: int, replica: Replica) -> int:
    return max(0, len(await replica.log.history(record)) + off)


def _fact(record: UUID, version: int, command: UUID) -> Fact:
    """The record's first fact, or another name that tells which act it came with."""
    name = Text("ko", f"{command}, {version}")
    if version > 1:
        return AliasStated(record, version, AT, name=name, confirmed=True)
    return OrganisationRegistered(
        record, 1, AT, originator_topic="organisation", office="busanjin", kind="office", names=(name,), country="KR"
    )
