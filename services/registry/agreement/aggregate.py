"""The rules of an agreement: who may sign, when it is signed, and what term it can have."""

from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from registry.agreement.events import (
    AgreementDrafted,
    AgreementEnteredIntoForce,
    AgreementFact,
    AgreementSigned,
    AgreementSignedOnPaper,
    PartySigned,
    State,
    TermSet,
)
from registry.kernel.aggregates import Record
from registry.kernel.dates import FuzzyDate, lies_ahead
from registry.kernel.errors import RuleBroken
from registry.kernel.facts import record
from registry.kernel.terms import Term
from registry.kernel.values import Provenance


@record("agreement")
class Agreement(Record):
    """An agreement between two or more parties."""

    def sign(
        self, organisation: UUID, *, on: date, place: str | None, at: datetime, provenance: Provenance | None
    ) -> None:
        """Record one party's signature; the last one completes the signing."""
        if self.signed_on_paper:
            raise RuleBroken(
                "agreement.already_signed",
                ko="이미 체결이 끝난 협약으로 등록되어 있어 서명을 더 기록할 수 없습니다.",
                en="This agreement was registered as signed already: no signature can be added.",
            )
        if organisation not in self.unsigned and organisation not in self.signed_by:
            raise RuleBroken(
                "agreement.not_a_party",
                ko="이 기관은 협약의 당사자가 아닙니다. 당사자 목록에 있는 기관을 골라 주세요.",
                en="This organisation is not a party to the agreement: choose one of its parties.",
            )
        if organisation in self.signed_by:
            raise RuleBroken(
                "agreement.party_already_signed",
                ko="이 당사자의 서명은 이미 기록되어 있습니다.",
                en="This party's signature is recorded already.",
            )
        _must_have_come(FuzzyDate.of(on), at)
        self.happened(PartySigned(*self.next(at), organisation=organisation, on=on, place=place, provenance=provenance))
        if not self.unsigned and not self.unnamed:
            self.happened(AgreementSigned(*self.next(at), on=max(self.signed_by.values()), provenance=provenance))

    def sign_on_paper(
        self, *, on: FuzzyDate | None, place: str | None, at: datetime, provenance: Provenance | None
    ) -> None:
        """Record that it had been signed before it was registered."""
        if on is not None:
            _must_have_come(on, at)
        self.happened(AgreementSignedOnPaper(*self.next(at), on=on, place=place, provenance=provenance))

    def enter_into_force(self, *, on: date, at: datetime, provenance: Provenance | None) -> None:
        """Record the first day in force of a signed agreement."""
        if self.state == "in_force":
            raise RuleBroken(
                "agreement.already_in_force",
                ko="이미 발효된 협약입니다.",
                en="This agreement is in force already.",
            )
        if self.state != "signed":
            raise RuleBroken(
                "agreement.not_signed",
                ko="모든 당사자의 서명을 먼저 기록해 주세요. 체결된 협약만 발효할 수 있습니다.",
                en="Record every party's signature first: only a signed agreement enters into force.",
            )
        if self.signed_on is not None and on < self.signed_on:
            raise RuleBroken(
                "agreement.in_force_before_signing",
                ko=f"발효일은 체결일({self.signed_on})보다 빠를 수 없습니다.",
                en=f"It cannot enter into force before it was signed ({self.signed_on}).",
            )
        self.happened(AgreementEnteredIntoForce(*self.next(at), on=on, provenance=provenance))

    def set_term(self, term: Term, *, at: datetime, provenance: Provenance | None) -> None:
        """Record how long the agreement holds and how it goes on."""
        _check(term)
        if self.state != "in_force":
            raise RuleBroken(
                "agreement.not_in_force",
                ko="발효를 먼저 기록해 주세요. 기간은 발효된 협약에 정할 수 있습니다.",
                en="Record its entry into force first: a term is set for an agreement that is in force.",
            )
        self.happened(TermSet(*self.next(at), term=term, cycle=self.cycle, provenance=provenance))

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.in_force_since is not None:
            return "in_force"
        if self.signed_on_paper or self.signed_on is not None:
            return "signed"
        return "part_signed" if self.signed_by else "drafted"

    def apply(self, fact: AgreementFact) -> None:
        """Remember a fact."""
        match fact:
            case AgreementDrafted(parties=parties, office=office):
                self.owned_by(office)
                self.unsigned: set[UUID] = {p.organisation for p in parties if p.organisation is not None}
                self.unnamed: int = sum(p.organisation is None for p in parties)
                self.signed_by: dict[UUID, date] = {}
                self.signed_on: date | None = None
                self.signed_on_paper: bool = False
                self.in_force_since: date | None = None
                self.cycle: int = 1
            case PartySigned(organisation=organisation, on=on):
                self.unsigned.discard(organisation)
                self.signed_by[organisation] = on
            case AgreementSigned(on=on):
                self.signed_on = on
            case AgreementSignedOnPaper(on=stated):
                self.signed_on_paper = True
                self.signed_on = stated.earliest if stated else None
            case AgreementEnteredIntoForce(on=on):
                self.in_force_since = on
            case TermSet(cycle=cycle):
                self.cycle = cycle
            case _:
                assert_never(fact)


def _must_have_come(day: FuzzyDate, at: datetime) -> None:
    if lies_ahead(day, at):
        raise RuleBroken(
            "agreement.signed_ahead",
            ko=f"아직 오지 않은 날짜({day})에는 서명을 기록할 수 없습니다. 서명한 뒤에 기록해 주세요.",
            en=f"That day ({day}) has not come yet: record the signature once it has been made.",
        )


def _check(term: Term) -> None:
    if term.end is not None and term.end < term.start:
        raise RuleBroken(
            "agreement.end_before_start",
            ko=f"종료일({term.end})이 시작일({term.start})보다 빠릅니다. 날짜를 다시 확인해 주세요.",
            en=f"The end ({term.end}) lies before the start ({term.start}): check both dates.",
        )
    if (term.end_kind == "on") != (term.end is not None):
        raise RuleBroken(
            "agreement.end_and_kind_disagree",
            ko="종료일이나 기간을 적거나, 종료를 '기한을 정하지 않음' 또는 '확인되지 않음'으로 골라 주세요.",
            en="Give an end day or a length, or say that the end is indefinite or unknown.",
        )
    if (term.length and not term.length.positive) or (term.notice and not term.notice.positive):
        raise RuleBroken(
            "agreement.length_of_nothing",
            ko="기간과 통보 기간은 0보다 길어야 합니다. 없으면 비워 두세요.",
            en="A length and a notice period are longer than nothing: leave them out where there is none.",
        )
    if term.renewal == "tacit" and not (term.period and term.period.positive):
        raise RuleBroken(
            "agreement.tacit_without_period",
            ko="자동연장에는 한 번에 연장되는 기간이 필요합니다. 0보다 긴 기간을 입력해 주세요.",
            en="Tacit renewal needs the length of each renewal: give a period longer than zero.",
        )
