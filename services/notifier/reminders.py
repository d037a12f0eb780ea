"""Claim, send, record: every reminder goes out once, whatever crashes.

A reminder is written down before it is sent. Who crashes in between leaves a claim that another
takes over when its lease ends; a Maildir then knows whether the mail is there, a mail server does not.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog

from notifier.clock import Clock
from notifier.delivery import Delivery
from notifier.delivery.letter import Occasion, Stationery, write
from notifier.errors import ChannelDown, Unavailable, Undeliverable
from notifier.explain import why
from notifier.health import Health
from notifier.ids import mail_id, reminder_key
from notifier.mirror import Mirror
from notifier.recipients import AddressBook, Recipient
from notifier.schedule import Policy, Reminder, ahead, schedule
from notifier.store import Claim, Fate, Store
from notifier.working_days import Holidays

# The farthest that holidays and weekends can move a rung ahead, with room to spare.
LONGEST_SHIFT = timedelta(days=30)
LEASE = timedelta(seconds=60)
ROUND_SECONDS = 5.0
# After so many mails that were not taken the rest of the round is spared.
PATIENCE = 3

log = structlog.get_logger("notifier.reminders")


@dataclass(frozen=True)
class Planned:
    """A reminder with the day it goes out, who gets it, and its key."""

    reminder: Reminder
    goes_on: date
    recipient: Recipient
    key: str


@dataclass(frozen=True)
class Planner:
    """What goes out when, from the mirrored terms and the policy."""

    mirror: Mirror
    calendar: Holidays
    policy: Policy = field(default_factory=Policy)
    # A day chosen for trying out: what is sent then must not count as sent on the real day.
    trial: date | None = None

    async def due(self, today: date) -> list[Planned]:
        """What is due today, sent or not."""
        terms = await self.mirror.terms_between(today, today + self._horizon)
        return [self._planned(today, reminder) for reminder in schedule(terms, self.policy, self.calendar, today)]

    async def until(self, today: date, last: date) -> list[Planned]:
        """What is due from today until a day, sent or not, in the order it goes out."""
        terms = await self.mirror.terms_between(today, last + self._horizon)
        found = [
            self._planned(day, reminder)
            for watched in terms
            for day, reminder in ahead(watched, self.policy, self.calendar, today, last)
        ]
        return sorted(found, key=lambda planned: (planned.goes_on, planned.key))

    def _planned(self, day: date, reminder: Reminder) -> Planned:
        recipient = Recipient(reminder.of.office)
        rule, deadline = reminder.rung.rule, reminder.deadline.last_safe
        key = reminder_key(reminder.of.agreement, reminder.of.cycle, rule, deadline, recipient.name)
        return Planned(reminder, day, recipient, f"{key}:trial-{self.trial}" if self.trial else key)

    @property
    def _horizon(self) -> timedelta:
        return timedelta(days=max(self.policy.days)) + LONGEST_SHIFT


class Reminders:
    """Sends what is due; `settled` is set whenever a reminder's fate was recorded."""

    def __init__(
        self,
        planner: Planner,
        store: Store,
        delivery: Delivery,
        clock: Clock,
        *,
        book: AddressBook,
        stationery: Stationery,
        lease: timedelta = LEASE,
    ) -> None:
        """Meet the ports."""
        self._planner = planner
        self._store = store
        self._delivery = delivery
        self._clock = clock
        self._book = book
        self._stationery = stationery
        self._lease = lease

    async def run(self, health: Health, moved: asyncio.Event, settled: asyncio.Event) -> None:
        """Send what is due, every few seconds and right after the inbox moved, until cancelled."""
        while True:
            moved.clear()
            try:
                if await self.round():
                    settled.set()
                health.well("reminders")
            except Unavailable as failure:
                if health.ill("reminders", failure.ko, failure.en):
                    log.warning("reminders.waiting", code=failure.code)
            await _any_of(moved, ROUND_SECONDS)

    async def round(self) -> int:
        """Send what is due today and clear up dead claims; says how many were settled.

        ChannelDown when some mail was not taken just now: it is tried again when its lease ends, and
        the others went out, unless so many were refused that the channel itself must be down.
        """
        today = self._clock.today()
        due = await self._planner.due(today)
        settled = await self._store.settled([planned.key for planned in due])
        open_ones = [planned for planned in due if planned.key not in settled]
        count = await self._clear_up(due, today)
        waiting: list[Unavailable] = []
        for planned in open_ones:
            try:
                count += await self._remind(planned, today)
            except ChannelDown as failure:
                waiting.append(failure)
            if len(waiting) == PATIENCE:
                break
        if waiting:
            raise waiting[0]
        return count

    async def _remind(self, planned: Planned, today: date) -> bool:
        claim = self._claim(planned, today)
        if not await self._store.claim(claim, at=self._clock.now(), lease=self._lease):
            return False
        fate = await self._send(planned, claim, today)
        await self._store.settle(claim.key, fate)
        log.info(f"reminder.{fate.state}", reminder=mail_id(claim.key), rule=claim.rule, correlation=claim.correlation)
        return True

    async def _send(self, planned: Planned, claim: Claim, today: date) -> Fate:
        name = mail_id(claim.key)
        occasion = Occasion(name, today, self._clock.now(), claim.why)
        try:
            to = self._book.address(planned.recipient)
            letter = write(planned.reminder, occasion, to=to, on=self._stationery)
            await self._delivery.send(name, letter)
        except Undeliverable as refused:
            return Fate("failed", self._delivery.channel, today, self._clock.now(), failure=refused.code)
        return Fate("sent", self._delivery.channel, today, self._clock.now(), mail=name)

    async def _clear_up(self, due: Sequence[Planned], today: date) -> int:
        """Settle dead claims that are due no more: the mail went out, or the occasion is past."""
        pursued = [planned.key for planned in due]
        dead = await self._store.abandoned(before=self._clock.now() - self._lease, pursued=pursued)
        for claim in dead:
            name, channel, now = mail_id(claim.key), self._delivery.channel, self._clock.now()
            if await self._delivery.has(name):
                fate = Fate("sent", channel, today, now, mail=name)
            else:
                fate = Fate("failed", channel, today, now, failure="reminder.overtaken")
            await self._store.settle(claim.key, fate)
            log.warning("reminder.cleared_up", reminder=name, state=fate.state, correlation=claim.correlation)
        return len(dead)

    def _claim(self, planned: Planned, today: date) -> Claim:
        of = planned.reminder.of
        return Claim(
            key=planned.key,
            agreement=of.agreement,
            cycle=of.cycle,
            rule=planned.reminder.rung.rule,
            deadline=planned.reminder.deadline.last_safe,
            office=planned.recipient.office,
            role=planned.recipient.role,
            number=of.number,
            title=of.title,
            due_on=planned.reminder.rung.due_on,
            why=why(planned.reminder, self._planner.calendar, today),
            correlation=of.correlation,
        )


async def _any_of(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but no longer than that."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
