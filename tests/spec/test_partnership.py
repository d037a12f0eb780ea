"""A partnership lasts apart from any one text: it is established as stated, lapses, and resumes after it lapsed."""

from typing import Any
from uuid import UUID

from registry.kernel.dates import FuzzyDate
from registry.kernel.values import Text
from registry.partnership.commands import EstablishPartnership, LapsePartnership, ResumePartnership
from registry.partnership.events import PartnershipEstablished, PartnershipLapsed, PartnershipResumed
from registry.partnership.projection import VIEW

from tests.spec.scenario import Told, fact, given, seen

BUSANJIN = UUID(int=0xB1)
XICHENG = UUID(int=0xC1)
MOU = UUID(int=0xA1)
KNOWN = {"organisation": {BUSANJIN, XICHENG}, "agreement": {MOU}}
WORDS = Text("ko", "자매도시")


def establish(*organisations: UUID, **more: Any) -> EstablishPartnership:
    return EstablishPartnership(kind="sister", organisations=organisations, **more)


def established(**more: Any) -> Told:
    return fact(PartnershipEstablished, office="busanjin", kind="sister", organisations=(BUSANJIN, XICHENG), **more)


lapsed = fact(PartnershipLapsed, why="코로나19", on=None)
resumed = fact(PartnershipResumed, on=FuzzyDate("2025-06-10"), by=MOU)


def test_a_sister_city_whose_text_and_date_nobody_has_still_has_a_partnership() -> None:
    given(known=KNOWN).when(establish(BUSANJIN, XICHENG, words=WORDS)).then(established(words=WORDS))


def test_it_may_be_established_by_an_agreement_since_a_vague_day() -> None:
    since = FuzzyDate("201X")
    given(known=KNOWN).when(establish(BUSANJIN, XICHENG, since=since, by=MOU)).then(established(since=since, by=MOU))


def test_it_has_two_sides_at_least() -> None:
    given(known=KNOWN).when(establish(BUSANJIN)).refused(
        "request.invalid", organisations="partnership.two_organisations_at_least"
    )


def test_unknown_and_repeated_organisations_and_an_unknown_agreement_are_named_at_once() -> None:
    given(known=KNOWN).when(establish(BUSANJIN, BUSANJIN, UUID(int=9), by=UUID(int=8))).refused(
        "request.invalid",
        organisations__1="partnership.organisation_twice",
        organisations__2="partnership.organisation_unknown",
        by="partnership.agreement_unknown",
    )


def test_it_lapses_on_a_day_that_may_not_be_stated() -> None:
    given(established()).when(LapsePartnership(why="코로나19")).then(lapsed)


def test_it_lapses_once() -> None:
    given(established(), lapsed).when(LapsePartnership(why="코로나19")).refused("partnership.already_lapsed")


def test_it_does_not_lapse_before_it_began() -> None:
    since = established(since=FuzzyDate("2019"))
    given(since).when(LapsePartnership(why="협의 중단", on=FuzzyDate("2018-12"))).refused(
        "partnership.lapsed_before_it_began"
    )
    given(since).when(LapsePartnership(why="협의 중단", on=FuzzyDate("2019"))).then(
        fact(PartnershipLapsed, why="협의 중단", on=FuzzyDate("2019"))
    )


def test_it_resumes_by_an_agreement() -> None:
    given(established(), lapsed, known=KNOWN).when(ResumePartnership(on=FuzzyDate("2025-06-10"), by=MOU)).then(resumed)


def test_what_has_not_lapsed_cannot_resume() -> None:
    given(established()).when(ResumePartnership()).refused("partnership.not_lapsed")
    given(established(), lapsed, resumed).when(ResumePartnership()).refused("partnership.not_lapsed")


def test_it_does_not_resume_before_it_lapsed() -> None:
    in_2020 = fact(PartnershipLapsed, why="코로나19", on=FuzzyDate("2020-02"))
    given(established(), in_2020).when(ResumePartnership(on=FuzzyDate("2020-01-31"))).refused(
        "partnership.resumed_before_lapse"
    )


def test_it_does_not_resume_by_an_agreement_that_nobody_registered() -> None:
    given(established(), lapsed, known=KNOWN).when(ResumePartnership(by=UUID(int=9))).refused(
        "request.invalid", by="partnership.agreement_unknown"
    )


def test_after_it_resumed_it_may_lapse_again_but_not_before_that_day() -> None:
    history = (established(), lapsed, resumed)
    given(*history).when(LapsePartnership(why="예산", on=FuzzyDate("2025-06-09"))).refused(
        "partnership.lapsed_before_it_began"
    )
    given(*history).when(LapsePartnership(why="예산", on=FuzzyDate("2025-06-11"))).then(
        fact(PartnershipLapsed, why="예산", on=FuzzyDate("2025-06-11"))
    )


def test_nothing_happens_to_an_unknown_partnership() -> None:
    given().when(LapsePartnership(why="코로나19")).refused("record.unknown")
    given().when(ResumePartnership()).refused("record.unknown")


def test_the_view_shows_that_it_lapsed() -> None:
    state = seen(VIEW, established(words=WORDS), lapsed)
    assert (state.state, state.version, state.words, state.since) == ("lapsed", 2, WORDS, None)


def test_the_view_shows_every_turn_and_the_agreements() -> None:
    state = seen(VIEW, established(), lapsed, resumed)
    assert [(turn.state, turn.on, turn.why, turn.by) for turn in state.turns] == [
        ("lapsed", None, "코로나19", None),
        ("resumed", FuzzyDate("2025-06-10"), None, MOU),
    ]
    assert (state.state, state.agreements) == ("active", (MOU,))
