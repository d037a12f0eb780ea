"""The gate of the house: request ids, a bound on bodies, headers of caution, and one log line a request."""

import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Histogram

from registry.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Refusal,
    RuleBroken,
    Unauthenticated,
    Unavailable,
)
from registry.kernel.ports import Ids

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 1_048_576
SAFE_REQUEST_ID = re.compile(r"^[0-9a-fA-F-]{36}$")
CAUTION = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
ANSWERED = Histogram("moa_http_answer_seconds", "Seconds to answer a request.", ["method", "route", "status"])
logger = structlog.get_logger("registry.http")


# What each kind of refusal is in HTTP; RFC 9110, section 15.
STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    KeyReused: 422,
    RuleBroken: 409,
    Conflict: 409,
    NotFound: 404,
    Forbidden: 403,
    Unauthenticated: 401,
    Unavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal; 400 for one of no particular kind."""
    return next((status for kind, status in STATUS.items() if isinstance(refusal, kind)), 400)


class BodyTooLarge(Exception):
    """The body passed the bound; raised where it is read."""


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: App, ids: Ids) -> None:
        """Let requests through to `app`."""
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = self._request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500
        read = 0

        async def bounded() -> MutableMapping[str, Any]:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise BodyTooLarge
            return message

        async def marked(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = [(b"x-request-id", str(request_id).encode()), *CAUTION]
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in extra if h[0] not in given)]
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=str(request_id))
        try:
            await self._app(scope, bounded, marked)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            seconds = time.perf_counter() - started
            ANSWERED.labels(scope["method"], route, status).observe(seconds)
            logger.info(
                "http.answered",
                method=scope["method"],
                route=route,
                status=status,
                milliseconds=round(seconds * 1000, 1),
            )

    def _request_id(self, headers: dict[bytes, bytes]) -> UUID:
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        if SAFE_REQUEST_ID.match(given):
            try:
                return UUID(given)
            except ValueError:
                return self._ids.new()
        return self._ids.new()
