"""Folds facts into the two tables of a view."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import structlog
from pydantic import TypeAdapter

from registry.kernel.facts import Recorded
from registry.kernel.ports import Row, Transaction
from registry.kernel.timeline import EVER, Spell, Timeline
from registry.kernel.views import View
from registry.projector.folding import Folding
from registry.projector.recent import Recent
from registry.projector.tables import Tables

# A plan made while the table was small would be kept when it has grown.
PLAN_ANEW = "set local plan_cache_mode = force_custom_plan"
# What is known now of some records, in order of their days; $1 their ids.
KNOWN = """
    select id, lower(effective) as start, upper(effective) as stop, lower(known) as known, state::text, uncertain
    from {history} where id = any($1::uuid[]) and upper_inf(known) order by id, effective
"""
# Ends what was known; $1 the records, $2 first days (empty: no first day), $3 from which position on it is not known.
CLOSE = """
    update {history} held set known = int8range(lower(held.known), ended.until)
    from unnest($1::uuid[], $2::text[], $3::bigint[]) as ended (id, start, until)
    where held.id = ended.id and upper_inf(held.known)
      and lower(held.effective) is not distinct from nullif(ended.start, '')::date
"""
# Brings the current rows up to date; $1 ids, $2 positions, $3 states.
UPSERT = """
    insert into {current} (id, position, state)
    select id, position, state::jsonb from unnest($1::uuid[], $2::bigint[], $3::text[]) as now (id, position, state)
    on conflict (id) do update set position = excluded.position, state = excluded.state
"""
HISTORY_COLUMNS = ("id", "effective", "known", "state", "uncertain")
# So many facts are written while the next ones are folded.
PART = 1000
# How many facts are folded before others in the process have their turn.
TURN = 100
logger = structlog.get_logger(__name__)


class Keeper:
    """Keeps the rows of a view in `tables`; whoever calls it keeps the place up to which they stand."""

    def __init__(self, view: View, canonical: Callable[[Any], str], tables: Tables) -> None:
        """`canonical` turns a state into JSON text."""
        self.view = view
        self.canonical = canonical
        self.tables = tables
        self._state: TypeAdapter[Any] = TypeAdapter(view.state)
        self._recent = Recent()

    def forget(self) -> None:
        """Read the rows again next time: somebody else may have written them, or what was written did not stay."""
        self._recent.forget()

    async def fold(self, facts: Sequence[Recorded], transaction: Transaction) -> None:
        """Bring the rows that these facts concern up to date."""
        mine = [recorded for recorded in facts if self.view.concerns(recorded.fact.topic)]
        if not mine:
            return
        await transaction.execute(PLAN_ANEW)
        kept = await self._known({recorded.stream for recorded in mine}, transaction)
        writing: asyncio.Task[None] | None = None
        try:
            for start in range(0, len(mine), PART):
                folding = await self._folded(mine[start : start + PART], kept)
                kept = {**kept, **folding.timelines}  # the folding still compares with the former
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(folding, transaction))
            if writing is not None:
                await writing
        finally:
            await _ended(writing)
        self._recent.keep(kept)
        logger.info("view.folded", view=self.view.name, first=mine[0].position, last=mine[-1].position, facts=len(mine))

    async def _folded(self, facts: Sequence[Recorded], kept: Mapping[UUID, Timeline]) -> Folding:
        folding = Folding(self.view, self.canonical, kept)
        for number, recorded in enumerate(facts, start=1):
            folding.take(recorded)
            if number % TURN == 0:
                await asyncio.sleep(0)
        return folding

    async def _known(self, records: set[UUID], transaction: Transaction) -> dict[UUID, Timeline]:
        """The timelines of these records; none for those that are new."""
        kept = self._recent.of(records)
        absent = [record for record in records if record not in kept]
        rows = await transaction.fetch(KNOWN.format(history=self.tables.history), absent) if absent else []
        for row in rows:
            kept[row["id"]] = (*kept.get(row["id"], ()), self._spell(row))
        return kept

    def _spell(self, row: Row) -> Spell:
        state = None if row["state"] is None else self._state.validate_json(row["state"])
        return Spell(row["start"] or EVER, row["stop"], row["known"], state, tuple(row["uncertain"]))

    async def _write(self, folding: Folding, transaction: Transaction) -> None:
        if folding.closed:
            records, spells, until = zip(*folding.closed, strict=True)
            starts = [_day(spell.start) for spell in spells]
            await transaction.execute(CLOSE.format(history=self.tables.history), records, starts, until)
        await transaction.copy(self.tables.history, HISTORY_COLUMNS, folding.history())
        records, positions, states = zip(*folding.current(), strict=True)
        await transaction.execute(UPSERT.format(current=self.tables.current), records, positions, states)


def _day(day: date) -> str:
    return "" if day == EVER else day.isoformat()


async def _ended(writing: asyncio.Task[None] | None) -> None:
    """Let a write come to its end: until then, its connection cannot be told to roll back."""
    if writing is not None and not writing.done():
        await asyncio.wait({writing})
