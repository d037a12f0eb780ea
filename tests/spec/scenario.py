"""Given what happened, when somebody asks for something, then this happens and nothing else.

    given(drafted, signed_by_busanjin).when(sign(XICHENG)).then(signed_by_xicheng, fact(AgreementSigned, on=JUNE_10))

Ids and instants are fixed and versions are counted, so that facts are compared whole and in order.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from registry.kernel.commands import HANDLERS, Command
from registry.kernel.errors import Refusal
from registry.kernel.facts import Fact, FirstFact, Recorded
from registry.kernel.ports import Reservation
from registry.kernel.views import View

from tests.spec.fake_work import FakeWork

RECORD = UUID("00000000-0000-4000-8000-000000000001")
NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
OFFICE = "busanjin"
HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True)
class Told:
    """A fact without its header: what it is and what it says."""

    kind: type[Fact]
    says: Mapping[str, Any]

    def numbered(self, version: int) -> Fact:
        """The fact as the record's number `version`."""
        header: dict[str, Any] = {"originator_id": RECORD, "originator_version": version, "timestamp": NOW}
        if issubclass(self.kind, FirstFact):
            header["originator_topic"] = self.kind.topic.partition(".")[0]
        return self.kind(**header, **self.says)


def fact(what: type[Fact], /, **says: object) -> Told:
    """Something that happened to the record, or is expected to."""
    return Told(what, says)


def numbered(told: Collection[Told], *, after: int = 0) -> list[Fact]:
    """The facts with their headers, counted from `after`."""
    return [each.numbered(version) for version, each in enumerate(told, after + 1)]


@dataclass(frozen=True)
class Given:
    """What had happened to the record, and which other records there are, by slice."""

    history: list[Fact]
    known: Mapping[str, Collection[UUID]]

    def when(self, command: Command) -> "Outcome":
        """Hand the command to its handler."""
        work = FakeWork(now=NOW, office=OFFICE, histories={RECORD: self.history}, known=self.known)
        try:
            finish(HANDLERS[type(command)](command, RECORD, work))
        except Refusal as refusal:
            return Outcome(len(self.history), work, refusal)
        return Outcome(len(self.history), work)


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    seen: int
    work: FakeWork
    refusal: Refusal | None = None

    def then(self, *told: Told) -> "Outcome":
        """Exactly these facts, in this order."""
        assert self.refusal is None, self.refusal
        assert self.work.facts == numbered(told, after=self.seen)
        return self

    def reserved(self, *names: tuple[str, str]) -> "Outcome":
        """Exactly these names were taken, each within its scope."""
        assert self.work.reservations == [Reservation(scope, name, RECORD) for scope, name in names]
        return self

    def refused(self, code: str, **fields: str) -> "Outcome":
        """Refused with this code and, by path (`__` for a dot), with exactly these field errors."""
        assert self.refusal is not None, f"not refused: {self.work.facts}"
        found = {each.field: each.code for each in self.refusal.fields}
        wanted = {path.replace("__", "."): wrong for path, wrong in fields.items()}
        assert (self.refusal.code, found) == (code, wanted)
        sentences = [(self.refusal.ko, self.refusal.en), *((each.ko, each.en) for each in self.refusal.fields)]
        for ko, en in sentences:
            assert HANGUL.search(ko)
            assert en.strip()
            assert not HANGUL.search(en)
        return self


def given(*told: Told, known: Mapping[str, Collection[UUID]] | None = None) -> Given:
    """The record's facts so far; `known` are the other records there are, by slice."""
    return Given(numbered(told), known or {})


def seen(view: View, *told: Told) -> Any:
    """What the view shows of the record after these facts."""
    state: Any = None
    for position, each in enumerate(numbered(told), 1):
        state = view.evolve(state, recorded(each, position))
    return state


def recorded(happened: Fact, position: int) -> Recorded:
    """The fact as it would stand in the log."""
    return Recorded(position, happened, NOW, "staff:0", OFFICE, UUID(int=position), UUID(int=position))


def finish(handling: Any) -> None:
    """Run a handler that waits for nothing but the fake; no event loop, no I/O."""
    try:
        handling.send(None)
    except StopIteration:
        return
    raise AssertionError("the handler waited for something outside")
