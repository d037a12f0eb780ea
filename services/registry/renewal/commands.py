"""What can be asked of a renewal case. Both commands come from inside: a process and the receipts."""

from datetime import date, datetime
from uuid import UUID, uuid5

from registry.kernel.commands import Internal, Work, handles
from registry.kernel.terms import Deadline
from registry.kernel.values import Line, OfficeCode
from registry.renewal.aggregate import RenewalCase
from registry.renewal.events import Outcome, RenewalCaseOpened

NAMESPACE = UUID("6d6f6100-0000-5000-8000-000000000002")


def case_id(agreement: UUID, cycle: int) -> UUID:
    """The one case of an agreement's cycle (counted from 1)."""
    return uuid5(NAMESPACE, f"{agreement}:{cycle}")


class OpenRenewalCase(Internal):
    """Open the case of a cycle, or let the open one follow its new term."""

    agreement: UUID
    cycle: int
    ends: date | None = None
    deadline: Deadline | None = None


@handles(OpenRenewalCase, name="renewal.open")
async def open_case(command: OpenRenewalCase, target: UUID, work: Work) -> None:
    """Begin the case or move its deadline."""
    if await work.exists("renewal", target):
        case = await work.load(RenewalCase, target)
        case.follow_term(ends=command.ends, deadline=command.deadline, at=work.now)
        return
    opened = RenewalCaseOpened(
        target,
        1,
        work.now,
        originator_topic="renewal",
        office=await work.office_of("agreement", command.agreement),
        agreement=command.agreement,
        cycle=command.cycle,
        ends=command.ends,
        deadline=command.deadline,
    )
    work.add(RenewalCase.begin(opened))


class RecordReminder(Internal):
    """Record what the notifier reported of a reminder."""

    report: UUID
    outcome: Outcome
    rule: Line
    deadline: date
    recipient_office: OfficeCode
    recipient_role: Line
    channel: Line
    on: date
    at: datetime


@handles(RecordReminder, name="renewal.record-reminder")
async def record_reminder(command: RecordReminder, target: UUID, work: Work) -> None:
    """Let the case take the report."""
    case = await work.load(RenewalCase, target)
    case.record_reminder(
        report=command.report,
        outcome=command.outcome,
        rule=command.rule,
        deadline=command.deadline,
        recipient_office=command.recipient_office,
        recipient_role=command.recipient_role,
        channel=command.channel,
        on=command.on,
        sent_at=command.at,
        at=work.now,
    )
