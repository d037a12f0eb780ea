"""What each view and its history must hold, folded from the log alone, in one go and without a follower."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.timeline import EVER, Spell, Timeline, after, since
from registry.kernel.views import View
from registry.store.mapper import canonical

# Every row of a view, and every spell of its history; to be formatted with the table's name.
SHOWN = "select id, state::text from {table}"
SPELLS = """
    select id, lower(effective)::text, upper(effective)::text, lower(known), upper(known), state::text, uncertain
    from {table}
"""


def states(view: View, facts: Sequence[Recorded]) -> dict[UUID, str]:
    """The view's rows, as canonical JSON by record."""
    folded: dict[UUID, Any] = {}
    for recorded in facts:
        if view.concerns(recorded.fact.topic):
            folded[recorded.stream] = view.evolve(folded.get(recorded.stream), recorded)
    return {record: plain(canonical(state)) for record, state in folded.items()}


def histories(view: View, facts: Sequence[Recorded]) -> dict[UUID, str]:
    """The view's history: every spell that was ever known of a record, and from which position to which."""
    timelines: dict[UUID, Timeline] = defaultdict(tuple)
    spells: list[tuple[Any, ...]] = []
    for recorded in facts:
        if view.concerns(recorded.fact.topic):
            before, holds = timelines[recorded.stream], since(recorded.fact.holds, recorded.recorded_at)
            now = after(before, recorded.position, holds, partial(_evolved, view, recorded))
            ended = [spell for spell in before if not any(spell is other for other in now)]
            spells += [_spell(recorded.stream, spell, recorded.position) for spell in ended]
            timelines[recorded.stream] = now
    spells += [_spell(record, spell, None) for record, timeline in timelines.items() for spell in timeline]
    return by_record(spells)


def by_record(spells: Iterable[Iterable[Any]]) -> dict[UUID, str]:
    """Spells as `SPELLS` gives them, sorted, as one text a record."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for record, *when, state, uncertain in spells:
        found[UUID(str(record))].append(json.dumps([*when, state and plain(state), list(uncertain)]))
    return {record: "\n".join(sorted(lines)) for record, lines in found.items()}


def plain(text: str) -> str:
    """JSON in one spelling, whichever way it was stored."""
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)


def _evolved(view: View, recorded: Recorded, state: Any) -> Any:
    return view.evolve(state, recorded)


def _spell(record: UUID, spell: Spell, until: int | None) -> tuple[Any, ...]:
    start = None if spell.start == EVER else spell.start.isoformat()
    end = spell.end and spell.end.isoformat()
    state = None if spell.state is None else canonical(spell.state)
    return record, start, end, spell.known, until, state, spell.uncertain
