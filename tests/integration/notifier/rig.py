"""A notifier on real servers, taken apart so that a test can stop it between any two steps."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from notifier.bootstrap import Desk, Service
from notifier.database import Database
from notifier.delivery import Delivery
from notifier.delivery.letter import Stationery
from notifier.delivery.maildir import Maildir
from notifier.inbox import Inbox
from notifier.receipts import Outbox, Receipts
from notifier.recipients import AddressBook
from notifier.reminders import Reminders
from notifier.settings import Settings
from notifier.wire import Registry, Wire
from pydantic import SecretStr

from contracts.agreement import AgreementDraftedV1, TermSetV1
from contracts.envelope import Envelope, kind, source
from contracts.subjects import (
    INTERNAL,
    NOTIFIER_STREAM,
    NOTIFIER_SUBJECTS,
    REGISTRY_STREAM,
    REGISTRY_SUBJECTS,
    registry_subject,
)
from contracts.values import PeriodV1, TermV1, TextV1

GENERATION = UUID("aaaaaaaa-0000-4000-8000-00000000000a")
ANOTHER = UUID("bbbbbbbb-0000-4000-8000-00000000000b")
CORRELATION = "cccccccc-0000-4000-8000-00000000000c"
BUSANJIN = UUID("11111111-1111-4111-8111-111111111111")
TOKEN = "a-token-for-tests"
# Ends 2027-03-01 with three months' notice: last safe day 2026-11-30, rungs on 2026-06-02, 09-01, 10-30, 11-23, 11-30.
SEVEN_DAYS_BEFORE = date(2026, 11, 23)


@dataclass
class FixedClock:
    """A chosen day, and an instant that a test moves."""

    day: date = SEVEN_DAYS_BEFORE
    instant: datetime = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return self.day


@dataclass
class Publisher:
    """The registry as the notifier sees it: a stream whose sequence is the log's position."""

    client: Client
    jetstream: JetStreamContext
    position: int = 0
    generation: UUID = GENERATION

    @classmethod
    async def at(cls, url: str) -> "Publisher":
        client = await nats.connect(url)
        publisher = cls(client, client.jetstream())
        await publisher.forget()
        return publisher

    async def forget(self) -> None:
        for name in (REGISTRY_STREAM, NOTIFIER_STREAM):
            try:
                await self.jetstream.delete_stream(name)
            except NotFoundError:
                continue

    async def open_streams(self) -> None:
        await self.jetstream.add_stream(name=REGISTRY_STREAM, subjects=[REGISTRY_SUBJECTS])
        await self.jetstream.add_stream(name=NOTIFIER_STREAM, subjects=[NOTIFIER_SUBJECTS])

    async def close(self) -> None:
        await self.forget()
        await self.client.close()

    async def drafted(
        self, agreement: UUID = BUSANJIN, title: str = "의료관광 업무협약", office: str = "busanjin"
    ) -> None:
        message = AgreementDraftedV1(
            agreement=agreement,
            office=office,
            number="3",
            year=2025,
            kind="mou",
            titles=(TextV1(lang="en", text="Medical tourism MOU"), TextV1(lang="ko", text=title)),
            fields=(),
            parties=(),
        )
        await self.say("agreement.drafted", agreement, message.model_dump(mode="json"))

    async def term_set(self, agreement: UUID = BUSANJIN, end: date | None = date(2027, 3, 1), cycle: int = 1) -> None:
        term = TermV1(
            start=date(2020, 1, 1),
            end_kind="on" if end else "unknown",
            end=end,
            renewal="tacit",
            period=PeriodV1(years=1),
            notice=PeriodV1(months=3),
            counting="civil-act-157-160",
        )
        message = TermSetV1(agreement=agreement, cycle=cycle, term=term)
        await self.say("agreement.term-set", agreement, message.model_dump(mode="json"))

    async def say(self, topic: str, record: UUID, data: dict[str, Any]) -> None:
        envelope = Envelope(
            id=f"{record}:{self.position + 1}",
            source=source(self.generation),
            type=kind(topic),
            subject=str(record),
            time=datetime(2026, 1, 1, tzinfo=UTC),
            position=str(self.position + 1),
            generation=self.generation,
            data=data,
        )
        await self.raw(registry_subject("restricted", topic, record), envelope.model_dump_json().encode())

    async def internal(self) -> None:
        await self.raw(INTERNAL, b"")

    async def raw(self, subject: str, body: bytes) -> None:
        headers = {"moa-correlation": CORRELATION, "ce-source": source(self.generation)}
        self.position = (await self.jetstream.publish(subject, body, headers=headers)).seq

    async def reports(self) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        """What stands on NOTIFIER: subject, headers, body."""
        last = (await self.jetstream.stream_info(NOTIFIER_STREAM)).state.last_seq
        messages = [await self.jetstream.get_msg(NOTIFIER_STREAM, seq) for seq in range(1, last + 1)]
        return [(m.subject or "", dict(m.headers or {}), json.loads(m.data or b"")) for m in messages]


@dataclass
class Rig:
    """One notifier process's parts; `again()` is what the next process would have."""

    settings: Settings
    database: Database
    wire: Wire
    publisher: Publisher
    clock: FixedClock = field(default_factory=FixedClock)

    @property
    def maildir(self) -> Maildir:
        return Maildir(self.settings.mail_folder)

    @property
    def files(self) -> list[Path]:
        return [path for part in ("new", "cur") for path in (self.settings.mail_folder / part).glob("*")]

    def service(self) -> Service:
        desk = Desk.over(self.settings, self.database)
        object.__setattr__(desk, "clock", self.clock)
        return Service(desk, self.wire, self.maildir, self.maildir, TOKEN)

    def inbox(self) -> tuple[Inbox, Registry, Service]:
        service = self.service()
        registry = Registry(self.wire)
        inbox = Inbox(service.desk.mirror, registry, self.clock, service.health, service.moved)
        return inbox, registry, service

    async def read_all(self) -> Service:
        """Take what there is, as a process that has just started would."""
        inbox, registry, service = self.inbox()
        service.health.well("inbox")
        await registry.open((await service.desk.mirror.checkpoint()).position)
        async with asyncio.timeout(20):
            while (await service.desk.mirror.checkpoint()).position < self.publisher.position:
                if await inbox.step():
                    break
        return service

    def reminders(self, delivery: Delivery | None = None, lease: timedelta = timedelta(seconds=60)) -> Reminders:
        desk = self.service().desk
        return Reminders(
            desk.planner,
            desk.store,
            delivery or self.maildir,
            self.clock,
            book=AddressBook("moa.localhost"),
            stationery=Stationery("moa@moa.localhost", "moa.localhost", "http://127.0.0.1:8000"),
            lease=lease,
        )

    def receipts(self, outbox: Outbox | None = None) -> Receipts:
        return Receipts(self.service().desk.store, outbox or self.wire, self.clock)


def settings_for(database: str, nats_url: str, folder: Path) -> Settings:
    return Settings(
        home=folder,
        database_url=SecretStr(database),
        nats_url=SecretStr(nats_url),
        token=SecretStr(TOKEN),
        maildir=folder / "mail",
    )
