"""The choreography: round after round, something is killed at a random moment while the callers go on."""

import asyncio
import itertools
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from random import Random

import nats
from registry import bootstrap
from registry.settings import Settings

from tests.faults.evidence import gather, standing
from tests.faults.load import CALLERS, Account, Load
from tests.faults.stack import KINDS, Kind, Stack, Victim, running_stack, wait_until
from tests.faults.subscriber import Subscriber
from tests.faults.verdict import Evidence, Finding, verdict
from tests.faults.witness import Witness

OFFICE = "busanjin"
LEVEL_WITHIN = 90.0
LONGEST_CALM = 1.2
# How often the next one is killed before the last one's crash has been recovered from.
IN_THE_MIDST = 0.3
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Round:
    """One kill. `begins_after` is the highest position that was acknowledged before it."""

    number: int
    victim: Victim
    killed: float
    begins_after: int


@dataclass
class Outcome:
    """What came of all rounds; `errors`, `alarms` and `gave_up` are the stack's.

    `unheard` counts the commands that were recorded although their callers never heard so.
    """

    rounds: list[Round] = field(default_factory=list)
    witness: Witness = field(default_factory=Witness)
    findings: list[Finding] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    alarms: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)
    unheard: int = 0

    def kind_of(self, position: int | None) -> Kind | None:
        """In whose round a position was recorded; None before the first kill and without a position."""
        played = bisect_left(self.rounds, position or 0, key=lambda each: each.begins_after)
        return self.rounds[played - 1].victim.kind if played else None

    def outage(self, played: Round) -> float:
        """Seconds from the kill to the first answer to something sent after it; a replica answers for itself."""
        own = played.victim.number if played.victim.kind == "replica" else None
        after = self.witness.acknowledged_after(played.killed)
        return next((seen.heard for seen in after if own in {None, seen.door}), inf) - played.killed

    def silence(self, played: Round) -> float:
        """Seconds from the kill until a subscriber received what was acknowledged first after it."""
        after = self.witness.acknowledged_after(played.killed)
        position = after[0].position if after else None
        heard = (message.heard for message in self.witness.received if message.sequence == position)
        return next(heard, inf) - played.killed


def play(*, rounds: int, seed: int, seconds: float, tell: Tell) -> Outcome:
    """Play so many rounds, fewer if the time is up and every kind of victim has had its turn; then compare."""
    outcome, chance = Outcome(), Random(f"{seed}-moments")  # noqa: S311 (no secret)
    with running_stack() as stack:
        accounts = asyncio.run(_accounts(stack))
        load = Load(stack.doors, accounts, outcome.witness, seed)
        subscriber = Subscriber(stack.nats.url("registry"), outcome.witness.received)
        with (
            _going_on(load.run, load.ending, load.leaving) as calling,
            _going_on(subscriber.run, subscriber.over) as hearing,
        ):
            began = time.monotonic()
            for number, victim in enumerate(itertools.islice(_victims(chance), rounds), start=1):
                if number > len(KINDS) and time.monotonic() - began > seconds:
                    break
                outcome.rounds.append(_round(number, victim, stack, outcome, chance, tell))
                for work in (calling, hearing):
                    _still_going(work)
            load.ending.set()
            calling.result()
            stuck = _level(stack, outcome.witness, tell)
        evidence = asyncio.run(gather(stack))
        outcome.unheard = _unheard(outcome.witness, evidence)
        outcome.findings = [*stuck, *verdict(outcome.witness, evidence)]
        stack.read_logs()
        outcome.errors, outcome.alarms, outcome.gave_up = stack.errors, stack.alarms, stack.gave_up
    return outcome


def _victims(chance: Random) -> Iterator[Victim]:
    """Every kind in turn, in an order drawn anew each time."""
    while True:
        for kind in chance.sample(KINDS, len(KINDS)):
            yield Victim(kind, chance.randrange(2) if kind in {"replica", "follower"} else 0)


def _round(number: int, victim: Victim, stack: Stack, outcome: Outcome, chance: Random, tell: Tell) -> Round:
    """Kill, start again, and see that commands are acknowledged again; mostly also that all followers caught up."""
    time.sleep(chance.uniform(0, LONGEST_CALM))
    before = outcome.witness.last_position
    played = Round(number, victim, stack.kill(victim), before)
    stack.revive(victim)
    wait_until(lambda: outcome.outage(played) < inf, "a command is acknowledged again", look=stack.look)
    if chance.random() >= IN_THE_MIDST:
        goal = outcome.witness.last_position
        wait_until(lambda: _passed(stack, goal), "everything has caught up", within=LEVEL_WITHIN, look=stack.look)
    tell(
        f"{number:4} {victim.kind:9} {victim.number}  head {outcome.witness.last_position:7}"
        f"  outage {outcome.outage(played):.2f} s  took {time.monotonic() - played.killed:.1f} s"
    )
    return played


def _level(stack: Stack, witness: Witness, tell: Tell) -> list[Finding]:
    """Wait until log, stream, followers and subscriber are level; what is not after the bound is a finding."""
    tell("waiting until everything is level")
    give_up = time.monotonic() + LEVEL_WITHIN
    while True:
        stack.look()
        found = asyncio.run(standing(stack))
        heard = max((message.sequence for message in list(witness.received)), default=0)
        if found.level and heard == found.head:
            return []
        if time.monotonic() > give_up:
            return [Finding("other", f"not level: {found}; a subscriber has heard {heard}")]
        time.sleep(0.1)


def _unheard(witness: Witness, evidence: Evidence) -> int:
    heard = {seen.command.key for seen in witness.acknowledged}
    return sum(command.key in evidence.keys and command.key not in heard for command in witness.asked)


def _passed(stack: Stack, position: int) -> bool:
    try:
        return asyncio.run(standing(stack)).has_passed(position)
    except (nats.errors.Error, OSError):
        return False


@contextmanager
def _going_on(work: Callable[[], None], *endings: threading.Event) -> Iterator[Future[None]]:
    """Let it work in a thread of its own; told to end at the latest when this ends."""
    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(work)
        finally:
            for ending in endings:
                ending.set()


def _still_going(work: Future[None]) -> None:
    if work.done():
        work.result()
        raise RuntimeError("a thread ended before its time")


async def _accounts(stack: Stack) -> Sequence[Account]:
    """One account for each caller."""
    settings = Settings(database_url=stack.environment["MOA_DATABASE_URL"])
    made = []
    async with bootstrap.open_house(settings) as house:
        for _ in range(CALLERS):
            account = await house.access.open_account("staff", OFFICE)
            token = await house.access.issue_token("staff", OFFICE, account=account)
            made.append(Account(f"staff:{account}", token))
    return made
