"""Values that several messages share."""

from datetime import date
from typing import Literal

from contracts.envelope import Message


class TextV1(Message):
    """Words in one language (BCP 47)."""

    lang: str
    text: str


class ProvenanceV1(Message):
    """Where a fact comes from. `as_of` is EDTF."""

    source: str
    locator: str | None = None
    attributed_to: str | None = None
    modality: Literal["planned", "reported", "confirmed"] = "reported"
    as_of: str | None = None


class PeriodV1(Message):
    """A length of time as stated; calendar units are never converted."""

    years: int = 0
    months: int = 0
    days: int = 0


class TermV1(Message):
    """How long an agreement holds. `end` is its last day in force; `notice` how long before it a notice must arrive."""

    start: date
    end_kind: Literal["on", "indefinite", "unknown"]
    end: date | None = None
    end_words: str | None = None
    renewal: Literal["none", "express", "tacit"]
    period: PeriodV1 | None = None
    notice: PeriodV1 | None = None
    max_cycles: int | None = None
    counting: str
