"""Rounds: rivals take turns in short rounds, because the machine is shared and its speed drifts."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Rate = float


@dataclass(frozen=True)
class Round:
    """What one rival did in one turn: how many, in how long, and how long each took (milliseconds)."""

    done: int
    seconds: float
    milliseconds: Sequence[float] = ()

    @property
    def rate(self) -> Rate:
        """How many a second."""
        return self.done / self.seconds


@dataclass(frozen=True)
class Result:
    """All turns of one rival together."""

    rounds: Sequence[Round]

    @property
    def rate(self) -> Rate:
        """The median of its rounds, a second."""
        return statistics.median(one.rate for one in self.rounds)

    @property
    def spread(self) -> str:
        """Its slowest and fastest round."""
        rates = [one.rate for one in self.rounds]
        return f"{min(rates):.0f} to {max(rates):.0f}/s"

    def percentile(self, percent: float) -> float:
        """So many percent of all calls took at most this long (milliseconds)."""
        return percentile([each for one in self.rounds for each in one.milliseconds], percent)


def take_turns(rivals: Mapping[str, Callable[[], Round]], rounds: int) -> dict[str, Result]:
    """Let each rival have its turn, `rounds` times over: A B C A B C."""
    taken: dict[str, list[Round]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, turn in rivals.items():
            taken[name].append(turn())
    return {name: Result(turns) for name, turns in taken.items()}


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; ValueError without values."""
    if not values:
        raise ValueError("there is nothing to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
