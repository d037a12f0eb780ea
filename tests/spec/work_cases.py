"""What a handler may ask of the work in progress, and what it leaves: whoever stands in for it passes these cases.

Not among them: who may change whose records. A policy decides that, and the fake has none.
"""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

import pytest
from registry.agreement.aggregate import Agreement
from registry.kernel.commands import Work
from registry.kernel.errors import NotFound
from registry.kernel.facts import Fact
from registry.kernel.ports import Reservation
from registry.kernel.values import Text
from registry.organisation.aggregate import Organisation
from registry.organisation.events import AliasStated, OrganisationRegistered

T = TypeVar("T")
NOON = datetime(2025, 6, 10, 3, 0, tzinfo=UTC)
OFFICE = "busanjin"


@dataclass(frozen=True)
class Left:
    """What an act in progress would have recorded."""

    facts: Sequence[Fact]
    names: Sequence[Reservation]


class Stage(Protocol):
    """Where a work stands: what had happened before it, and how it is carried out."""

    def happened(self, *facts: Fact) -> None:
        """Let these facts have been recorded before."""

    def work(self) -> Work:
        """A new act in progress, at noon, for the office."""

    def do(self, asked: Coroutine[Any, Any, T]) -> T:
        """The answer to what was asked."""

    def left(self, work: Work) -> Left:
        """What the act leaves behind."""


def registered(record: UUID) -> OrganisationRegistered:
    """An organisation's first fact."""
    names = (Text("ko", "부산진구"),)
    return OrganisationRegistered(
        record, 1, NOON, originator_topic="organisation", office=OFFICE, kind="office", names=names, country="KR"
    )


def alias(record: UUID, version: int, name: str) -> AliasStated:
    """An organisation's next fact."""
    return AliasStated(record, version, NOON, name=Text("ko", name), confirmed=True)


def state_alias(organisation: Organisation, name: str) -> None:
    """Let the organisation take a name."""
    organisation.state_alias(Text("ko", name), confirmed=True, at=NOON, provenance=None)


class WorkCases:
    """The cases; a subclass brings the stage as a fixture."""

    def test_it_knows_when_it_is_and_for_whom(self, stage: Stage) -> None:
        work = stage.work()
        assert (work.now, work.today, work.office) == (NOON, NOON.date(), OFFICE)

    def test_a_record_is_loaded_as_its_facts_have_made_it(self, stage: Stage) -> None:
        record = uuid4()
        stage.happened(registered(record), alias(record, 2, "진구"))
        loaded = stage.do(stage.work().load(Organisation, record))
        assert (loaded.id, loaded.version, loaded.office) == (record, 2, OFFICE)
        assert loaded.names == {Text("ko", "부산진구"), Text("ko", "진구")}
        assert loaded.facts == []

    def test_a_record_that_is_loaded_twice_is_one_and_takes_changes_to_both(self, stage: Stage) -> None:
        record = uuid4()
        stage.happened(registered(record))
        work = stage.work()
        state_alias(stage.do(work.load(Organisation, record)), "하나")
        state_alias(stage.do(work.load(Organisation, record)), "둘")
        assert stage.left(work) == Left([alias(record, 2, "하나"), alias(record, 3, "둘")], [])

    def test_nobodys_id_is_not_found(self, stage: Stage) -> None:
        with pytest.raises(NotFound, match=r"^record\.unknown"):
            stage.do(stage.work().load(Organisation, uuid4()))

    def test_a_record_of_another_slice_is_not_found(self, stage: Stage) -> None:
        record = uuid4()
        stage.happened(registered(record))
        with pytest.raises(NotFound, match=r"^record\.unknown"):
            stage.do(stage.work().load(Agreement, record))

    def test_a_record_exists_in_its_own_slice_and_in_no_other(self, stage: Stage) -> None:
        record = uuid4()
        stage.happened(registered(record))
        work = stage.work()
        asked = [("organisation", record), ("agreement", record), ("organisation", uuid4())]
        assert [stage.do(work.exists(kind, one)) for kind, one in asked] == [True, False, False]

    def test_a_record_that_the_act_itself_starts_does_not_exist_yet(self, stage: Stage) -> None:
        record = uuid4()
        work = stage.work()
        work.add(Organisation.begin(registered(record)))
        assert stage.do(work.exists("organisation", record)) is False

    def test_the_office_of_a_record_is_the_one_that_owns_it(self, stage: Stage) -> None:
        record = uuid4()
        stage.happened(registered(record))
        assert stage.do(stage.work().office_of("organisation", record)) == OFFICE

    @pytest.mark.parametrize("kind", ["organisation", "agreement"])
    def test_there_is_no_office_of_what_is_not_there(self, stage: Stage, kind: str) -> None:
        with pytest.raises(NotFound, match=r"^record\.unknown"):
            stage.do(stage.work().office_of(kind, uuid4()))

    def test_there_is_no_office_of_a_record_in_another_slice(self, stage: Stage) -> None:
        record = uuid4()
        stage.happened(registered(record))
        with pytest.raises(NotFound, match=r"^record\.unknown"):
            stage.do(stage.work().office_of("agreement", record))

    def test_a_record_that_the_act_starts_can_be_loaded_and_has_an_office(self, stage: Stage) -> None:
        record = uuid4()
        work = stage.work()
        work.add(Organisation.begin(registered(record)))
        state_alias(stage.do(work.load(Organisation, record)), "진구")
        assert stage.do(work.office_of("organisation", record)) == OFFICE
        assert stage.left(work).facts == [registered(record), alias(record, 2, "진구")]

    def test_what_several_records_tell_is_left_in_the_order_in_which_they_were_taken_up(self, stage: Stage) -> None:
        first, untouched, new = uuid4(), uuid4(), uuid4()
        stage.happened(registered(first))
        stage.happened(registered(untouched))
        work = stage.work()
        loaded = stage.do(work.load(Organisation, first))
        stage.do(work.load(Organisation, untouched))
        work.add(Organisation.begin(registered(new)))
        state_alias(loaded, "진구")
        assert stage.left(work) == Left([alias(first, 2, "진구"), registered(new)], [])

    def test_names_are_asked_for_in_order_and_nothing_says_yet_whether_they_are_free(self, stage: Stage) -> None:
        record, other = uuid4(), uuid4()
        work = stage.work()
        for holder in (record, other):
            work.reserve("test.number", "1", holder)
        assert stage.left(work) == Left(
            [], [Reservation("test.number", "1", record), Reservation("test.number", "1", other)]
        )

    def test_after_something_was_not_found_the_work_can_go_on(self, stage: Stage) -> None:
        record = uuid4()
        work = stage.work()
        with pytest.raises(NotFound):
            stage.do(work.load(Organisation, record))
        work.add(Organisation.begin(registered(record)))
        assert stage.left(work) == Left([registered(record)], [])
