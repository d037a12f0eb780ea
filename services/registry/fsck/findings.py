"""What a check found of one part: it agrees, it differs and where first, or it could not be looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["agrees", "differs", "not_looked_at"]
# Part, how much of it has been looked at, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Finding:
    """One part and what was found; the sentence names the first difference, never what a record says."""

    part: str
    outcome: Outcome
    sentence: str


class Differs(Exception):
    """The first difference of a part, in words."""


class NotLookedAt(Exception):
    """A part cannot be looked at, and why."""
