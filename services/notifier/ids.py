"""Names that derive from what they name, so that the same thing done twice has the same name."""

from datetime import date
from hashlib import sha256
from uuid import UUID, uuid4, uuid5  # noqa: TID251 (this is the port)

from contracts.subjects import Outcome

REPORTS = UUID("6d6f6120-6e6f-7469-6669-6572207265d0")


def reminder_key(agreement: UUID, cycle: int, rule: str, deadline: date, recipient: str) -> str:
    """What makes a reminder the same reminder; `recipient` is `<office>/<role>`."""
    return f"{agreement}:{cycle}:{rule}:{deadline.isoformat()}:{recipient}"


def mail_id(key: str) -> str:
    """The name of the reminder's mail: 32 hexadecimal digits."""
    return sha256(key.encode()).hexdigest()[:32]


def report_id(key: str, outcome: Outcome) -> UUID:
    """The id of the report of one outcome of one reminder."""
    return uuid5(REPORTS, f"{key}|{outcome}")


def request_id() -> str:
    """A name for one HTTP request in the log."""
    return str(uuid4())
