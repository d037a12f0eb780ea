"""What is due next and what went out last, as the registry's pages and the command line show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.reminders import RemindersV1, ReminderV1
from notifier.explain import why
from notifier.reminders import Planned, Planner
from notifier.store import Entry, Store

LOOK_AHEAD = timedelta(days=200)
NEWEST = 200


@dataclass(frozen=True)
class Listing:
    """Answers from the mirror and the store."""

    planner: Planner
    store: Store

    async def reminders(self, today: date) -> RemindersV1:
        """What goes out within two hundred days, today included, and the newest two hundred that did."""
        sent = await self.store.newest(NEWEST)
        return RemindersV1(today=today, due=await self.due(today, today + LOOK_AHEAD), sent=tuple(map(settled, sent)))

    async def due(self, today: date, until: date) -> tuple[ReminderV1, ...]:
        """What goes out until a day and has not yet, in that order; `due_on` is the day it will go out."""
        planned = await self.planner.until(today, until)
        done = await self.store.settled([each.key for each in planned])
        return self._due([each for each in planned if each.key not in done], today)

    def _due(self, planned: Sequence[Planned], today: date) -> tuple[ReminderV1, ...]:
        return tuple(self._reminder(each, today) for each in planned)

    def _reminder(self, planned: Planned, today: date) -> ReminderV1:
        of = planned.reminder.of
        words = why(planned.reminder, self.planner.calendar, today)
        return ReminderV1(
            key=planned.key,
            state="due",
            agreement=of.agreement,
            number=of.number,
            title=of.title,
            office=planned.recipient.office,
            role=planned.recipient.role,
            cycle=of.cycle,
            rule=planned.reminder.rung.rule,
            deadline=planned.reminder.deadline.last_safe,
            due_on=planned.goes_on,
            why_ko=words.ko,
            why_en=words.en,
        )


def settled(entry: Entry) -> ReminderV1:
    """A reminder that was sent or failed; `sent_at` only where it was sent."""
    claim, fate = entry.claim, entry.fate
    return ReminderV1(
        key=claim.key,
        state=fate.state,
        agreement=claim.agreement,
        number=claim.number,
        title=claim.title,
        office=claim.office,
        role=claim.role,
        cycle=claim.cycle,
        rule=claim.rule,
        deadline=claim.deadline,
        due_on=claim.due_on,
        why_ko=claim.why.ko,
        why_en=claim.why.en,
        sent_at=fate.at if fate.state == "sent" else None,
        mail=fate.mail,
    )
