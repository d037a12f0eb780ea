"""Errors of the HTTP face, as RFC 9457 asks, in Korean and English."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from notifier.errors import Notice, Unavailable

log = structlog.get_logger("notifier.api")


class Problem(Notice):
    """A request that is not answered as asked."""

    def __init__(self, status: HTTPStatus, code: str, *, ko: str, en: str) -> None:
        """Keep the status with the words."""
        super().__init__(code, ko=ko, en=en)
        self.status = status


UNSIGNED = Problem(
    HTTPStatus.UNAUTHORIZED,
    "auth.required",
    ko="인증이 필요합니다. `Authorization: Bearer 토큰` 헤더를 보내십시오.",
    en="Sign in: send the header `Authorization: Bearer TOKEN`.",
)
NO_MAIL = Problem(HTTPStatus.NOT_FOUND, "mail.unknown", ko="그런 메일이 없습니다.", en="There is no such mail.")
NO_MAILBOX = Problem(
    HTTPStatus.NOT_FOUND,
    "mailbox.none",
    ko="메일을 실제 메일 서버로 보내므로 여기에는 메일함이 없습니다.",
    en="Mail goes through a real mail server, so there is no mailbox here.",
)


def answer(status: HTTPStatus, code: str, ko: str, en: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem as JSON."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": en,
        "ko": ko,
        "en": en,
    }
    return JSONResponse(body, status.value, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Give every error its answer."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


async def _problem(_: Request, problem: Exception) -> JSONResponse:
    if not isinstance(problem, Problem):
        raise problem
    headers = {"WWW-Authenticate": "Bearer"} if problem.status is HTTPStatus.UNAUTHORIZED else None
    return answer(problem.status, problem.code, problem.ko, problem.en, headers)


async def _unavailable(_: Request, failure: Exception) -> JSONResponse:
    if not isinstance(failure, Unavailable):
        raise failure
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, failure.code, failure.ko, failure.en, {"Retry-After": "2"})


async def _invalid(_: Request, __: Exception) -> JSONResponse:
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid", "요청을 읽을 수 없습니다.", "The request cannot be read."
    )


async def _http(_: Request, failure: Exception) -> JSONResponse:
    if not isinstance(failure, HTTPException):
        raise failure
    status = HTTPStatus(failure.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return answer(status, "route.unknown", "이 주소에는 아무것도 없습니다.", "There is nothing at this address.")
    return answer(
        status, "request.refused", "이 요청은 받을 수 없습니다.", "This request is not taken.", failure.headers
    )


async def _broken(_: Request, failure: Exception) -> JSONResponse:
    log.error("api.broken", error=type(failure).__name__, exc_info=failure)
    return answer(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal",
        "알림 서비스에 문제가 생겼습니다. 기록에 남겼습니다.",
        "Something went wrong in the notifier; it is in the log.",
    )
