"""Refusals as RFC 9457 problems: a stable code, a message in Korean and English, every field error."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from registry.api.moments import told
from registry.gate import status_of
from registry.kernel.errors import Refusal, Unauthenticated, Unavailable
from registry.views.history import NotYet

STATUS_BY_CODE = {
    "request.too_large": 413,
    "request.unreadable": 400,
    "request.not_json": 415,
    "command.key_missing": 400,
    "command.key_wrong": 400,
    "command.version_wrong": 400,
    "command.nothing_to_match": 400,
}


def problem(request: Request, refusal: Refusal, *, status: int | None = None) -> JSONResponse:
    """The answer to a request that was refused."""
    code = status or STATUS_BY_CODE.get(refusal.code) or status_of(refusal)
    headers = told(refusal.asked, refusal.found) if isinstance(refusal, NotYet) else {}
    if isinstance(refusal, Unavailable):
        headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="moa"'
    if refusal.code == "record.stale" and "if-match" in request.headers:
        code = 412
    body: dict[str, Any] = {
        "type": f"urn:moa:problem:{refusal.code}",
        "title": refusal.en,
        "status": code,
        "detail": refusal.ko,
        "code": refusal.code,
        "message": {"ko": refusal.ko, "en": refusal.en},
        "request": str(getattr(request.state, "request_id", "")),
    }
    if refusal.fields:
        body["errors"] = [
            {"field": found.field, "code": found.code, "message": {"ko": found.ko, "en": found.en}}
            for found in refusal.fields
        ]
    return JSONResponse(body, status_code=code, headers=headers, media_type="application/problem+json")
