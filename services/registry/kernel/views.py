"""Views: the state of every record now and through time, folded from facts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry.kernel.facts import Recorded
from registry.kernel.timeline import Timeline, after, since


@dataclass(frozen=True)
class View:
    """How one kind of record is projected.

    Each row is `id uuid, position bigint, state jsonb` and the generated `columns` that its
    queries filter and sort by; `evolve(state, recorded)` gives the next state, a frozen dataclass
    of type `state`, and reads nothing but its arguments. It must take any facts of a record in the log's
    order once the first one has been taken, since on some days only some of them hold. A higher
    `version` is rebuilt from the log.
    """

    name: str
    version: int
    state: type[Any]
    evolve: Callable[[Any, Recorded], Any]
    columns: str
    indexes: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Where its rows are."""
        return f"view.{self.name}"

    @property
    def history(self) -> str:
        """Where the states of its records are by day and by what was known."""
        return f"{self.table}_history"

    def fold(self, timeline: Timeline, recorded: Recorded) -> Timeline:
        """A record's timeline once one more fact of it is known."""
        holds = since(recorded.fact.holds, recorded.recorded_at)
        return after(timeline, recorded.position, holds, lambda state: self.evolve(state, recorded))

    def concerns(self, topic: str) -> bool:
        """Is this a fact of the view's own slice?"""
        return topic.startswith(f"{self.name}.")
