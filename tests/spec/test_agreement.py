"""An agreement has two parties at least; the last signature completes it; then it enters into force, with a term.

What was signed on paper is registered in one act. A term's last day is counted as the Civil Act says.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from registry.agreement.commands import (
    DraftAgreement,
    EnterIntoForce,
    SetTerm,
    SignAgreement,
    SignedOnPaper,
    StatedTerm,
)
from registry.agreement.events import (
    AgreementDrafted,
    AgreementEnteredIntoForce,
    AgreementSigned,
    AgreementSignedOnPaper,
    Party,
    PartySigned,
    TermSet,
)
from registry.agreement.projection import VIEW
from registry.kernel.dates import FuzzyDate
from registry.kernel.terms import Deadline, Period, Term
from registry.kernel.values import Provenance, Text

from tests.spec.scenario import RECORD, Told, fact, given, seen

BUSANJIN = UUID(int=0xB1)
XICHENG = UUID(int=0xC1)
STRANGER = UUID(int=0xF1)
PARENT = UUID(int=0xA1)
KNOWN = {"organisation": {BUSANJIN, XICHENG, STRANGER}, "agreement": {PARENT}}
JUNE_9, JUNE_10 = date(2025, 6, 9), date(2025, 6, 10)
TITLES = (Text("ko", "부산진구–시청구 업무협약"),)
SOURCE = Provenance("2025 의료관광 해외설명회 보도", modality="reported")


def parties(*sides: UUID | str) -> tuple[Party, ...]:
    return tuple(Party(placeholder=side) if isinstance(side, str) else Party(side) for side in sides)


def draft(*sides: UUID | str, **more: Any) -> DraftAgreement:
    return DraftAgreement(number="12", year=2025, kind="mou", titles=TITLES, parties=parties(*sides), **more)


def drafted_between(*sides: UUID | str, **more: Any) -> Told:
    return fact(
        AgreementDrafted,
        office="busanjin",
        number="12",
        year=2025,
        kind="mou",
        titles=TITLES,
        fields=(),
        parties=parties(*sides),
        **more,
    )


def sign(organisation: UUID, *, on: date = JUNE_10) -> SignAgreement:
    return SignAgreement(organisation=organisation, on=on, place="베이징 시청구")


def signed_by(organisation: UUID, *, on: date = JUNE_10) -> Told:
    return fact(PartySigned, organisation=organisation, on=on, place="베이징 시청구")


drafted = drafted_between(BUSANJIN, XICHENG)
signed = (drafted, signed_by(BUSANJIN), signed_by(XICHENG), fact(AgreementSigned, on=JUNE_10))
in_force = (*signed, fact(AgreementEnteredIntoForce, on=JUNE_10))


def test_a_draft_takes_its_number_in_the_offices_register_of_the_year() -> None:
    given(known=KNOWN).when(draft(BUSANJIN, XICHENG, provenance=SOURCE)).then(
        drafted_between(BUSANJIN, XICHENG, provenance=SOURCE)
    ).reserved(("agreement.number:busanjin:2025", "12"))


def test_a_party_that_is_not_named_yet_may_be_a_placeholder() -> None:
    given(known=KNOWN).when(draft(BUSANJIN, "현지 기관")).then(drafted_between(BUSANJIN, "현지 기관"))


def test_a_stated_count_of_parties_may_disagree_with_the_list() -> None:
    given(known=KNOWN).when(draft(BUSANJIN, XICHENG, stated_parties=4)).then(
        drafted_between(BUSANJIN, XICHENG, stated_parties=4)
    )


def test_one_party_alone_is_refused() -> None:
    given(known=KNOWN).when(draft(BUSANJIN)).refused("request.invalid", parties="agreement.two_parties_at_least")


def test_a_party_is_an_organisation_or_a_placeholder_but_not_both() -> None:
    both = (Party(BUSANJIN), Party(XICHENG, "현지 기관"), Party())
    command = DraftAgreement(number="12", year=2025, kind="mou", titles=TITLES, parties=both)
    given(known=KNOWN).when(command).refused(
        "request.invalid", parties__1="agreement.party_unclear", parties__2="agreement.party_unclear"
    )


def test_the_same_party_twice_is_refused() -> None:
    given(known=KNOWN).when(draft(BUSANJIN, BUSANJIN)).refused("request.invalid", parties__1="agreement.party_twice")


def test_an_unknown_party_and_an_unknown_parent_are_named_at_once() -> None:
    given(known=KNOWN).when(draft(BUSANJIN, UUID(int=9), parent=UUID(int=8))).refused(
        "request.invalid", parties__1__organisation="agreement.party_unknown", parent="agreement.parent_unknown"
    )


def test_a_parent_that_is_registered_is_kept() -> None:
    given(known=KNOWN).when(draft(BUSANJIN, XICHENG, parent=PARENT)).then(
        drafted_between(BUSANJIN, XICHENG, parent=PARENT)
    )


def test_an_agreement_signed_on_paper_is_registered_in_one_act() -> None:
    paper = SignedOnPaper(on=FuzzyDate("2019-02-18/2019-02-20"), place="상하이")
    given(known=KNOWN).when(draft(BUSANJIN, XICHENG, signed_on_paper=paper)).then(
        drafted_between(BUSANJIN, XICHENG),
        fact(AgreementSignedOnPaper, on=FuzzyDate("2019-02-18/2019-02-20"), place="상하이"),
    )


def test_the_first_signature_does_not_complete_the_signing() -> None:
    given(drafted).when(sign(BUSANJIN)).then(signed_by(BUSANJIN))


def test_the_last_signature_completes_the_signing() -> None:
    given(drafted, signed_by(BUSANJIN)).when(sign(XICHENG)).then(signed_by(XICHENG), fact(AgreementSigned, on=JUNE_10))


def test_the_signing_is_complete_on_the_latest_day_of_signature_whatever_the_order() -> None:
    given(drafted, signed_by(BUSANJIN, on=JUNE_10)).when(sign(XICHENG, on=JUNE_9)).then(
        signed_by(XICHENG, on=JUNE_9), fact(AgreementSigned, on=JUNE_10)
    )


def test_the_signing_is_not_complete_while_a_party_is_unnamed() -> None:
    given(drafted_between(BUSANJIN, "현지 기관")).when(sign(BUSANJIN)).then(signed_by(BUSANJIN))


def test_a_stranger_cannot_sign() -> None:
    given(drafted).when(sign(STRANGER)).refused("agreement.not_a_party")


def test_nobody_signs_twice() -> None:
    given(drafted, signed_by(BUSANJIN)).when(sign(BUSANJIN)).refused("agreement.party_already_signed")


def test_nobody_signs_what_was_signed_on_paper() -> None:
    given(drafted, fact(AgreementSignedOnPaper, on=None)).when(sign(BUSANJIN)).refused("agreement.already_signed")


def test_a_signature_on_an_unknown_agreement_is_refused() -> None:
    given().when(sign(BUSANJIN)).refused("record.unknown")


def test_a_signed_agreement_enters_into_force() -> None:
    given(*signed).when(EnterIntoForce(on=JUNE_10)).then(fact(AgreementEnteredIntoForce, on=JUNE_10))


def test_an_unsigned_agreement_does_not_enter_into_force() -> None:
    given(drafted, signed_by(BUSANJIN)).when(EnterIntoForce(on=JUNE_10)).refused("agreement.not_signed")


def test_it_does_not_enter_into_force_before_it_was_signed() -> None:
    given(*signed).when(EnterIntoForce(on=JUNE_9)).refused("agreement.in_force_before_signing")


def test_on_paper_only_a_day_that_certainly_lies_before_the_signing_is_refused() -> None:
    on_paper = (drafted, fact(AgreementSignedOnPaper, on=FuzzyDate("2019-02-18/2019-02-20")))
    given(*on_paper).when(EnterIntoForce(on=date(2019, 2, 17))).refused("agreement.in_force_before_signing")
    given(*on_paper).when(EnterIntoForce(on=date(2019, 2, 18))).then(
        fact(AgreementEnteredIntoForce, on=date(2019, 2, 18))
    )


def test_it_enters_into_force_once() -> None:
    given(*in_force).when(EnterIntoForce(on=JUNE_10)).refused("agreement.already_in_force")


def test_entry_into_force_and_term_are_one_act() -> None:
    stated = StatedTerm(start=JUNE_10, end=date(2028, 6, 9), renewal="tacit", period=Period(years=3))
    given(*signed).when(EnterIntoForce(on=JUNE_10, term=stated)).then(
        fact(AgreementEnteredIntoForce, on=JUNE_10),
        fact(TermSet, term=Term(JUNE_10, "on", date(2028, 6, 9), renewal="tacit", period=Period(years=3)), cycle=1),
    )


def test_an_act_whose_term_is_refused_records_nothing() -> None:
    stated = StatedTerm(start=JUNE_10, end=JUNE_9)
    given(*signed).when(EnterIntoForce(on=JUNE_10, term=stated)).refused("agreement.end_before_start")


def test_a_term_needs_an_agreement_in_force() -> None:
    given(*signed).when(SetTerm(term=StatedTerm(start=JUNE_10, end=JUNE_10))).refused("agreement.not_in_force")


def test_the_end_does_not_lie_before_the_start() -> None:
    given(*in_force).when(SetTerm(term=StatedTerm(start=JUNE_10, end=JUNE_9))).refused("agreement.end_before_start")


@pytest.mark.parametrize("period", [None, Period()])
def test_tacit_renewal_needs_a_period_above_zero(period: Period | None) -> None:
    stated = StatedTerm(start=JUNE_10, end=date(2028, 6, 9), renewal="tacit", period=period)
    given(*in_force).when(SetTerm(term=stated)).refused("agreement.tacit_without_period")


def test_a_missing_end_is_unknown_and_never_indefinite() -> None:
    given(*in_force).when(SetTerm(term=StatedTerm(start=JUNE_10))).refused("agreement.end_and_kind_disagree")
    stated = StatedTerm(start=JUNE_10, end_kind="unknown", end_words="별도 합의 시까지")
    given(*in_force).when(SetTerm(term=stated)).then(
        fact(TermSet, term=Term(JUNE_10, "unknown", end_words="별도 합의 시까지"), cycle=1)
    )


def test_an_indefinite_term_has_no_end_day() -> None:
    stated = StatedTerm(start=JUNE_10, end_kind="indefinite", end=date(2028, 6, 9))
    given(*in_force).when(SetTerm(term=stated)).refused("agreement.end_and_kind_disagree")


@pytest.mark.parametrize(
    ("start", "length", "from_midnight", "last"),
    [
        (date(2024, 4, 30), Period(months=1), False, date(2024, 5, 31)),
        (date(2023, 2, 28), Period(years=1), False, date(2024, 2, 29)),
        (date(2026, 1, 1), Period(years=1), True, date(2026, 12, 31)),
        (date(2025, 6, 10), Period(years=3), False, date(2028, 6, 10)),
        (date(2025, 6, 10), Period(years=3), True, date(2028, 6, 9)),
        (date(2023, 1, 30), Period(months=1), False, date(2023, 2, 28)),
        (date(2025, 6, 10), Period(days=10), False, date(2025, 6, 20)),
    ],
)
def test_the_last_day_of_a_length_is_counted_as_the_civil_act_says(
    start: date, length: Period, from_midnight: bool, last: date
) -> None:
    stated = StatedTerm(start=start, length=length, from_midnight=from_midnight)
    force = fact(AgreementEnteredIntoForce, on=start)
    on_paper = (drafted, fact(AgreementSignedOnPaper, on=None), force)
    given(*on_paper).when(SetTerm(term=stated)).then(
        fact(TermSet, term=Term(start, "on", last, length=length, from_midnight=from_midnight), cycle=1)
    )


@pytest.mark.parametrize("day", [date.min, date(1799, 12, 31), date(3000, 1, 1), date.max])
def test_a_term_at_the_edge_of_the_calendar_is_refused_before_it_is_counted(day: date) -> None:
    with pytest.raises(ValidationError):
        StatedTerm(start=day, length=Period(years=1200))


def test_the_longest_periods_stay_within_the_calendar() -> None:
    longest = Period(years=1200, months=1200, days=1200)
    counted = StatedTerm(start=date(2999, 12, 31), length=longest, notice=longest).counted()
    assert counted.end is not None
    assert counted.end - timedelta(days=1) > counted.start
    assert longest.before(date(1800, 1, 1)).year > 1


def test_the_view_shows_signatures_force_and_the_day_by_which_to_speak_up() -> None:
    term = Term(JUNE_10, "on", date(2028, 6, 9), renewal="tacit", period=Period(years=3), notice=Period(months=3))
    state = seen(VIEW, *in_force, fact(TermSet, term=term, cycle=1))
    assert (state.id, state.version, state.state) == (RECORD, 6, "in_force")
    assert [(p.organisation, p.signed_on) for p in state.parties] == [(BUSANJIN, JUNE_10), (XICHENG, JUNE_10)]
    assert (state.signed, state.in_force_since, state.term) == (FuzzyDate("2025-06-10"), JUNE_10, term)
    assert state.notice_deadline == Deadline(date(2028, 3, 9), date(2028, 3, 8))


def test_the_view_keeps_a_vague_day_vague() -> None:
    state = seen(VIEW, drafted, fact(AgreementSignedOnPaper, on=FuzzyDate("XXXX-10-12")))
    assert (state.state, state.signed, state.signed_on_paper) == ("signed", FuzzyDate("XXXX-10-12"), True)


def test_a_signature_on_a_day_that_has_not_come_anywhere_is_refused() -> None:
    given(drafted, known=KNOWN).when(sign(BUSANJIN, on=date(2025, 7, 2))).refused("agreement.signed_ahead")


def test_a_signature_where_the_day_has_begun_already_is_taken() -> None:
    given(drafted, known=KNOWN).when(sign(BUSANJIN, on=date(2025, 7, 1))).then(signed_by(BUSANJIN, on=date(2025, 7, 1)))


def test_what_was_signed_on_paper_was_not_signed_in_the_future() -> None:
    command = draft(BUSANJIN, XICHENG, signed_on_paper=SignedOnPaper(on=FuzzyDate("2025-08")))
    given(known=KNOWN).when(command).refused("agreement.signed_ahead")


def test_a_term_has_an_end_or_a_length_but_not_both() -> None:
    term = StatedTerm(start=JUNE_10, end=date(2028, 6, 9), length=Period(years=3))
    given(*in_force, known=KNOWN).when(SetTerm(term=term)).refused(
        "request.invalid", term__length="agreement.end_and_length"
    )


def test_what_the_text_said_of_the_term_is_kept_beside_what_was_counted() -> None:
    stated = StatedTerm(start=JUNE_10, length=Period(years=3), renewal="tacit", period=Period(years=3))
    counted = Term(JUNE_10, "on", date(2028, 6, 10), length=Period(years=3), renewal="tacit", period=Period(years=3))
    given(*in_force, known=KNOWN).when(SetTerm(term=stated)).then(fact(TermSet, term=counted, cycle=1))


@pytest.mark.parametrize(
    ("stated", "clause"),
    [
        (StatedTerm(start=JUNE_10, end=JUNE_10, notice=Period(months=3)), "before_end"),
        (StatedTerm(start=JUNE_10, end=JUNE_10, no_notice_clause=True), "none"),
        (StatedTerm(start=JUNE_10, end=JUNE_10), "unstated"),
    ],
)
def test_no_clause_about_notice_is_not_the_same_as_nothing_known_of_it(stated: StatedTerm, clause: str) -> None:
    assert stated.counted().notice_clause == clause


@pytest.mark.parametrize("nothing", [{"length": Period()}, {"end": date(2028, 6, 9), "notice": Period()}])
def test_a_length_or_a_notice_of_nothing_is_refused(nothing: dict[str, Any]) -> None:
    command = SetTerm(term=StatedTerm(start=JUNE_10, **nothing))
    given(*in_force, known=KNOWN).when(command).refused("agreement.length_of_nothing")
