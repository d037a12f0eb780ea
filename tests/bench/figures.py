"""Figures: what was measured, beside which peer, and under which conditions; as a table and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rich.table import Table

Conditions = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Goal:
    """What a figure is to reach: its `value`, or its `ratio` to the peer's, at least or at most this much."""

    of: Literal["value", "ratio"]
    bound: Literal["at least", "at most"]
    limit: float

    def __str__(self) -> str:
        """As the table and the JSON have it."""
        return f"{self.of} {self.bound} {self.limit:g}"

    def met(self, figure: "Figure") -> bool:
        """Was it reached?"""
        measured = figure.value if self.of == "value" else figure.ratio
        if measured is None:
            return False
        return measured >= self.limit if self.bound == "at least" else measured <= self.limit


@dataclass(frozen=True)
class Figure:
    """One figure. `peer` is whatever was measured beside it in the same run; None when there is nothing to compare."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    goal: Goal | None = None
    conditions: Conditions = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The value over the peer's; None without a peer."""
        return self.value / self.peer_value if self.peer_value else None

    def as_json(self, everywhere: Conditions) -> dict[str, object]:
        """The six promised keys; goal and whether it was met stand among the conditions."""
        judged = {"goal": str(self.goal), "met": "yes" if self.goal.met(self) else "no"} if self.goal else {}
        return {
            "value": _short(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": _short(self.peer_value),
            "ratio": _short(self.ratio),
            "conditions": {**everywhere, **self.conditions, **judged},
        }


def write(path: Path, figures: Sequence[Figure], everywhere: Conditions) -> None:
    """Leave all figures in a JSON file by name; `everywhere` are the conditions that all of them share."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {figure.name: figure.as_json(everywhere) for figure in figures}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def table(figures: Sequence[Figure]) -> Table:
    """All figures as lines for a terminal."""
    made = Table("what", "value", "unit", "peer", "peer value", "ratio", "goal")
    for figure in figures:
        made.add_row(
            figure.name,
            _told(figure.value),
            figure.unit,
            figure.peer or "",
            _told(figure.peer_value),
            _told(figure.ratio),
            f"{figure.goal}: {'met' if figure.goal.met(figure) else 'MISSED'}" if figure.goal else "",
        )
    return made


def _short(number: float | None) -> float | None:
    """Four significant digits: no run is worth more."""
    return None if number is None else float(f"{number:.4g}")


def _told(number: float | None) -> str:
    return "" if number is None else f"{_short(number):,.10g}"
