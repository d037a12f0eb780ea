"""The headers of a write: command id, expected version, position."""

import re
from uuid import UUID

from starlette.requests import Request

from registry.kernel.errors import Invalid

VERSION = re.compile(r'^(?:W/)?"(\d{1,9})"$')
LARGEST_POSITION = 2**63 - 1


def command_id(request: Request) -> UUID:
    """The Idempotency-Key; Invalid when it is missing or no UUID."""
    given = request.headers.get("idempotency-key")
    if given is None:
        raise Invalid(
            "command.key_missing",
            ko="Idempotency-Key 헤더에 새 UUID를 넣어 주세요. 같은 요청을 다시 보내도 한 번만 기록됩니다.",
            en="Send a new UUID in the header Idempotency-Key: a repeated request is then recorded once.",
        )
    try:
        return UUID(given.strip('"'))
    except ValueError:
        raise Invalid(
            "command.key_wrong",
            ko="Idempotency-Key는 UUID여야 합니다. 예: 3f0c0a52-5d5e-4c0e-9a3b-6f6f0c1d2e3f",
            en="Idempotency-Key must be a UUID, such as 3f0c0a52-5d5e-4c0e-9a3b-6f6f0c1d2e3f.",
        ) from None


def expected_version(request: Request) -> int | None:
    """The version in If-Match; None without one, Invalid when it is no ETag of ours."""
    given = request.headers.get("if-match")
    if given is None or given == "*":
        return None
    found = VERSION.match(given)
    if found is None:
        raise Invalid(
            "command.version_wrong",
            ko='If-Match에는 ETag 그대로 "3"처럼 넣어 주세요.',
            en='Give If-Match as the ETag had it, such as "3".',
        )
    return int(found[1])


def position(request: Request) -> int | None:
    """The log position that an answer must have reached; None when it was not asked for."""
    given = request.headers.get("registry-position", request.query_params.get("at"))
    if given is None:
        return None
    too_long = len(given) > len(str(LARGEST_POSITION))
    if not given.isascii() or not given.isdigit() or too_long or int(given) > LARGEST_POSITION:
        raise Invalid(
            "request.position_wrong",
            ko="Registry-Position은 앞서 받은 숫자 그대로 보내 주세요.",
            en="Send Registry-Position as the number that you were given.",
        )
    return int(given)
