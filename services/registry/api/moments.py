"""Questions about a past moment: which day, and what was known at which instant."""

import re
from datetime import UTC, date, datetime

from starlette.requests import Request

from registry.api.paging import TIMES, only
from registry.house import House
from registry.kernel.errors import Invalid
from registry.views.history import Asked, Found, not_come

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+ -][0-9]{2}:[0-9]{2})"
)


def asked(request: Request, house: House) -> Asked | None:
    """What a request asks for with `as_of` and `known_at`; None when it asks for the present."""
    only(request, *TIMES)
    day, instant = (request.query_params.get(name) for name in TIMES)
    if day is None and instant is None:
        return None
    return Asked(
        as_of=None if day is None else _day(day), known_at=None if instant is None else _instant(instant, house)
    )


def told(asked: Asked, found: Found) -> dict[str, str]:
    """The headers that say for which moment an answer or a refusal was given, and what is not certain."""
    headers = {"Registry-Position": str(found.position), "Registry-Uncertain": ", ".join(map(str, found.uncertain))}
    if asked.as_of is not None:
        headers["Registry-As-Of"] = asked.as_of.isoformat()
    if asked.known_at is not None:
        headers["Registry-Known-At"] = asked.known_at.isoformat()
    return headers


def _day(given: str) -> date:
    try:
        if DAY.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass  # said below, as for anything else that is no day
    raise Invalid(
        "query.as_of_wrong",
        ko="as_of에는 날짜를 2025-06-09처럼 적어 주세요.",
        en="Give as_of as a day, such as 2025-06-09.",
    )


def _instant(given: str, house: House) -> datetime:
    parts = INSTANT.fullmatch(given)
    try:
        if parts is not None:
            # A plus sign that was not escaped arrives as a space.
            offset = parts[3].replace("Z", "+00:00").replace(" ", "+")
            instant = datetime.fromisoformat(f"{parts[1]}T{parts[2]}{offset}").astimezone(UTC)
            return _not_ahead(instant, house)
    except (ValueError, OverflowError):
        pass  # said below, as for anything else that is no instant
    raise Invalid(
        "query.known_at_wrong",
        ko="known_at에는 시각을 시간대와 함께 2025-06-09T10:00:00+09:00처럼 적어 주세요. "
        "시간대는 +09:00이나 Z로, 초는 소수점 아래 여섯 자리까지 적습니다.",
        en="Give known_at as an instant with its offset, such as 2025-06-09T10:00:00+09:00: "
        "offset as +09:00 or Z, at most six digits of a second.",
    )


def _not_ahead(instant: datetime, house: House) -> datetime:
    if instant > house.clock.now():
        raise not_come()
    return instant
