"""The pages as one application: routes, the static files, and refusals as pages."""

from http import HTTPStatus

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from registry.gate import BodyTooLarge, status_of
from registry.kernel.actors import Actor
from registry.kernel.errors import Invalid, NotFound, Refusal, Unauthenticated, Unavailable
from registry.web import agreements, documentation, notices, organisations, signing_in
from registry.web.frame import HERE, language, render
from registry.web.session import of_the_present, signed_in
from registry.web.words import WORDS, translate


class Assets(StaticFiles):
    """Static files that a browser may keep for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


def pages() -> FastAPI:
    """The pages, to be mounted at the root."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(of_the_present)])
    app.mount("/static", Assets(directory=HERE / "static"))
    for part in (signing_in, documentation, agreements, organisations, notices):
        app.include_router(part.router)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _no_such_page)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(BodyTooLarge, _too_large)
    app.add_exception_handler(Exception, _fault)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    if isinstance(error, Unauthenticated) and "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    if isinstance(error, Unauthenticated) and request.method == "GET":
        return RedirectResponse("/sign-in", status_code=303)
    return await _problem(request, error, status_of(error))


async def _no_such_page(request: Request, _: Exception) -> Response:
    return await _problem(request, _missing(), 404)


async def _too_large(request: Request, _: Exception) -> Response:
    large = Invalid(
        "request.too_large",
        ko="보낸 내용이 너무 큽니다. 1 MiB 이하로 줄여 주세요.",
        en="This is too large: send 1 MiB or less.",
    )
    return await _problem(request, large, 413)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__context__, BodyTooLarge):
        return await _too_large(request, error)
    match error.status_code:
        case HTTPStatus.METHOD_NOT_ALLOWED:
            refusal: Refusal = Invalid(
                "request.no_such_method",
                ko="이 주소에서는 쓸 수 없는 방식입니다. 화면의 단추를 이용해 주세요.",
                en="This address does not take that method: use the buttons of the pages.",
            )
        case HTTPStatus.BAD_REQUEST:
            refusal = Invalid(
                "request.unreadable",
                ko="보낸 양식을 읽을 수 없습니다. 화면을 새로 열어 다시 입력해 주세요.",
                en="The form that was sent cannot be read: open it again and fill it in anew.",
            )
        case _:
            refusal = _missing()
    return await _problem(request, refusal, error.status_code)


async def _fault(request: Request, _: Exception) -> Response:
    fault = Refusal(
        "registry.fault",
        ko="모아에 문제가 생겨 요청을 처리하지 못했습니다. 기록된 내용은 안전합니다. 관리자에게 알려 주세요.",
        en="Something went wrong inside Moa; what is recorded is safe. Please tell your administrator.",
    )
    return await _problem(request, fault, 500)


def _missing() -> NotFound:
    return NotFound(
        "page.unknown",
        ko="찾으시는 화면이 없습니다. 주소를 확인하거나 협약 대장에서 다시 찾아 주세요.",
        en="There is no such page: check the address, or start from the register.",
    )


async def _problem(request: Request, refusal: Refusal, status: int) -> Response:
    lang = language(request)
    problem = {
        "title": translate(f"problem.{status}" if f"problem.{status}" in WORDS else "problem.other", lang),
        "detail": refusal.en if lang == "en" else refusal.ko,
        "code": refusal.code,
        "what_to_do": None,
    }
    by = await _whoever(request) if status < HTTPStatus.INTERNAL_SERVER_ERROR else None
    back = {"url": "/agreements", "label": translate("problem.back", lang)}
    page = render(request, "problem.html", {"problem": problem, "back": back}, by=by, status=status)
    if isinstance(refusal, Unavailable):
        page.headers["Retry-After"] = str(refusal.retry_after)
    return page


async def _whoever(request: Request) -> Actor | None:
    """Who is signed in, so that their menu stays; nobody is no reason for another refusal."""
    try:
        return await signed_in(request)
    except Refusal:
        return None
