"""Folds a batch of facts into timelines, and says which rows that makes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.timeline import EVER, Spell, Timeline
from registry.kernel.views import View

CurrentRow = tuple[UUID, int, str]
# id, effective, known, state, uncertain: as Postgres writes them.
HistoryRow = tuple[UUID, str, str, str | None, str]


@dataclass
class Folding:
    """Timelines of records as they were before (`kept`) and become, and what has to be written of it."""

    view: View
    canonical: Callable[[Any], str]
    kept: Mapping[UUID, Timeline]
    timelines: dict[UUID, Timeline] = field(default_factory=dict)
    last: dict[UUID, int] = field(default_factory=dict)
    closed: list[tuple[UUID, Spell, int]] = field(default_factory=list)
    past: list[HistoryRow] = field(default_factory=list)
    _texts: dict[int, tuple[Any, str]] = field(default_factory=dict)

    def take(self, recorded: Recorded) -> None:
        """Fold one more fact. What it ends is closed if it was kept, and else a row of the past."""
        record, position = recorded.stream, recorded.position
        kept = self.kept.get(record, ())
        before = self.timelines.get(record, kept)
        now = self.view.fold(before, recorded)
        for spell in before:
            if not _among(spell, now):
                if _among(spell, kept):
                    self.closed.append((record, spell, position))
                else:
                    self.past.append(self._row(record, spell, position))
        self.timelines[record] = now
        self.last[record] = position

    def current(self) -> list[CurrentRow]:
        """Every record that was touched, as it now is: from some day on, all that is known of it holds."""
        return [
            (record, position, self._text(self.timelines[record][-1].state)) for record, position in self.last.items()
        ]

    def history(self) -> list[HistoryRow]:
        """Every row to add: what was known for a while within the batch, and what is known at its end."""
        return self.past + [
            self._row(record, spell, None)
            for record, timeline in self.timelines.items()
            for spell in timeline
            if not _among(spell, self.kept.get(record, ()))
        ]

    def _row(self, record: UUID, spell: Spell, until: int | None) -> HistoryRow:
        start = "" if spell.start == EVER else spell.start.isoformat()
        end = "" if spell.end is None else spell.end.isoformat()
        state = None if spell.state is None else self._text(spell.state)
        uncertain = "{" + ",".join(map(str, spell.uncertain)) + "}"
        return record, f"[{start},{end})", f"[{spell.known},{'' if until is None else until})", state, uncertain

    def _text(self, state: Any) -> str:
        """A state as JSON, written once however many rows have it; the state is kept, so that its id stays its own."""
        if id(state) not in self._texts:
            self._texts[id(state)] = (state, self.canonical(state))
        return self._texts[id(state)][1]


def _among(spell: Spell, spells: Iterable[Spell]) -> bool:
    """Is it one of these very spells? Equal is not enough, nor would comparing states be quick."""
    return any(spell is other for other in spells)
