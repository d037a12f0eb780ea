"""What can be asked of an agreement."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from registry.agreement.aggregate import Agreement
from registry.agreement.events import AgreementDrafted, Kind, Party
from registry.kernel.commands import Change, Opening, Work, handles
from registry.kernel.dates import Day, FuzzyDate
from registry.kernel.errors import Problems
from registry.kernel.terms import EndKind, Period, Renewal, Term, last_day
from registry.kernel.values import Line, OfficeCode, Text, Whole

_CLOSED = ConfigDict(extra="forbid", frozen=True)
FEWEST_PARTIES = 2
# Far enough from the calendar's ends that no length of a period, either way, can leave it.
TermDay = Annotated[Day, Field(ge=date(1800, 1, 1), le=date(2999, 12, 31))]


class SignedOnPaper(BaseModel):
    """When and where it had been signed, as far as the source says."""

    model_config = _CLOSED
    on: FuzzyDate | None = None
    place: Line | None = None


class DraftAgreement(Opening):
    """Draw up an agreement, or register one that was signed on paper (`signed_on_paper`)."""

    office: OfficeCode | None = None
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z가-힣][0-9A-Za-z가-힣 ./()-]{0,39}$")]
    year: Annotated[Whole, Field(ge=1900, le=2200)]
    kind: Kind
    titles: Annotated[tuple[Text, ...], Field(min_length=1, max_length=10)]
    fields: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    parties: Annotated[tuple[Party, ...], Field(max_length=100)]
    stated_parties: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    parent: UUID | None = None
    signed_on_paper: SignedOnPaper | None = None


@handles(DraftAgreement, name="agreement.draft")
async def draft(command: DraftAgreement, target: UUID, work: Work) -> None:
    """Check the parties, take the number, and begin the agreement."""
    await _check_parties(command, work)
    office = command.office or work.office
    drafted = AgreementDrafted(
        target,
        1,
        work.now,
        originator_topic="agreement",
        office=office,
        number=command.number,
        year=command.year,
        kind=command.kind,
        titles=command.titles,
        fields=command.fields,
        parties=command.parties,
        stated_parties=command.stated_parties,
        parent=command.parent,
        provenance=command.provenance,
    )
    agreement = Agreement.begin(drafted)
    if paper := command.signed_on_paper:
        agreement.sign_on_paper(on=paper.on, place=paper.place, at=work.now, provenance=command.provenance)
    work.reserve(f"agreement.number:{office}:{command.year}", command.number, target)
    work.add(agreement)


async def _check_parties(command: DraftAgreement, work: Work) -> None:
    problems = Problems()
    seen: set[UUID] = set()
    if len(command.parties) < FEWEST_PARTIES:
        problems.add(
            "parties",
            "agreement.two_parties_at_least",
            ko="당사자를 둘 이상 입력해 주세요. 상대방을 아직 모르면 원문에 적힌 대로 가칭을 적을 수 있습니다.",
            en="Give two parties at least; one that is not named yet may be a placeholder in the source's words.",
        )
    for index, party in enumerate(command.parties):
        where = f"parties.{index}"
        if (party.organisation is None) == (party.placeholder is None):
            problems.add(
                where,
                "agreement.party_unclear",
                ko="기관을 고르거나 가칭을 적어 주세요. 둘 중 하나만 필요합니다.",
                en="Choose an organisation or write a placeholder: one of the two.",
            )
        elif party.organisation in seen:
            problems.add(
                where,
                "agreement.party_twice",
                ko="같은 기관이 두 번 들어 있습니다.",
                en="This organisation stands in the list twice.",
            )
        elif party.organisation is not None:
            seen.add(party.organisation)
            if not await work.exists("organisation", party.organisation):
                problems.add(
                    f"{where}.organisation",
                    "agreement.party_unknown",
                    ko="등록되지 않은 기관입니다. 먼저 기관을 등록해 주세요.",
                    en="There is no such organisation: register it first.",
                )
    if command.parent is not None and not await work.exists("agreement", command.parent):
        problems.add(
            "parent",
            "agreement.parent_unknown",
            ko="모협약을 찾을 수 없습니다. 등록된 협약을 골라 주세요.",
            en="There is no such parent agreement: choose a registered one.",
        )
    problems.refuse_if_any()


class SignAgreement(Change):
    """Record the signature of one party."""

    organisation: UUID
    on: Day
    place: Line | None = None


@handles(SignAgreement, name="agreement.sign")
async def sign(command: SignAgreement, target: UUID, work: Work) -> None:
    """Let the agreement take the signature."""
    agreement = await work.load(Agreement, target)
    agreement.sign(command.organisation, on=command.on, place=command.place, at=work.now, provenance=command.provenance)


class StatedTerm(BaseModel):
    """A term as a text states it: an end day, or a length that is counted from the start.

    `from_midnight` says that the text counts its first day (“2026-01-01부터”); `no_notice_clause` that
    the text was read and has no clause about notice.
    """

    model_config = _CLOSED
    start: TermDay
    end_kind: EndKind = "on"
    end: TermDay | None = None
    length: Period | None = None
    from_midnight: bool = False
    end_words: Line | None = None
    renewal: Renewal = "none"
    period: Period | None = None
    notice: Period | None = None
    no_notice_clause: bool = False
    max_cycles: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    counting: Literal["civil-act-157-160"] = "civil-act-157-160"

    def counted(self) -> Term:
        """The term with its last day worked out; Invalid when an end and a length are both given."""
        if self.end is not None and self.length is not None:
            problems = Problems()
            problems.add(
                "term.length",
                "agreement.end_and_length",
                ko="종료일과 기간 중 하나만 적어 주세요. 기간을 적으면 종료일을 계산해 드립니다.",
                en="Give the end or the length, not both: from a length the end is worked out.",
            )
            problems.refuse_if_any()
        end = self.end
        if end is None and self.end_kind == "on" and self.length is not None:
            end = last_day(self.start, self.length, from_midnight=self.from_midnight)
        return Term(
            start=self.start,
            end_kind=self.end_kind,
            end=end,
            length=self.length,
            from_midnight=self.from_midnight,
            end_words=self.end_words,
            renewal=self.renewal,
            period=self.period,
            notice=self.notice,
            notice_clause="before_end" if self.notice else "none" if self.no_notice_clause else "unstated",
            max_cycles=self.max_cycles,
            counting=self.counting,
        )


class EnterIntoForce(Change):
    """Record the first day in force, and the term if the text has one."""

    on: Day
    term: StatedTerm | None = None


@handles(EnterIntoForce, name="agreement.enter-into-force")
async def enter_into_force(command: EnterIntoForce, target: UUID, work: Work) -> None:
    """Entry into force and term, in one act."""
    agreement = await work.load(Agreement, target)
    agreement.enter_into_force(on=command.on, at=work.now, provenance=command.provenance)
    if command.term is not None:
        agreement.set_term(command.term.counted(), at=work.now, provenance=command.provenance)


class SetTerm(Change):
    """Record the term of an agreement that is in force."""

    term: StatedTerm


@handles(SetTerm, name="agreement.set-term")
async def set_term(command: SetTerm, target: UUID, work: Work) -> None:
    """Let the agreement take the term."""
    agreement = await work.load(Agreement, target)
    agreement.set_term(command.term.counted(), at=work.now, provenance=command.provenance)
