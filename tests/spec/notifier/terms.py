"""Terms and agreements as the registry announces them."""

from datetime import date
from typing import Any
from uuid import UUID

from notifier.schedule import Watched

from contracts.values import PeriodV1, TermV1

BUSANJIN = UUID("11111111-1111-4111-8111-111111111111")


def term(end: date | None, **given: Any) -> TermV1:
    """A tacitly renewed term with three months' notice, unless told otherwise."""
    usual: dict[str, Any] = {
        "start": date(2020, 1, 1),
        "end_kind": "on" if end else "unknown",
        "end": end,
        "renewal": "tacit",
        "period": PeriodV1(years=1),
        "notice": PeriodV1(months=3),
        "counting": "civil-act-157-160",
    }
    return TermV1(**usual | given)


def watched(of: TermV1, **given: Any) -> Watched:
    """An agreement of Busanjin-gu in its first cycle."""
    usual: dict[str, Any] = {
        "agreement": BUSANJIN,
        "office": "busanjin",
        "number": "2025-3",
        "title": "의료관광 업무협약",
        "cycle": 1,
        "term": of,
    }
    return Watched(**usual | given)
