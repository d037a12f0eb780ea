"""The rules of a renewal case."""

from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from registry.kernel.aggregates import Record
from registry.kernel.facts import record
from registry.kernel.terms import Deadline
from registry.renewal.events import NoticeDeadlineSet, Outcome, ReminderRecorded, RenewalCaseOpened, RenewalFact


@record("renewal")
class RenewalCase(Record):
    """What must be decided about an agreement before a cycle ends."""

    def follow_term(self, *, ends: date | None, deadline: Deadline | None, at: datetime) -> None:
        """Take a new deadline; nothing happens when it is the same."""
        if (ends, deadline) != (self.ends, self.deadline):
            self.happened(NoticeDeadlineSet(*self.next(at), ends=ends, deadline=deadline))

    def record_reminder(
        self,
        *,
        report: UUID,
        outcome: Outcome,
        rule: str,
        deadline: date,
        recipient_office: str,
        recipient_role: str,
        channel: str,
        on: date,
        sent_at: datetime,
        at: datetime,
    ) -> None:
        """Note a reminder's fate once per report; a repeated report changes nothing."""
        if report in self.reports:
            return
        self.happened(
            ReminderRecorded(
                *self.next(at),
                report=report,
                outcome=outcome,
                rule=rule,
                deadline=deadline,
                recipient_office=recipient_office,
                recipient_role=recipient_role,
                channel=channel,
                on=on,
                at=sent_at,
            )
        )

    def apply(self, fact: RenewalFact) -> None:
        """Remember a fact."""
        match fact:
            case RenewalCaseOpened(office=office, ends=ends, deadline=deadline):
                self.owned_by(office)
                self.ends: date | None = ends
                self.deadline: Deadline | None = deadline
                self.reports: set[UUID] = set()
            case NoticeDeadlineSet(ends=ends, deadline=deadline):
                self.ends = ends
                self.deadline = deadline
            case ReminderRecorded(report=report):
                self.reports.add(report)
            case _:
                assert_never(fact)
