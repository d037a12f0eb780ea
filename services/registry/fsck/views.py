"""A view's rows beside the facts folded anew, up to the view's own checkpoint."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from registry.fsck.findings import Differs, NotLookedAt
from registry.fsck.history import HistoryCheck, Told
from registry.kernel.facts import Recorded
from registry.kernel.ports import Rows
from registry.kernel.views import View

# Where a view stands; $1 its table.
PLACE = "select version, position, build from follower where name = $1"
# Is there such a table? $1 its name.
THERE = "select to_regclass($1) is not null as there"


@dataclass
class Folded:
    """One record as the facts make it."""

    record: UUID
    position: int
    state: Any
    told: Told


@dataclass
class ViewCheck:
    """Folds every record of its slice and compares it with the row; keeps the first difference."""

    view: View
    canonical: Callable[[Any], str]
    checkpoint: int
    build: int
    history: HistoryCheck
    records: int = 0
    first: str | None = None
    _finished: list[Folded] = field(default_factory=list)

    @classmethod
    async def of(cls, view: View, canonical: Callable[[Any], str], rows: Rows) -> "ViewCheck":
        """Ready to fold up to where the view stands; NotLookedAt when it is not there in this version."""
        place = await rows.fetch(PLACE, view.table)
        if not place:
            raise NotLookedAt("it is not there yet: start `registry follow`")
        if place[0]["version"] != view.version:
            raise NotLookedAt(f"it is of version {place[0]['version']}, this is the registry with {view.version}")
        if not (await rows.fetch(THERE, view.table))[0]["there"]:
            raise Differs("its table is gone")
        return cls(view, canonical, place[0]["position"], place[0]["build"], HistoryCheck(view, canonical))

    def take(self, recorded: Recorded, folded: dict[str, Folded]) -> None:
        """Fold one more fact of the record at hand, if it concerns the view and the view has taken it."""
        if recorded.position > self.checkpoint or not self.view.concerns(recorded.fact.topic):
            return
        before = folded.get(self.view.table)
        told = before.told if before else Told(recorded.stream)
        try:
            state = self.view.evolve(before.state if before else None, recorded)
            told.take(recorded, self.view)
        except Exception as unfit:
            self._note(f"position {recorded.position} cannot be folded: {type(unfit).__name__}")
            return
        folded[self.view.table] = Folded(recorded.stream, recorded.position, state, told)

    def finish(self, folded: dict[str, Folded]) -> None:
        """The record at hand has no more facts."""
        if self.view.table in folded:
            self._finished.append(folded[self.view.table])
            self.records += 1

    async def compare(self, rows: Rows) -> None:
        """Compare the records that are finished with their rows."""
        if not self._finished:
            return
        found = await rows.fetch(
            f"select id, position, state from {self.view.table} where id = any($1::uuid[])",  # noqa: S608
            [each.record for each in self._finished],
        )
        kept = {row["id"]: row for row in found}
        for each in self._finished:
            row = kept.get(each.record)
            state = json.loads(self.canonical(each.state))
            if row is None:
                self._note(f"record {each.record} has no row")
            elif row["position"] != each.position:
                self._note(
                    f"record {each.record}: its row is of position {row['position']}, its facts end at {each.position}"
                )
            elif row["state"] != state:
                self._note(
                    f"record {each.record} at position {each.position} differs in {different(row['state'], state)}"
                )
        await self.history.compare([each.told for each in self._finished], rows)
        self._finished = []

    async def conclude(self, rows: Rows, now: Rows) -> str:
        """What was found; Differs with the first difference, such as a row that no fact accounts for.

        NotLookedAt when the view's name stands for other tables `now`, in which a snapshot from before sees no row.
        """
        try:
            return await self._conclude(rows)
        except Differs:
            place = await now.fetch(PLACE, self.view.table)
            if place and place[0]["build"] != self.build:
                raise NotLookedAt("it was built anew meanwhile: run this again") from None
            raise

    async def _conclude(self, rows: Rows) -> str:
        if self.first is not None:
            raise Differs(self.first)
        found = await rows.fetch(f"select count(*) as rows from {self.view.table}")  # noqa: S608
        if found[0]["rows"] != self.records:
            stray = await rows.fetch(
                f"select v.id from {self.view.table} v where not exists "  # noqa: S608
                "(select from event e where e.stream = v.id and e.position <= $1) order by v.id limit 1",
                self.checkpoint,
            )
            which = f"record {stray[0]['id']} has a row and no facts" if stray else "a row belongs to another slice"
            raise Differs(f"{found[0]['rows']} rows for {self.records} records: {which}")
        history = await self.history.conclude(rows)
        return f"{self.records} rows equal the log up to position {self.checkpoint}; {history}"

    def _note(self, difference: str) -> None:
        self.first = self.first or difference


def different(one: Any, other: Any) -> str:
    """The fields in which two states differ, without what they say."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return "the whole state"
    return ", ".join(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))
