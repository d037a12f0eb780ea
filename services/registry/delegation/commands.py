"""What can be asked of a delegation."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from registry.delegation.aggregate import Delegation
from registry.delegation.events import Counterpart, DelegationRegistered, Member
from registry.kernel.commands import Change, Opening, Work, handles
from registry.kernel.dates import FuzzyDate, certainly_before
from registry.kernel.errors import Problems
from registry.kernel.values import Line, OfficeCode, Passage, Text, Whole

Count = Annotated[Whole, Field(ge=1, le=100_000)]
Number = Annotated[Whole, Field(ge=1, le=999)]
Activities = Annotated[tuple[Line, ...], Field(max_length=30)]
Counterparts = Annotated[tuple[Counterpart, ...], Field(max_length=100)]


class RegisterDelegation(Opening):
    """Enter a delegation with the organisations that take part; what the source does not state stays open."""

    office: OfficeCode | None = None
    titles: Annotated[tuple[Text, ...], Field(min_length=1, max_length=10)]
    starts: FuzzyDate | None = None
    ends: FuzzyDate | None = None
    stated_headcount: Count | None = None
    stated_institutions: Count | None = None
    members: Annotated[tuple[Member, ...], Field(max_length=300)] = ()


@handles(RegisterDelegation, name="delegation.register")
async def register(command: RegisterDelegation, target: UUID, work: Work) -> None:
    """Check dates and members, and begin the delegation."""
    problems = Problems()
    if command.starts and command.ends and certainly_before(command.ends, command.starts):
        problems.add(
            "ends",
            "delegation.end_before_start",
            ko="돌아온 날이 떠난 날보다 빠릅니다. 두 날짜를 다시 확인해 주세요.",
            en="It ends before it starts: check both dates.",
        )
    await _check_members(command.members, work, problems)
    problems.refuse_if_any()
    registered = DelegationRegistered(
        target,
        1,
        work.now,
        originator_topic="delegation",
        office=command.office or work.office,
        titles=command.titles,
        starts=command.starts,
        ends=command.ends,
        stated_headcount=command.stated_headcount,
        stated_institutions=command.stated_institutions,
        members=command.members,
        provenance=command.provenance,
    )
    work.add(Delegation.begin(registered))


class PlanStop(Change):
    """Record a stop that is announced; planned is not held."""

    number: Number
    on: FuzzyDate | None = None
    place: Line | None = None
    activities: Activities = ()
    counterparts: Counterparts = ()


@handles(PlanStop, name="delegation.plan-stop")
async def plan_stop(command: PlanStop, target: UUID, work: Work) -> None:
    """Let the delegation take the plan."""
    delegation = await work.load(Delegation, target)
    problems = Problems()
    await _check_counterparts(command.counterparts, work, problems)
    problems.refuse_if_any()
    delegation.plan_stop(
        command.number,
        on=command.on,
        place=command.place,
        activities=command.activities,
        counterparts=command.counterparts,
        at=work.now,
        provenance=command.provenance,
    )


class HoldStop(Change):
    """Record a stop that took place, with whom it was met and what was signed there."""

    number: Number
    on: FuzzyDate
    place: Line | None = None
    activities: Activities = ()
    counterparts: Counterparts = ()
    agreements: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()


@handles(HoldStop, name="delegation.hold-stop")
async def hold_stop(command: HoldStop, target: UUID, work: Work) -> None:
    """Let the delegation take the stop."""
    delegation = await work.load(Delegation, target)
    problems = Problems()
    await _check_counterparts(command.counterparts, work, problems)
    await _check_agreements(command.agreements, work, problems)
    problems.refuse_if_any()
    delegation.hold_stop(
        command.number,
        on=command.on,
        place=command.place,
        activities=command.activities,
        counterparts=command.counterparts,
        agreements=command.agreements,
        at=work.now,
        provenance=command.provenance,
    )


class PromiseFollowUp(Change):
    """Record what was promised for later, in words."""

    words: Passage
    on: FuzzyDate | None = None


@handles(PromiseFollowUp, name="delegation.promise-follow-up")
async def promise_follow_up(command: PromiseFollowUp, target: UUID, work: Work) -> None:
    """Let the delegation take the promise."""
    delegation = await work.load(Delegation, target)
    delegation.promise_follow_up(command.words, on=command.on, at=work.now, provenance=command.provenance)


async def _check_members(members: tuple[Member, ...], work: Work, problems: Problems) -> None:
    seen: set[UUID] = set()
    for index, member in enumerate(members):
        where = f"members.{index}.organisation"
        if member.organisation in seen:
            problems.add(
                where,
                "delegation.member_twice",
                ko="같은 기관이 두 번 들어 있습니다. 하나를 지워 주세요.",
                en="This organisation stands in the list twice: take one of them out.",
            )
            continue
        seen.add(member.organisation)
        await _check_organisation(member.organisation, where, work, problems)


async def _check_counterparts(counterparts: tuple[Counterpart, ...], work: Work, problems: Problems) -> None:
    for index, counterpart in enumerate(counterparts):
        where = f"counterparts.{index}"
        if (counterpart.organisation is None) == (counterpart.placeholder is None):
            problems.add(
                where,
                "delegation.counterpart_unclear",
                ko="기관을 고르거나 원문에 적힌 이름을 적어 주세요. 둘 중 하나만 필요합니다.",
                en="Choose an organisation or write a placeholder in the source's words: one of the two.",
            )
        elif counterpart.organisation is not None:
            await _check_organisation(counterpart.organisation, f"{where}.organisation", work, problems)


async def _check_organisation(organisation: UUID, where: str, work: Work, problems: Problems) -> None:
    if not await work.exists("organisation", organisation):
        problems.add(
            where,
            "delegation.organisation_unknown",
            ko="등록되지 않은 기관입니다. 먼저 기관을 등록해 주세요.",
            en="There is no such organisation: register it first.",
        )


async def _check_agreements(agreements: tuple[UUID, ...], work: Work, problems: Problems) -> None:
    for index, agreement in enumerate(agreements):
        where = f"agreements.{index}"
        if agreement in agreements[:index]:
            problems.add(
                where,
                "delegation.agreement_twice",
                ko="같은 협약이 두 번 들어 있습니다. 하나를 지워 주세요.",
                en="This agreement stands in the list twice: take one of them out.",
            )
        elif not await work.exists("agreement", agreement):
            problems.add(
                where,
                "delegation.agreement_unknown",
                ko="등록되지 않은 협약입니다. 먼저 협약을 등록해 주세요.",
                en="There is no such agreement: register it first.",
            )
