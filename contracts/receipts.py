"""What the notifier reports back: each reminder's fate, once per report id."""

from datetime import date, datetime
from uuid import UUID

from contracts.envelope import Message
from contracts.subjects import Outcome


class RecipientV1(Message):
    """An office's role; who held it that day is the notifier's to know. No address is ever in here."""

    office: str
    role: str


class ReminderReportV1(Message):
    """A reminder was sent, or what else became of it.

    `id` is derived from `key`, so a repeated report is the same report. `rule` names the rung
    (`notice-90`); `on` is the day that counted as today when it was sent, `at` the real instant.
    """

    id: UUID
    key: str
    outcome: Outcome
    agreement: UUID
    cycle: int
    rule: str
    deadline: date
    recipient: RecipientV1
    channel: str
    on: date
    at: datetime
