"""The choreography: round after round, something is killed at a random moment while the callers go on."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import inf
from random import Random

import nats
from registry import bootstrap
from registry.settings import Settings

from tests.faults.evidence import Standing, gather, standing
from tests.faults.load import CALLERS, Account, Load
from tests.faults.outcome import Outcome, Round
from tests.faults.stack import KINDS, Stack, Victim, running_stack, wait_until
from tests.faults.subscriber import Subscriber
from tests.faults.verdict import Evidence, Finding, verdict
from tests.faults.witness import Witness

OFFICE = "busanjin"
LEVEL_WITHIN = 90.0
LONGEST_CALM = 1.2
# How often the next one is killed before the last one's crash has been recovered from.
IN_THE_MIDST = 0.3
Tell = Callable[[str], None]


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
            try:
                began = time.monotonic()
                for number, victim in enumerate(itertools.islice(_victims(chance), rounds), start=1):
                    if number > len(KINDS) and time.monotonic() - began > seconds:
                        break
                    _round(number, victim, stack, outcome, chance, tell)
                    _still_going(calling, hearing)
            except TimeoutError as stuck:
                outcome.findings.append(Finding("other", str(stuck)))
            load.ending.set()
            calling.result()
            outcome.findings += _level(stack, outcome.witness, tell)
        evidence = asyncio.run(gather(stack))
        outcome.unheard = _unheard(outcome.witness, evidence)
        outcome.findings += verdict(outcome.witness, evidence)
        outcome.findings += [Finding("other", f"fsck: {difference}") for difference in stack.disagreements()]
        stack.read_logs()
        outcome.errors, outcome.alarms, outcome.gave_up = stack.errors, stack.alarms, stack.gave_up
    return outcome


def _victims(chance: Random) -> Iterator[Victim]:
    """Every kind in turn, in an order drawn anew each time."""
    while True:
        for kind in chance.sample(KINDS, len(KINDS)):
            yield Victim(kind, chance.randrange(2) if kind in {"replica", "follower"} else 0)


def _round(number: int, victim: Victim, stack: Stack, outcome: Outcome, chance: Random, tell: Tell) -> None:
    """Kill, start again, and see that commands are acknowledged again; mostly also that all followers caught up."""
    time.sleep(chance.uniform(0, LONGEST_CALM))
    before = outcome.witness.last_position
    played = Round(number, victim, stack.kill(victim), before)
    outcome.rounds.append(played)
    stack.revive(victim)
    wait_until(lambda: outcome.outage(played) < inf, "a command is acknowledged again", look=stack.look)
    if chance.random() >= IN_THE_MIDST:
        goal = outcome.witness.last_position
        wait_until(lambda: _passed(stack, goal), "everything has caught up", within=LEVEL_WITHIN, look=stack.look)
    tell(
        f"{number:4} {victim.kind:9} {victim.number}  head {outcome.witness.last_position:7}"
        f"  outage {outcome.outage(played):.2f} s  took {time.monotonic() - played.killed:.1f} s"
    )


def _level(stack: Stack, witness: Witness, tell: Tell) -> list[Finding]:
    """Wait until log, stream, followers and subscriber are level; what is not after the bound is a finding."""
    tell("waiting until everything is level")
    give_up = time.monotonic() + LEVEL_WITHIN
    while True:
        stack.look()
        found = _standing(stack)
        heard = max((message.sequence for message in list(witness.received)), default=0)
        if found and found.level and heard == found.head:
            return []
        if time.monotonic() > give_up:
            return [Finding("other", f"not level: {found}; a subscriber has heard {heard}")]
        time.sleep(0.1)


def _unheard(witness: Witness, evidence: Evidence) -> int:
    heard = {seen.command.key for seen in witness.acknowledged}
    return sum(command.key in evidence.keys and command.key not in heard for command in witness.asked)


def _passed(stack: Stack, position: int) -> bool:
    found = _standing(stack)
    return found is not None and found.has_passed(position)


def _standing(stack: Stack) -> Standing | None:
    """How far everything has come; None when NATS does not answer, or has not got its stream yet."""
    try:
        return asyncio.run(standing(stack))
    except (nats.errors.Error, OSError):
        return None


@contextmanager
def _going_on(work: Callable[[], None], *endings: threading.Event) -> Iterator[Future[None]]:
    """Let it work in a thread of its own; told to end at the latest when this ends."""
    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(work)
        finally:
            for ending in endings:
                ending.set()


def _still_going(*works: Future[None]) -> None:
    for work in works:
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
