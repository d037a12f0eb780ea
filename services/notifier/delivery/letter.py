"""The mail that reminds: Korean first, English after it, as plain text and as simple HTML."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from notifier.explain import Words, if_nobody_acts
from notifier.schedule import Reminder

LONGEST_TITLE = 120


@dataclass(frozen=True)
class Stationery:
    """What all letters share: who writes, the domain of Message-IDs, and where agreements are shown."""

    sender: str
    domain: str
    registry: str


@dataclass(frozen=True)
class Occasion:
    """Why this letter is written now: its name, the day that counts as today, the instant, the explanation."""

    name: str
    today: date
    now: datetime
    why: Words


def write(reminder: Reminder, occasion: Occasion, *, to: str, on: Stationery) -> EmailMessage:
    """The letter about a reminder. The same reminder has the same Message-ID whenever it is written."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("모아 Moa", addr_spec=on.sender)
    message["To"] = to
    message["Subject"] = subject(reminder, occasion.today)
    message["Date"] = format_datetime(occasion.now)
    message["Message-ID"] = f"<{occasion.name}@{on.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    ko, en = _paragraphs(reminder, occasion, f"{on.registry}/agreements/{reminder.of.agreement}")
    message.set_content("\n\n".join([*ko, "-" * 40, *en]) + "\n", cte="base64")
    message.add_alternative(_html(ko, en), subtype="html", cte="base64")
    return message


def subject(reminder: Reminder, today: date) -> str:
    """The subject line: how long there is, by when, of what."""
    left = (reminder.deadline.last_safe - today).days
    when = f"{left}일 남음" if left else "오늘까지"
    return f"[모아] 해지통보 기한 {reminder.deadline.last_safe} ({when}): {plain(reminder.of.title)}"


def plain(title: str) -> str:
    """A title fit for one line: no line ends, no control or direction characters, not too long."""
    visible = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in title)
    line = " ".join(visible.split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1] + "…"


def _paragraphs(reminder: Reminder, occasion: Occasion, link: str) -> tuple[list[str], list[str]]:
    of, deadline = reminder.of, reminder.deadline
    number, title = plain(of.number), plain(of.title)
    left = (deadline.last_safe - occasion.today).days
    days_ko = f"{left}일 남음" if left else "오늘"
    days_en = "today" if not left else "1 day left" if left == 1 else f"{left} days left"
    outcome = if_nobody_acts(of.term)
    ko = [
        f"협약 {number} 「{title}」의 해지통보 기한이 {'다가옵니다' if left else '오늘입니다'}.",
        f"통보가 도달해야 안전한 마지막 날: {deadline.last_safe}"
        f" ({days_ko})\n통보 기간의 해당일: {deadline.corresponding}\n"
        f"현재 주기의 종료일: {deadline.end}",
        outcome.ko,
        f"계산 근거: {occasion.why.ko}",
        f"협약 보기: {link}",
    ]
    en = [
        f"The notice deadline of agreement {number}, “{title}”, is {'near' if left else 'today'}.",
        f"Last safe day for a notice to arrive: {deadline.last_safe}"
        f" ({days_en})\n"
        f"Corresponding day of the notice period: {deadline.corresponding}\n"
        f"End of the current cycle: {deadline.end}",
        outcome.en,
        f"How this was computed: {occasion.why.en}",
        f"The agreement: {link}",
    ]
    return ko, en


def _html(ko: list[str], en: list[str]) -> str:
    def paragraphs(texts: list[str]) -> str:
        return "".join(f"<p>{escape(text).replace(chr(10), '<br>')}</p>" for text in texts)

    return (
        '<!doctype html><html lang="ko"><head><meta charset="utf-8"></head><body>'
        f'{paragraphs(ko)}<hr><div lang="en">{paragraphs(en)}</div></body></html>\n'
    )
