"""What can be asked of a partnership."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from registry.kernel.commands import Change, Opening, Work, handles
from registry.kernel.dates import FuzzyDate
from registry.kernel.errors import Problems
from registry.kernel.values import Line, OfficeCode, Text
from registry.partnership.aggregate import Partnership
from registry.partnership.events import Kind, PartnershipEstablished

FEWEST = 2


class EstablishPartnership(Opening):
    """Enter a lasting relation; since when and by which text may not be known."""

    office: OfficeCode | None = None
    kind: Kind
    organisations: Annotated[tuple[UUID, ...], Field(max_length=100)]
    since: FuzzyDate | None = None
    words: Text | None = None
    by: UUID | None = None


@handles(EstablishPartnership, name="partnership.establish")
async def establish(command: EstablishPartnership, target: UUID, work: Work) -> None:
    """Check the organisations, and begin the partnership."""
    problems = Problems()
    await _check_organisations(command.organisations, work, problems)
    await _check_agreement(command.by, work, problems)
    problems.refuse_if_any()
    established = PartnershipEstablished(
        target,
        1,
        work.now,
        originator_topic="partnership",
        office=command.office or work.office,
        kind=command.kind,
        organisations=command.organisations,
        since=command.since,
        words=command.words,
        by=command.by,
        provenance=command.provenance,
    )
    work.add(Partnership.begin(established))


class LapsePartnership(Change):
    """Record that it came to a halt, and why."""

    why: Line
    on: FuzzyDate | None = None


@handles(LapsePartnership, name="partnership.lapse")
async def lapse(command: LapsePartnership, target: UUID, work: Work) -> None:
    """Let the partnership lapse."""
    partnership = await work.load(Partnership, target)
    partnership.lapse(why=command.why, on=command.on, at=work.now, provenance=command.provenance)


class ResumePartnership(Change):
    """Record that it goes on again, by an agreement if there is one."""

    on: FuzzyDate | None = None
    by: UUID | None = None


@handles(ResumePartnership, name="partnership.resume")
async def resume(command: ResumePartnership, target: UUID, work: Work) -> None:
    """Let the partnership go on."""
    partnership = await work.load(Partnership, target)
    problems = Problems()
    await _check_agreement(command.by, work, problems)
    problems.refuse_if_any()
    partnership.resume(on=command.on, by=command.by, at=work.now, provenance=command.provenance)


async def _check_organisations(organisations: tuple[UUID, ...], work: Work, problems: Problems) -> None:
    if len(organisations) < FEWEST:
        problems.add(
            "organisations",
            "partnership.two_organisations_at_least",
            ko="기관을 둘 이상 골라 주세요. 교류 관계에는 상대방이 필요합니다.",
            en="Choose two organisations at least: a partnership has another side.",
        )
    for index, organisation in enumerate(organisations):
        where = f"organisations.{index}"
        if organisation in organisations[:index]:
            problems.add(
                where,
                "partnership.organisation_twice",
                ko="같은 기관이 두 번 들어 있습니다. 하나를 지워 주세요.",
                en="This organisation stands in the list twice: take one of them out.",
            )
        elif not await work.exists("organisation", organisation):
            problems.add(
                where,
                "partnership.organisation_unknown",
                ko="등록되지 않은 기관입니다. 먼저 기관을 등록해 주세요.",
                en="There is no such organisation: register it first.",
            )


async def _check_agreement(agreement: UUID | None, work: Work, problems: Problems) -> None:
    if agreement is not None and not await work.exists("agreement", agreement):
        problems.add(
            "by",
            "partnership.agreement_unknown",
            ko="등록되지 않은 협약입니다. 먼저 협약을 등록하거나 비워 두세요.",
            en="There is no such agreement: register it first, or leave this empty.",
        )
