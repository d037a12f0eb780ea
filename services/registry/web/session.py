"""Who is signed in to the pages, and that a form was sent from a page of ours."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registry.access.credentials import nobody
from registry.kernel.actors import Actor
from registry.kernel.errors import Forbidden, Invalid
from registry.kernel.ports import Receipt
from registry.views.freshness import reached
from registry.web.frame import house_of

COOKIE = "moa_session"
LARGEST_POSITION = 2**63 - 1
POSITION = re.compile("[0-9]{1,19}")


async def signed_in(request: Request) -> Actor:
    """Whoever's session it is; Unauthenticated without a valid one."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise nobody()
    return await house_of(request).access.by_session(secret)


async def of_the_present(request: Request) -> None:
    """Refuse a question about a past moment, which a page would ignore in silence."""
    if {"as_of", "known_at"} & set(request.query_params):
        raise Invalid(
            "page.present_only",
            ko="이 화면은 현재 내용만 보여 줍니다. 지난 시점은 API에서 조회할 수 있습니다.",
            en="This page shows the present only; ask the API for a past moment.",
        )


async def from_our_page(request: Request) -> None:
    """Refuse a form that another site sent. Source: OWASP, CSRF prevention by Fetch Metadata and Origin."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = site in {"same-origin", "none"} if site else False
    if origin and not site:
        ours = origin.partition("://")[2] == request.headers.get("host")
    if not ours:
        raise Forbidden(
            "access.other_site",
            ko="다른 사이트에서 보낸 요청은 받지 않습니다. 모아 화면에서 다시 시도해 주세요.",
            en="Forms from other sites are refused: try again from a page of Moa.",
        )


SignedIn = Annotated[Actor, Depends(signed_in)]
OurForm = Depends(from_our_page)


def remember(response: Response, secret: str, *, secure: bool) -> None:
    """Give the browser its session."""
    response.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=secure, max_age=12 * 3600)


@asynccontextmanager
async def sent_form(request: Request) -> AsyncIterator[FormData]:
    """The form that was sent; HTTPException 400 when its encoding makes no sense."""
    try:
        form = await request.form(max_fields=2000)
    except (UnicodeError, LookupError) as nonsense:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from nonsense
    try:
        yield form
    finally:
        await form.close()


def command_id(form: FormData) -> UUID:
    """The command id that the form was made with, so that a double click records once."""
    given = form.get("command_id")
    try:
        return UUID(str(given))
    except ValueError:
        raise Invalid(
            "command.key_missing",
            ko="화면을 새로 열어 다시 입력해 주세요.",
            en="Open the form again and fill it in anew.",
        ) from None


def form_key(request: Request) -> UUID | None:
    """The command id in a form's address: whoever goes back to the form and sends it again records nothing twice."""
    try:
        return UUID(request.query_params.get("key", ""))
    except ValueError:
        return None


def expected_version(form: FormData) -> int | None:
    """The version that the page showed."""
    given = str(form.get("expected_version") or "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < len("1000000000") else None


async def fresh(request: Request, *views: str) -> None:
    """Wait until the views show what this person has just recorded (`?at=`)."""
    given = request.query_params.get("at", "")
    if POSITION.fullmatch(given) and int(given) <= LARGEST_POSITION:
        await reached(house_of(request).rows, views, int(given))


def onward(path: str, receipt: Receipt, done: str) -> RedirectResponse:
    """To the page that shows what was done."""
    return RedirectResponse(f"{path}?at={receipt.position}&done={done}", status_code=303)
