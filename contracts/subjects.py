"""Where messages are found on NATS."""

from typing import Literal
from uuid import UUID

REGISTRY_STREAM = "REGISTRY"
REGISTRY_SUBJECTS = "registry.>"
# The key in the stream's metadata under which the log's generation stands.
STREAM_GENERATION = "moa-generation"
INTERNAL = "registry.v1.internal"
NOTIFIER_STREAM = "NOTIFIER"
NOTIFIER_SUBJECTS = "notifier.>"

Disclosure = Literal["open", "restricted"]
Outcome = Literal["sent", "late", "failed", "answered", "escalated"]


def registry_subject(disclosure: Disclosure, topic: str, record: UUID | str) -> str:
    """`registry.v1.<open or restricted>.<slice>.<event>.<record>`."""
    return f"registry.v1.{disclosure}.{topic}.{record}"


def reminder_subject(outcome: Outcome, report: UUID) -> str:
    """`notifier.v1.reminder.<outcome>.<report id>`."""
    return f"notifier.v1.reminder.{outcome}.{report}"
