"""What can happen to a renewal case."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from registry.kernel.facts import Fact, FirstFact, named
from registry.kernel.terms import Deadline

Outcome = Literal["sent", "late", "failed", "answered", "escalated"]


@named("renewal.case-opened")
@dataclass(frozen=True)
class RenewalCaseOpened(FirstFact):
    """A cycle began. `ends` and `deadline` are None while the end is not known to the day."""

    office: str
    agreement: UUID
    cycle: int
    ends: date | None
    deadline: Deadline | None


@named("renewal.notice-deadline-set")
@dataclass(frozen=True)
class NoticeDeadlineSet(Fact):
    """The term was set anew, and the deadline follows it."""

    ends: date | None
    deadline: Deadline | None


@named("renewal.reminder-recorded")
@dataclass(frozen=True)
class ReminderRecorded(Fact):
    """The notifier reported what became of a reminder.

    `rule` names the rung of the ladder, `deadline` the day it works towards, `on` the day that
    counted as today when it went out, `at` the real instant. The recipient is an office's role.
    """

    report: UUID
    outcome: Outcome
    rule: str
    deadline: date
    recipient_office: str
    recipient_role: str
    channel: str
    on: date
    at: datetime

    @property
    def effective(self) -> date:
        """The day it went out."""
        return self.on


RenewalFact = RenewalCaseOpened | NoticeDeadlineSet | ReminderRecorded
