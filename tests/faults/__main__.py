"""`make faults`: kills for many rounds, prints what came of it, and fails if a promise was broken."""

import os
import signal
import sys
import time
from collections import Counter
from types import FrameType

from rich.console import Console
from rich.table import Table

from deploy.embedded.refusal import Refusal
from deploy.embedded.screen import Screen
from tests.faults.outcome import Outcome
from tests.faults.rounds import play
from tests.faults.stack import KINDS

ROUNDS = int(os.environ.get("MOA_FAULTS_ROUNDS", "40"))
SECONDS = float(os.environ.get("MOA_FAULTS_SECONDS", "1800"))
WRONGS = ("lost", "doubled", "misordered", "other")
SHOWN = 20


def main() -> int:
    """Play, print the table, and give the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    seed = int(os.environ.get("MOA_FAULTS_SEED", str(time.time_ns() % 1_000_000)))
    console = Console(width=120)
    console.print(f"MOA_FAULTS_ROUNDS={ROUNDS} MOA_FAULTS_SEED={seed}")
    began = time.monotonic()
    try:
        outcome = play(rounds=ROUNDS, seed=seed, seconds=SECONDS, tell=console.print)
    except Refusal as broken:
        Screen().refuse(broken)
        return broken.exit_code
    _report(console, outcome, time.monotonic() - began)
    return 1 if outcome.findings else 0


def _leave(number: int, _: FrameType | None) -> None:
    """Stop, and clear everything away on the way out."""
    sys.exit(128 + number)


def _report(console: Console, outcome: Outcome, seconds: float) -> None:
    for finding in outcome.findings[:SHOWN]:
        console.print(f"[red]{finding.wrong}[/red] {finding.position or ''} {finding.what}")
    for alarm in outcome.alarms[:SHOWN]:
        console.print(alarm, markup=False)
    for error, times in outcome.errors.most_common():
        console.print(f"{times} times logged as an error: {error}", markup=False)
    for service, times in Counter(outcome.gave_up).most_common():
        console.print(f"{times} times {service} (ended by itself, was started again)", markup=False)
    table = Table("killed", "times", "acknowledged", *WRONGS, "longest outage", "longest silence")
    for kind in KINDS:
        played = [each for each in outcome.rounds if each.victim.kind == kind]
        told = sum(outcome.kind_of(seen.position) == kind for seen in outcome.witness.acknowledged)
        outage = max((outcome.outage(each) for each in played), default=0.0)
        silence = max((outcome.silence(each) for each in played), default=0.0)
        wrongs = [str(_count(outcome, wrong, kind)) for wrong in WRONGS]
        table.add_row(kind, str(len(played)), str(told), *wrongs, f"{outage:.2f} s", f"{silence:.2f} s")
    totals = [str(sum(finding.wrong == wrong for finding in outcome.findings)) for wrong in WRONGS]
    table.add_row("all", str(len(outcome.rounds)), str(len(outcome.witness.acknowledged)), *totals, "", "")
    console.print(table)
    console.print(
        f"{len(outcome.witness.asked)} asked, {len(outcome.witness.refused)} refused,"
        f" {sum(seen.attempt > 1 for seen in outcome.witness.acknowledged)} acknowledged when they were sent again,"
        f" {outcome.unheard} recorded without anybody hearing so; {seconds:.0f} s."
        " Outage: from the kill to the first answer to what was sent after it (a replica: its own);"
        " silence: until a subscriber received that."
    )


def _count(outcome: Outcome, wrong: str, kind: str) -> int:
    return sum(found.wrong == wrong and outcome.kind_of(found.position) == kind for found in outcome.findings)


if __name__ == "__main__":
    sys.exit(main())
