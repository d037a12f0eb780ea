"""Views: current state, folded from facts into one row a record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registry.kernel.facts import Recorded


@dataclass(frozen=True)
class View:
    """How one kind of record is projected.

    Each row is `id uuid, position bigint, state jsonb` and the generated `columns` that its
    queries filter and sort by; `evolve(state, recorded)` gives the next state, a frozen dataclass
    of type `state`, and reads nothing but its arguments. A higher `version` is rebuilt from the log.
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

    def concerns(self, topic: str) -> bool:
        """Is this a fact of the view's own slice?"""
        return topic.startswith(f"{self.name}.")
