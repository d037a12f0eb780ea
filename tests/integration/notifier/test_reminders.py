"""A reminder goes out once: across redelivery, restart, and a crash between sending and recording."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from typing import ClassVar
from uuid import UUID

import pytest
from notifier.delivery.maildir import Maildir
from notifier.errors import ChannelDown, Unavailable
from notifier.ids import mail_id, report_id
from notifier.wire import Wire

from tests.integration.notifier.rig import BUSANJIN, CORRELATION, SEVEN_DAYS_BEFORE, Rig

KEY = f"{BUSANJIN}:1:notice-7:2026-11-30:busanjin/renewals"


class Crash(BaseException):
    """The process died here."""


class CrashesAfterSending(Maildir):
    async def send(self, name: str, message: EmailMessage) -> None:
        await super().send(name, message)
        raise Crash


class CrashesBeforeSending(Maildir):
    async def send(self, name: str, message: EmailMessage) -> None:
        raise Crash


class CrashesAfterReporting:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def report(self, subject, body, headers) -> None:
        await self.wire.report(subject, body, headers)
        raise Crash


@pytest.fixture
async def announced(rig: Rig) -> Rig:
    await rig.publisher.drafted()
    await rig.publisher.term_set()
    await rig.read_all()
    return rig


async def test_what_is_due_goes_out_as_one_mail(announced: Rig):
    assert await announced.reminders().round() == 1
    (file,) = announced.files
    assert file.name == mail_id(KEY)
    (mail,) = await announced.maildir.mails()
    assert mail.to == "busanjin@moa.localhost"
    assert mail.subject == "[모아] 해지통보 기한 2026-11-30 (7일 남음): 의료관광 업무협약"
    assert "Last safe day for a notice to arrive: 2026-11-30" in mail.text


async def test_the_next_rounds_and_the_next_process_send_nothing_more(announced: Rig):
    for _ in range(3):
        await announced.reminders().round()
    assert len(announced.files) == 1
    assert await announced.reminders().round() == 0


async def test_a_redelivered_term_sends_nothing_more(announced: Rig):
    await announced.reminders().round()
    await announced.publisher.term_set()
    await announced.read_all()
    await announced.reminders().round()
    assert len(announced.files) == 1


async def test_ten_notifiers_at_once_send_one_mail(announced: Rig):
    counts = await asyncio.gather(*(announced.reminders().round() for _ in range(10)))
    assert (sum(counts), len(announced.files)) == (1, 1)


async def test_a_crash_between_sending_and_recording_does_not_double_the_mail(announced: Rig):
    with pytest.raises(Crash):
        await announced.reminders(CrashesAfterSending(announced.settings.mail_folder)).round()
    assert len(announced.files) == 1
    assert await announced.reminders().round() == 0  # the claim may still be alive
    announced.clock.instant += timedelta(seconds=61)
    assert await announced.reminders().round() == 1
    assert len(announced.files) == 1
    (entry,) = await announced.service().desk.store.newest(10)
    assert (entry.fate.state, entry.fate.mail) == ("sent", mail_id(KEY))


async def test_nor_does_it_when_somebody_has_read_the_mail_meanwhile(announced: Rig):
    with pytest.raises(Crash):
        await announced.reminders(CrashesAfterSending(announced.settings.mail_folder)).round()
    (file,) = announced.files
    file.rename(announced.settings.mail_folder / "cur" / f"{file.name}:2,S")
    announced.clock.instant += timedelta(seconds=61)
    await announced.reminders().round()
    assert len(announced.files) == 1
    (mail,) = await announced.maildir.mails()
    assert mail == await announced.maildir.mail(mail_id(KEY))


async def test_a_crash_before_sending_loses_nothing(announced: Rig):
    with pytest.raises(Crash):
        await announced.reminders(CrashesBeforeSending(announced.settings.mail_folder)).round()
    announced.clock.instant += timedelta(seconds=61)
    assert await announced.reminders().round() == 1
    assert len(announced.files) == 1


async def test_a_dead_claim_that_was_sent_is_recorded_even_after_its_day(announced: Rig):
    with pytest.raises(Crash):
        await announced.reminders(CrashesAfterSending(announced.settings.mail_folder)).round()
    announced.clock.instant += timedelta(days=7)
    announced.clock.day = date(2026, 11, 30)
    assert await announced.reminders().round() == 2
    newest = await announced.service().desk.store.newest(10)
    assert {(each.claim.rule, each.fate.state) for each in newest} == {("notice-7", "sent"), ("notice-0", "sent")}
    assert len(announced.files) == 2


async def test_a_dead_claim_that_was_not_sent_gives_way_to_the_rung_that_has_come(announced: Rig):
    with pytest.raises(Crash):
        await announced.reminders(CrashesBeforeSending(announced.settings.mail_folder)).round()
    announced.clock.instant += timedelta(days=7)
    announced.clock.day = date(2026, 11, 30)
    assert await announced.reminders().round() == 2
    newest = await announced.service().desk.store.newest(10)
    assert {(each.claim.rule, each.fate.failure) for each in newest} == {
        ("notice-7", "reminder.overtaken"),
        ("notice-0", None),
    }
    assert len(announced.files) == 1


async def test_a_year_of_days_sends_each_rung_once(announced: Rig):
    day = date(2026, 1, 1)
    while day < date(2027, 1, 1):
        announced.clock.day = day
        await announced.reminders().round()
        day += timedelta(days=1)
    entries = await announced.service().desk.store.newest(10)
    assert sorted((each.fate.on, each.claim.rule) for each in entries) == [
        (date(2026, 6, 2), "notice-180"),
        (date(2026, 9, 1), "notice-90"),
        (date(2026, 10, 30), "notice-30"),
        (date(2026, 11, 23), "notice-7"),
        (date(2026, 11, 30), "notice-0"),
    ]


async def test_a_new_end_reschedules(announced: Rig):
    await announced.publisher.term_set(end=date(2027, 9, 1))
    await announced.read_all()
    assert await announced.reminders().round() == 0


async def test_an_office_without_an_address_is_reported_as_failed_and_holds_nobody_up(announced: Rig):
    await announced.publisher.drafted(UUID(int=2), office="부산 진구")
    await announced.publisher.term_set(UUID(int=2))
    await announced.read_all()
    assert await announced.reminders().round() == 2
    await announced.receipts().round()
    assert sorted(body["outcome"] for _, _, body in await announced.publisher.reports()) == ["failed", "sent"]
    assert len(announced.files) == 1


async def test_a_mail_folder_that_cannot_be_made_is_named_and_the_reminder_waits(announced: Rig):
    blocked = announced.settings.mail_folder.parent / "file"
    blocked.write_text("")
    with pytest.raises(Unavailable) as waiting:
        await announced.reminders(Maildir(blocked)).round()
    assert waiting.value.code == "maildir.unavailable"
    announced.clock.instant += timedelta(seconds=61)
    assert await announced.reminders().round() == 1


class RefusesOnce(Maildir):
    refused: ClassVar[set[str]] = set()

    async def send(self, name: str, message: EmailMessage) -> None:
        if not self.refused:
            self.refused.add(name)
            raise ChannelDown("test.later", ko="나중에", en="later")
        await super().send(name, message)


async def test_a_mail_that_is_not_taken_just_now_holds_no_other_up_and_goes_out_when_its_lease_ends(announced: Rig):
    await announced.publisher.drafted(UUID(int=2))
    await announced.publisher.term_set(UUID(int=2))
    await announced.read_all()
    picky = RefusesOnce(announced.settings.mail_folder)
    with pytest.raises(ChannelDown):
        await announced.reminders(picky).round()
    assert len(announced.files) == 1
    announced.clock.instant += timedelta(seconds=61)
    assert await announced.reminders(picky).round() == 1
    assert len(announced.files) == 2


async def test_the_receipt_tells_the_registry_what_went_out_to_which_role_and_no_address(announced: Rig):
    await announced.reminders().round()
    assert await announced.receipts().round() == 1
    assert await announced.receipts().round() == 0
    ((subject, headers, body),) = await announced.publisher.reports()
    report = str(report_id(KEY, "sent"))
    assert subject == f"notifier.v1.reminder.sent.{report}"
    assert (headers["Nats-Msg-Id"], headers["moa-correlation"]) == (report, CORRELATION)
    assert body == {
        "id": report,
        "key": KEY,
        "outcome": "sent",
        "agreement": str(BUSANJIN),
        "cycle": 1,
        "rule": "notice-7",
        "deadline": "2026-11-30",
        "recipient": {"office": "busanjin", "role": "renewals"},
        "channel": "maildir",
        "on": SEVEN_DAYS_BEFORE.isoformat(),
        "at": "2026-11-23T00:00:00Z",
    }


async def test_a_report_repeated_after_a_crash_has_the_same_id_and_content(announced: Rig):
    sent: list[tuple[str, bytes, dict[str, str]]] = []

    class Watching(CrashesAfterReporting):
        async def report(self, subject, body, headers) -> None:
            sent.append((subject, body, dict(headers)))
            await super().report(subject, body, headers)

    await announced.reminders().round()
    for _ in range(2):
        with pytest.raises(Crash):
            await announced.receipts(Watching(announced.wire)).round()
    assert sent[0] == sent[1]
    assert await announced.receipts().round() == 1
    assert len(await announced.publisher.reports()) == 1


async def test_without_the_receipts_stream_the_report_waits(announced: Rig):
    await announced.reminders().round()
    await announced.publisher.jetstream.delete_stream("NOTIFIER")
    with pytest.raises(Unavailable):
        await announced.receipts().round()
    assert (await announced.service().desk.store.figures()).unreported == 1


async def test_what_was_sent_on_a_day_that_was_tried_out_is_sent_again_on_its_real_day(announced: Rig):
    trial = replace(announced, settings=announced.settings.model_copy(update={"today": announced.clock.today()}))
    assert await trial.reminders().round() == 1
    assert await trial.reminders().round() == 0
    assert await announced.reminders().round() == 1
    assert await announced.reminders().round() == 0
    assert {file.name for file in announced.files} == {
        mail_id(KEY),
        mail_id(f"{KEY}:trial-{announced.clock.today()}"),
    }


async def test_reports_that_the_stream_has_lost_are_made_again(announced: Rig):
    await announced.reminders().round()
    receipts = announced.receipts()
    await receipts.make_up()
    assert await receipts.round() == 1
    await receipts.make_up()
    assert await receipts.round() == 0
    (before,) = await announced.publisher.reports()
    await announced.publisher.forget()
    await announced.publisher.open_streams()
    await receipts.make_up()
    assert await receipts.round() == 1
    assert await announced.publisher.reports() == [before]
