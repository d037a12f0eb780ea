"""Reports what became of each reminder, until the stream has acknowledged it."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from contracts.receipts import RecipientV1, ReminderReportV1
from contracts.subjects import reminder_subject
from notifier.clock import Clock
from notifier.errors import Unavailable
from notifier.health import Health
from notifier.ids import report_id
from notifier.store import Entry, Store

RETRY_SECONDS = 5.0

log = structlog.get_logger("notifier.receipts")


class Outbox(Protocol):
    """Where reports go."""

    async def report(self, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Publish and wait until it is kept; Unavailable when it may not be."""

    async def kept(self) -> int:
        """How many messages the stream has ever taken; fewer than before when it was lost."""


class Receipts:
    """Reports settled reminders; a repeated report has the same id and the same content."""

    def __init__(self, store: Store, outbox: Outbox, clock: Clock) -> None:
        """Meet the ports."""
        self._store = store
        self._outbox = outbox
        self._clock = clock

    async def run(self, health: Health, settled: asyncio.Event) -> None:
        """Report whenever something was settled, and now and then, until cancelled."""
        while True:
            settled.clear()
            try:
                await self.make_up()
                await self.round()
                health.well("receipts")
            except Unavailable as failure:
                if health.ill("receipts", failure.ko, failure.en):
                    log.warning("receipts.waiting", code=failure.code)
            try:
                async with asyncio.timeout(RETRY_SECONDS):
                    await settled.wait()
            except TimeoutError:
                continue

    async def make_up(self) -> None:
        """Tell everything again when the stream holds less than it has acknowledged: it was lost, or lost its tail."""
        kept, told = await self._outbox.kept(), await self._store.reports()
        if kept < told:
            log.warning("receipts.lost_by_the_stream", kept=kept, told=told)
            await self._store.tell_again()

    async def round(self) -> int:
        """Report what was not reported; says how many."""
        entries = await self._store.unreported()
        for entry in entries:
            message = report(entry)
            subject = reminder_subject(message.outcome, message.id)
            await self._outbox.report(subject, message.model_dump_json().encode(), _headers(entry, message))
            await self._store.reported(entry.claim.key, self._clock.now())
            log.info("receipt.reported", report=str(message.id), correlation=entry.claim.correlation)
        return len(entries)


def report(entry: Entry) -> ReminderReportV1:
    """What the registry learns of a settled reminder."""
    claim, fate = entry.claim, entry.fate
    return ReminderReportV1(
        id=report_id(claim.key, fate.state),
        key=claim.key,
        outcome=fate.state,
        agreement=claim.agreement,
        cycle=claim.cycle,
        rule=claim.rule,
        deadline=claim.deadline,
        recipient=RecipientV1(office=claim.office, role=claim.role),
        channel=fate.channel,
        on=fate.on,
        at=fate.at,
    )


def _headers(entry: Entry, message: ReminderReportV1) -> dict[str, str]:
    headers = {"Nats-Msg-Id": str(message.id)}
    if entry.claim.correlation:
        headers["moa-correlation"] = entry.claim.correlation
    return headers
