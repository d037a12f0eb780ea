"""Pages of a list: a bound, a cursor, and no parameter that nobody knows."""

import base64
import binascii
import json
from typing import Any

from starlette.requests import Request

from registry.kernel.errors import FieldError, Invalid

LARGEST_PAGE = 200
LONGEST_NUMBER = len("9999")
TIMES = ("as_of", "known_at")


def only(request: Request, *known: str) -> None:
    """Refuse query parameters that mean nothing here, so that no filter is ignored in silence."""
    strange = sorted(set(request.query_params) - {*known, "at"})
    if strange and set(strange) <= set(TIMES):
        raise Invalid(
            "query.unknown",
            ko="as_of와 known_at은 목록이 아니라 기록 하나를 조회할 때만 쓸 수 있습니다.",
            en="as_of and known_at can be asked of one record only, not of a list.",
            fields=tuple(_leave_out(name) for name in strange),
        )
    if strange:
        raise Invalid(
            "query.unknown",
            ko=f"이 주소에서 쓸 수 없는 조건입니다: {', '.join(strange)}",
            en=f"These parameters mean nothing here: {', '.join(strange)}",
            fields=tuple(_leave_out(name) for name in strange),
        )


def _leave_out(name: str) -> FieldError:
    if name in TIMES:
        return FieldError(
            name,
            "query.only_of_one",
            "지난 시점은 한 건을 조회할 때만 쓸 수 있습니다. 목록에서는 빼고 보내 주세요.",
            "A past moment can be asked of one record only, not yet of a list: leave it out here.",
        )
    return FieldError(name, "query.unknown", "빼고 보내 주세요.", "Leave it out.")


def limit(request: Request, *, usual: int = 50) -> int:
    """How many rows are asked for, 1 to 200."""
    given = request.query_params.get("limit", str(usual))
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:6]) <= LARGEST_PAGE or len(given) > len("200"):
        raise Invalid(
            "query.limit_wrong",
            ko=f"limit은 1부터 {LARGEST_PAGE}까지의 정수입니다.",
            en=f"limit is a whole number from 1 to {LARGEST_PAGE}.",
        )
    return int(given)


def cursor(*parts: object) -> str:
    """An opaque mark of the last row seen."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in parts]).encode()).decode().rstrip("=")


def seen(request: Request, *shape: type[Any]) -> tuple[Any, ...] | None:
    """What a cursor says, as values of `shape`; None without one, Invalid when it is not ours."""
    given = request.query_params.get("cursor")
    if given is None:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
        return tuple(_value(kind, part) for kind, part in zip(shape, parts, strict=True))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise Invalid(
            "query.cursor_wrong",
            ko="cursor는 앞 쪽에서 받은 next 값 그대로 보내 주세요.",
            en="Send cursor as the value of `next` that the page before gave.",
        ) from None


def _value(kind: type[Any], part: object) -> Any:
    """One part of a cursor; ValueError when Postgres could not take it."""
    if not isinstance(part, str) or "\x00" in part or (kind is int and len(part) > LONGEST_NUMBER):
        raise ValueError(part)
    part.encode()
    return kind(part)
