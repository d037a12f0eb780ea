"""The renewal case as it stands, one row each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never, cast
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.states import changed
from registry.kernel.terms import Deadline
from registry.kernel.views import View
from registry.renewal.events import NoticeDeadlineSet, ReminderRecorded, RenewalCaseOpened, RenewalFact


@dataclass(frozen=True)
class ReminderState:
    """A reminder's fate as the notifier reported it."""

    report: UUID
    outcome: str
    rule: str
    deadline: date
    recipient_office: str
    recipient_role: str
    channel: str
    on: date
    at: datetime


@dataclass(frozen=True)
class RenewalState:
    """What a reader sees of a renewal case."""

    id: UUID
    version: int
    office: str
    agreement: UUID
    cycle: int
    ends: date | None
    deadline: Deadline | None
    reminders: tuple[ReminderState, ...]


def evolve(state: RenewalState | None, recorded: Recorded) -> RenewalState:
    """The case after one more fact."""
    fact = cast(RenewalFact, recorded.fact)
    if isinstance(fact, RenewalCaseOpened):
        return RenewalState(
            id=fact.originator_id,
            version=recorded.version,
            office=fact.office,
            agreement=fact.agreement,
            cycle=fact.cycle,
            ends=fact.ends,
            deadline=fact.deadline,
            reminders=(),
        )
    if state is None:
        raise LookupError(fact.topic)
    match fact:
        case NoticeDeadlineSet(ends=ends, deadline=deadline):
            return changed(state, version=recorded.version, ends=ends, deadline=deadline)
        case ReminderRecorded():
            reminder = ReminderState(
                report=fact.report,
                outcome=fact.outcome,
                rule=fact.rule,
                deadline=fact.deadline,
                recipient_office=fact.recipient_office,
                recipient_role=fact.recipient_role,
                channel=fact.channel,
                on=fact.on,
                at=fact.at,
            )
            return changed(state, version=recorded.version, reminders=(*state.reminders, reminder))
        case _:
            assert_never(fact)


VIEW = View(
    name="renewal",
    version=2,
    state=RenewalState,
    evolve=evolve,
    columns="""
        agreement text generated always as (state->>'agreement') stored,
        last_safe text generated always as (state->'deadline'->>'last_safe') stored
    """,
    indexes=(
        "create index on {table} (agreement)",
        "create index on {table} (last_safe)",
    ),
)
