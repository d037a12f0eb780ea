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
    """How long an agreement holds.

    `end` is its last day in force, counted from `length` where the text gave one; `notice` how long before
    the end a notice must arrive, and `notice_clause` whether the text has such a clause at all.
    """

    start: date
    end_kind: Literal["on", "indefinite", "unknown"]
    end: date | None = None
    length: PeriodV1 | None = None
    from_midnight: bool = False
    end_words: str | None = None
    renewal: Literal["none", "express", "tacit"]
    period: PeriodV1 | None = None
    notice: PeriodV1 | None = None
    notice_clause: Literal["before_end", "none", "unstated"] = "unstated"
    max_cycles: int | None = None
    counting: str
