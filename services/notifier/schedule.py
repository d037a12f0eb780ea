"""Which reminders are due: (terms, policy, holidays, today) → reminders. No I/O, no clock.

Thin: a deadline that has passed gets no reminder, late or otherwise; `silence` names it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Literal
from uuid import UUID

from contracts.values import TermV1
from notifier.deadline import Deadline, notice_deadline
from notifier.working_days import Holidays, working_day_at_or_before

Silence = Literal["needs_a_date", "no_notice_clause", "passed"]


@dataclass(frozen=True)
class Watched:
    """An agreement with the term of its current cycle; `correlation` names what set the term."""

    agreement: UUID
    office: str
    number: str
    title: str
    cycle: int
    term: TermV1
    correlation: str | None = None


@dataclass(frozen=True)
class Policy:
    """How many days before the last safe day people are reminded, the farthest first."""

    days: tuple[int, ...] = (180, 90, 30, 7, 0)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: `nominal` by counting, `due_on` a working day."""

    days: int
    nominal: date
    due_on: date

    @property
    def rule(self) -> str:
        """Its name on the wire."""
        return f"notice-{self.days}"


@dataclass(frozen=True)
class Reminder:
    """One rung of one deadline."""

    of: Watched
    deadline: Deadline
    rung: Rung


def schedule(terms: Iterable[Watched], policy: Policy, calendar: Holidays, today: date) -> tuple[Reminder, ...]:
    """What is due today, at most one reminder for each term: missed rungs collapse into the latest that has come."""
    due = (dict(ahead(watched, policy, calendar, today, today)).get(today) for watched in terms)
    return tuple(reminder for reminder in due if reminder)


def ahead(
    watched: Watched, policy: Policy, calendar: Holidays, today: date, until: date
) -> Iterator[tuple[date, Reminder]]:
    """What goes out for one term from today until a day, each with its day, one a day at most.

    A rung that has come goes out today. Where several share a day the nearest to the deadline speaks for all.
    """
    deadline = notice_deadline(watched.term)
    if deadline is None or deadline.last_safe < today:
        return
    by_day = groupby(ladder(deadline, policy, calendar), key=lambda rung: max(rung.due_on, today))
    for day, rungs in by_day:
        if day <= until:
            yield day, Reminder(watched, deadline, list(rungs)[-1])


def ladder(deadline: Deadline, policy: Policy, calendar: Holidays) -> tuple[Rung, ...]:
    """The rungs of a deadline, the farthest first, each moved to the working day at or before it."""
    nominal = ((days, deadline.last_safe - timedelta(days=days)) for days in sorted(policy.days, reverse=True))
    return tuple(Rung(days, day, working_day_at_or_before(day, calendar)) for days, day in nominal)


def silence(term: TermV1, today: date) -> Silence | None:
    """Why nothing is sent for a term; None when something is or will be."""
    if term.notice is None:
        return "no_notice_clause"
    deadline = notice_deadline(term)
    if deadline is None:
        return "needs_a_date"
    return "passed" if deadline.last_safe < today else None
