"""Callers of the desk: each brings its commands, one after the other, beside the others, at replicas with memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from hypothesis import strategies as st
from registry.access.policy import TablePolicy
from registry.application.desk import Application
from registry.application.records import Records
from registry.application.request import CommandRequest
from registry.clock import SystemClock
from registry.kernel.actors import Actor

from tests.integration.histories.calls import Call, call
from tests.integration.histories.commands import AUDITOR, CLERK, COLLEAGUE, PRELUDE, STRANGER, Wish, World, wishes
from tests.integration.histories.programs import keys, plans, replica, tuples_of, turns
from tests.integration.histories.replicas import REPLICAS, Cut, Replica, Replicas


@dataclass(frozen=True)
class Errand:
    """A wish on its way: who brings it, seen at a version that is `off` by so many (None: not said), and how."""

    wish: Wish
    by: Actor
    off: int | None
    key: str
    turns: int | None
    again: int


@dataclass(frozen=True)
class Person:
    """Somebody at one of the replicas, and what they want, one after the other or `at_once`."""

    replica: int
    at_once: bool
    errands: tuple[Errand, ...]


@dataclass(frozen=True)
class Office:
    """Everybody; how much each desk keeps in memory and how often it takes snapshots; what becomes of connections."""

    people: tuple[Person, ...]
    most: int
    snapshot_every: int
    cuts: tuple[tuple[Cut | None, ...], ...]


errands = st.builds(
    Errand,
    wish=wishes,
    by=st.sampled_from([*[CLERK] * 6, *[COLLEAGUE] * 4, STRANGER, AUDITOR]),
    off=st.sampled_from([None, None, None, 0, 0, -1]),
    key=keys,
    turns=turns,
    again=st.integers(0, 2),
)
offices = st.builds(
    Office,
    people=tuples_of(st.builds(Person, replica, st.booleans(), tuples_of(errands, 2, 8)), 2, 6),
    most=st.sampled_from([1, 2, 10_000]),
    snapshot_every=st.sampled_from([1, 2, 200]),
    cuts=plans,
)


@dataclass(frozen=True)
class Desk:
    """The desk of one replica."""

    replica: Replica
    application: Application


@dataclass
class Day:
    """One run: its world, its desks, and every call that was made."""

    first: int
    desks: Sequence[Desk]
    world: World = field(default_factory=World)
    calls: list[Call[CommandRequest]] = field(default_factory=list)
    sent: list[CommandRequest] = field(default_factory=list)

    @property
    def records(self) -> list[UUID]:
        """Every record that a request was for."""
        return list(dict.fromkeys(request.record for request in self.sent))


async def run(office: Office, replicas: Replicas) -> Day:
    """Open some records, let everybody go at once, and wait until what was given up has been recorded or not."""
    head = await replicas.each[0].log.head()
    day = Day(head, [_desk(replica, office) for replica in replicas.each])
    replicas.acknowledged = head
    for wish in PRELUDE:
        request = wish.request(day.world, CLERK, uuid4())
        day.sent.append(request)
        day.calls.append(await call(replicas, day.desks[0].replica, request, day.desks[0].application.run, turns=None))
    replicas.plan(office.cuts)
    await asyncio.gather(*(_bring(person, day, replicas) for person in office.people))
    replicas.plan(((),) * REPLICAS)
    await replicas.settle()
    for desk in day.desks:
        await desk.application.records.close()
    return day


def _desk(replica: Replica, office: Office) -> Desk:
    records = Records(replica.log, most=office.most, snapshot_every=office.snapshot_every)
    return Desk(replica, Application(replica.log, SystemClock(), TablePolicy(), records))


async def _bring(person: Person, day: Day, replicas: Replicas) -> None:
    desk = day.desks[person.replica]
    if person.at_once:
        await asyncio.gather(*(_run(errand, day, desk, replicas) for errand in person.errands))
        return
    for errand in person.errands:
        await _run(errand, day, desk, replicas)


async def _run(errand: Errand, day: Day, desk: Desk, replicas: Replicas) -> None:
    request = await _request(errand, day, desk)
    day.sent.append(request)
    for _ in range(1 + errand.again):
        made = await call(replicas, desk.replica, request, desk.application.run, turns=errand.turns)
        day.calls.append(made)
        if made.answer is not None:
            break


async def _request(errand: Errand, day: Day, desk: Desk) -> CommandRequest:
    request = errand.wish.request(day.world, errand.by, uuid4())
    used = day.sent[len(day.calls) % len(day.sent)]
    if errand.key == "same again":
        return used
    if errand.key == "other content" and errand.wish.kind not in {"register", "draft"}:
        request = replace(request, by=used.by, id=used.id)
    if errand.off is None or request.target is None:
        return request
    version = len(await desk.replica.log.history(request.target))
    return replace(request, expected=max(0, version + errand.off))
