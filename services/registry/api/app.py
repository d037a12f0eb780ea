"""The API as one application: routes, problems, health."""

from collections.abc import Iterable

import structlog
from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount

from registry.api import commands, persons, queries
from registry.api.metrics import metrics
from registry.api.problems import problem
from registry.gate import BodyTooLarge
from registry.house import House
from registry.kernel.commands import Command
from registry.kernel.errors import Invalid, NotFound, Refusal
from registry.kernel.validation import invalid

PREFIX = "/api/v1"
NOWHERE = "/api/{rest:path}"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
logger = structlog.get_logger("registry.http")


def furnish(app: FastAPI, made_of: Iterable[type[Command]]) -> None:
    """Give `app` the API, its problem answers and its health."""
    commands.enter(app.router, made_of, prefix=PREFIX)
    app.include_router(queries.router, prefix=PREFIX)
    app.include_router(persons.router, prefix=PREFIX)
    app.add_api_route("/healthz", _alive, tags=["health"])
    app.add_api_route("/readyz", _ready, tags=["health"])
    app.add_api_route("/metrics", metrics, tags=["health"])
    app.add_api_route(NOWHERE, _nowhere, methods=METHODS, include_in_schema=False)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(BodyTooLarge, _too_large)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)


async def _alive() -> dict[str, str]:
    """The process is alive."""
    return {"status": "alive"}


async def _ready(request: Request) -> JSONResponse:
    """It can serve; 503 and what is missing otherwise."""
    house: House = request.app.state.house
    missing = await house.missing()
    return JSONResponse({"ready": not missing, "missing": missing}, status_code=503 if missing else 200)


async def _nowhere(request: Request) -> Response:
    if taken := _methods(request):
        raise HTTPException(405, headers={"Allow": ", ".join(taken)})
    raise NotFound(
        "request.no_such_address",
        ko="이 주소에는 아무것도 없습니다. /docs에서 주소를 확인해 주세요.",
        en="There is nothing at this address: see /docs.",
    )


def _methods(request: Request) -> list[str]:
    """The methods that the API takes at the address of a request."""
    others = (route for route in request.app.routes if not isinstance(route, Mount))
    routes = [route for route in others if getattr(route, "path", None) != NOWHERE]
    scopes = [{**request.scope, "method": method} for method in METHODS]
    return [scope["method"] for scope in scopes if any(route.matches(scope)[0] is Match.FULL for route in routes)]


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    logger.info("request.refused", code=error.code)
    return problem(request, error)


async def _malformed(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        unreadable = Invalid(
            "request.unreadable",
            ko="본문을 JSON으로 읽을 수 없습니다. 따옴표와 쉼표를 확인해 주세요.",
            en="The body cannot be read as JSON: check quotes and commas.",
        )
        return problem(request, unreadable)
    return problem(request, invalid(found, drop=1))


async def _too_large(request: Request, _: Exception) -> Response:
    return problem(request, too_large())


async def _fault(request: Request, error: Exception) -> Response:
    logger.error("request.fault", exc_info=error)
    fault = Refusal(
        "registry.fault",
        ko="모아에 문제가 생겨 요청을 처리하지 못했습니다. 요청 번호와 함께 관리자에게 알려 주세요.",
        en="Something went wrong inside Moa: tell your administrator the request's id.",
    )
    return problem(request, fault, status=500)


def too_large() -> Invalid:
    """The refusal of a body past the bound."""
    return Invalid(
        "request.too_large",
        ko="보낸 내용이 너무 큽니다. 1 MiB 이하로 나누어 보내 주세요.",
        en="This is too large: send it in parts of 1 MiB or less.",
    )


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, BodyTooLarge) or isinstance(error.__context__, BodyTooLarge):
        return problem(request, too_large())
    refusals = {
        400: (
            "request.unreadable",
            "요청을 읽을 수 없습니다. 본문 형식을 확인해 주세요.",
            "The request cannot be read: check the body.",
        ),
        404: ("request.no_such_address", "이 주소에는 아무것도 없습니다.", "There is nothing at this address."),
        405: (
            "request.no_such_method",
            "이 주소에서는 쓸 수 없는 방식입니다.",
            "This address does not take that method.",
        ),
    }
    code, ko, en = refusals.get(
        error.status_code, ("request.refused", "요청을 처리할 수 없습니다.", "The request was refused.")
    )
    answer = problem(request, Refusal(code, ko=ko, en=en), status=error.status_code)
    answer.headers.update(error.headers or {})
    return answer
