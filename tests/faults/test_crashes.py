"""Whatever is killed under load, each acknowledged command is in the log, on the stream and in the views, once.

`make faults` plays many more rounds. The seed fixes who is killed, when, and what the callers try; not how the
processes happen to interleave.
"""

from tests.faults.rounds import play
from tests.faults.stack import KINDS

SEED = 3
ROUNDS = 6
SECONDS = 20.0


def test_nothing_acknowledged_is_lost_doubled_or_misordered_when_processes_are_killed_under_load() -> None:
    told: list[str] = []
    outcome = play(rounds=ROUNDS, seed=SEED, seconds=SECONDS, tell=told.append)
    assert outcome.findings == [], (SEED, told, outcome.alarms, outcome.gave_up)
    assert {played.victim.kind for played in outcome.rounds} == set(KINDS)
    assert outcome.witness.refused, "no two callers ever wanted the same number"
    assert len(outcome.witness.acknowledged) > 100, told
