"""What the notifier's API answers to the registry's pages."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.envelope import Message


class ReminderV1(Message):
    """One rung of one deadline for one recipient, due or sent.

    `due_on` is the day it goes out (moved to the working day before), `why` explains it in words:
    clause, arithmetic, rung, shift, in Korean and English.
    """

    key: str
    state: Literal["due", "sent", "failed"]
    agreement: UUID
    number: str
    title: str
    office: str
    role: str
    cycle: int
    rule: str
    deadline: date
    due_on: date
    why_ko: str
    why_en: str
    sent_at: datetime | None = None
    mail: str | None = None


class RemindersV1(Message):
    """Due next and sent last; `today` is the day deadlines are reckoned from."""

    today: date
    due: tuple[ReminderV1, ...]
    sent: tuple[ReminderV1, ...]


class MailV1(Message):
    """A mail in the embedded mailbox, as a person would read it."""

    id: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    sender: str = ""


class MailboxV1(Message):
    """The newest mails first."""

    mails: tuple[MailV1, ...]
