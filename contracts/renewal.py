"""What happened to renewal cases, for other systems."""

from datetime import date
from uuid import UUID

from contracts.envelope import Message


class RenewalCaseOpenedV1(Message):
    """A case was opened for one cycle of an agreement. Days are None while the end is not known to the day."""

    case: UUID
    agreement: UUID
    cycle: int
    ends: date | None = None
    corresponding: date | None = None
    last_safe: date | None = None


class NoticeDeadlineSetV1(Message):
    """A case's deadline follows a new term; the case itself was announced before."""

    case: UUID
    ends: date | None = None
    corresponding: date | None = None
    last_safe: date | None = None
