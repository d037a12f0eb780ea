"""The demonstration says what its two documents say, no more and no surer, and says it once."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import registry.agreement.commands
import registry.delegation.commands
import registry.organisation.commands
import registry.partnership.commands
from registry.agreement.events import AgreementDrafted, AgreementEnteredIntoForce, AgreementSignedOnPaper, TermSet
from registry.delegation.events import DelegationRegistered, FollowUpPromised, StopHeld
from registry.kernel.commands import HANDLERS, Command
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact
from registry.organisation.events import AliasStated, OrganisationRegistered
from registry.partnership.events import PartnershipEstablished, PartnershipLapsed, PartnershipResumed

from deploy.demo.api import Answer
from deploy.demo.load import load, loaded_elsewhere
from deploy.demo.story import Step, Story, stories
from tests.spec.fake_work import FakeWork
from tests.spec.scenario import NOW, finish

SLICES = (
    registry.agreement.commands,
    registry.delegation.commands,
    registry.organisation.commands,
    registry.partnership.commands,
)
COMMANDS: dict[str, type[Command]] = {
    command.name: command for command in HANDLERS if command.__module__ in {each.__name__ for each in SLICES}
}
OPENINGS = {"organisation": "register", "agreement": "draft", "delegation": "register", "partnership": "establish"}
STORIES = {story.office: story for story in stories()}
# How the two documents introduce a person: by office or by telephone extension.
PERSONS = re.compile("구청장|과장|팀장|담당자|기자|병원장|원장|대표 |☎")


@dataclass
class Told:
    """A registry that runs each command by its own rules and remembers what came of it."""

    office: str
    histories: dict[UUID, list[Fact]] = field(default_factory=dict)
    known: dict[str, set[UUID]] = field(default_factory=dict)
    answers: dict[UUID, Answer] = field(default_factory=dict)
    log: list[Fact] = field(default_factory=list)

    def head(self) -> int:
        return len(self.log)

    def has_agreement(self, office: str, year: int, number: str) -> bool:
        drafted = (fact for fact in self.log if isinstance(fact, AgreementDrafted))
        return any((fact.office, fact.year, fact.number) == (office, year, number) for fact in drafted)

    def post(self, path: str, body: dict[str, Any], command: UUID) -> Answer:
        if command not in self.answers:
            self.answers[command] = self._run(path, body, command)
        return self.answers[command]

    def _run(self, path: str, body: dict[str, Any], command: UUID) -> Answer:
        plural, _, rest = path.removeprefix("/api/v1/").partition("/")
        kind = plural.removesuffix("s")
        record, _, verb = rest.partition("/")
        target = UUID(record) if record else command
        asked = COMMANDS[f"{kind}.{verb or OPENINGS[kind]}"].model_validate(body)
        work = FakeWork(NOW, self.office, self.histories, self.known)
        finish(HANDLERS[type(asked)](asked, target, work))
        self.histories.setdefault(target, []).extend(work.facts)
        self.known.setdefault(kind, set()).add(target)
        self.log.extend(work.facts)
        return Answer(str(target), len(self.log))


def nobody_watches() -> None:
    """No progress is shown."""


def told(office: str) -> Told:
    into = Told(office)
    load(STORIES[office], into, tick=nobody_watches)
    return into


def of(kind: type[Any], office: str) -> list[Any]:
    return [fact for fact in told(office).log if isinstance(fact, kind)]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_every_step_is_taken_and_a_second_telling_adds_nothing(story: Story) -> None:
    into = Told(story.office)
    first = load(story, into, tick=nobody_watches)
    second = load(story, into, tick=nobody_watches)
    assert (first.new, first.position, first.elsewhere) == (len(into.log), len(into.log), False)
    assert (second.new, second.records, second.position) == (0, first.records, first.position)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_another_account_loaded_is_left_alone(story: Story) -> None:
    into = told(story.office)
    before = into.head()
    found = loaded_elsewhere(story, into)
    assert found is not None
    assert (found.elsewhere, found.new, found.position, into.head()) == (True, 0, before, before)
    assert loaded_elsewhere(story, Told(story.office)) is None


def test_every_step_has_an_id_of_its_own() -> None:
    steps = [step for story in STORIES.values() for step in story.steps]
    assert len({step.id for step in steps}) == len(steps)


def test_ids_are_those_of_every_earlier_run() -> None:
    assert Step("busanjin", "xicheng", "organisation.register", None, {}).id == UUID(
        "18f05cf7-0e4a-52fb-b443-39dd6e9f0d43"
    )


@pytest.mark.parametrize("office", STORIES)
def test_every_fact_names_its_document_and_passage(office: str) -> None:
    for fact in told(office).log:
        assert fact.provenance is not None
        assert fact.provenance.source
        assert fact.provenance.locator
        assert fact.provenance.attributed_to


@pytest.mark.parametrize("office", STORIES)
def test_no_end_no_notice_and_no_entry_into_force_is_recorded(office: str) -> None:
    assert not of(TermSet, office)
    assert not of(AgreementEnteredIntoForce, office)


def test_no_person_is_named() -> None:
    for story in STORIES.values():
        assert not PERSONS.search(str(story))


def test_busanjin_four_agreements_one_of_them_with_two_parties_that_nobody_names() -> None:
    agreements = of(AgreementDrafted, "busanjin")
    shape = [
        (len(each.parties), sum(p.organisation is None for p in each.parties), each.stated_parties)
        for each in agreements
    ]
    assert shape == [(4, 2, 4), (2, 0, None), (2, 0, None), (2, 0, None)]
    assert [str(each.on) for each in of(AgreementSignedOnPaper, "busanjin")] == [
        "2025-06-09",
        "2025-06-09",
        "2025-06-09",
        "2025-06-10",
    ]


def test_busanjin_eleven_institutions_are_stated_and_nine_named() -> None:
    [delegation] = of(DelegationRegistered, "busanjin")
    assert (delegation.stated_headcount, delegation.stated_institutions, len(delegation.members)) == (20, 11, 9)
    assert (delegation.starts, delegation.ends) == (None, None)


def test_busanjin_every_agreement_is_linked_to_the_stop_where_it_was_signed() -> None:
    stops = of(StopHeld, "busanjin")
    assert [(stop.number, str(stop.on), len(stop.agreements)) for stop in stops] == [
        (1, "2025-06-09", 0),
        (2, "2025-06-09", 3),
        (3, "2025-06-10", 1),
        (4, "2025-06-10", 0),
        (5, "2025-06-10", 0),
    ]


def test_busanjin_what_was_announced_stays_planned() -> None:
    promised = of(FollowUpPromised, "busanjin")
    assert [(each.on, each.provenance.modality) for each in promised] == [
        (FuzzyDate("2025-10?"), "planned"),
        (None, "planned"),
        (None, "planned"),
    ]


def test_busanjin_the_dental_clinics_other_name_is_to_be_confirmed() -> None:
    assert [(each.name.text, each.confirmed) for each in of(AliasStated, "busanjin")] == [("라인업치과", False)]
    assert len(of(OrganisationRegistered, "busanjin")) == 15


def test_busanjin_the_relation_with_xicheng_resumes_by_the_agreement() -> None:
    [lapsed], [resumed] = of(PartnershipLapsed, "busanjin"), of(PartnershipResumed, "busanjin")
    assert (lapsed.on, str(resumed.on)) == (None, "2025-06-10")
    assert resumed.by == of(AgreementDrafted, "busanjin")[3].originator_id


def test_yeongdeungpo_four_agreements_two_of_them_with_counterparties_that_nobody_names() -> None:
    agreements = of(AgreementDrafted, "yeongdeungpo")
    signed = of(AgreementSignedOnPaper, "yeongdeungpo")
    assert [
        (agreement.kind, agreement.year, str(paper.on), sum(p.organisation is None for p in agreement.parties))
        for agreement, paper in zip(agreements, signed, strict=True)
    ] == [
        ("mou", 2018, "2018-09-27", 1),
        ("loi", 2019, "2019-02-18/2019-02-20", 0),
        ("mou", 2019, "2019-05-24", 0),
        ("mou", 2020, "2020-02-05", 1),
    ]


def test_yeongdeungpo_a_sister_city_without_a_date() -> None:
    [sister] = of(PartnershipEstablished, "yeongdeungpo")
    assert (sister.kind, sister.since, sister.by, len(sister.organisations)) == ("sister", None, None, 2)
