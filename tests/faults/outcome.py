"""What came of the rounds: whom it hit, what it cost, and what was found to be wrong."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from math import inf

from tests.faults.stack import Kind, Victim
from tests.faults.verdict import Finding
from tests.faults.witness import Witness


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
