"""Signing in by a one-time link, signing out, choosing a language."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registry.kernel.errors import Unauthenticated
from registry.web.frame import LANGUAGE_COOKIE, house_of, language, render
from registry.web.session import COOKIE, OurForm, remember, sent_form
from registry.web.words import translate

SEOUL = ZoneInfo("Asia/Seoul")
router = APIRouter()


@router.get("/sign-in")
async def sign_in(request: Request) -> Response:
    """How to get a sign-in link."""
    return render(request, "sign_in.html", {})


@router.get("/sign-in/{secret}")
async def confirm(request: Request, secret: str) -> Response:
    """Show what a link is for; opening it does not spend it."""
    found = await house_of(request).access.open_link(secret)
    if found is None:
        return _spent(request)
    actor, valid_until = found
    context = {
        "action": f"/sign-in/{secret}",
        "role": actor.role,
        "office_name": actor.office,
        "valid_until": valid_until.astimezone(SEOUL),
    }
    return render(request, "sign_in_confirm.html", context)


@router.post("/sign-in/{secret}", dependencies=[OurForm])
async def spend(request: Request, secret: str) -> Response:
    """Spend the link and open a session."""
    house = house_of(request)
    try:
        session = await house.access.spend_link(secret)
    except Unauthenticated:
        return _spent(request)
    response = RedirectResponse("/agreements", status_code=303)
    remember(response, session, secure=house.public_url.startswith("https:"))
    return response


@router.post("/sign-out", dependencies=[OurForm])
async def sign_out(request: Request) -> Response:
    """End the session."""
    secret = request.cookies.get(COOKIE)
    if secret:
        await house_of(request).access.end_session(secret)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE)
    return response


@router.post("/language", dependencies=[OurForm])
async def choose_language(request: Request) -> Response:
    """Remember the language and go back to the page."""
    async with sent_form(request) as form:
        lang = "en" if form.get("lang") == "en" else "ko"
        back = str(form.get("back") or "/")
    safe = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    response = RedirectResponse(back if safe else "/", status_code=303)
    response.set_cookie(LANGUAGE_COOKIE, lang, samesite="strict", httponly=True, max_age=365 * 86400)
    return response


def _spent(request: Request) -> Response:
    lang = language(request)
    problem = {"title": translate("sign_in.spent", lang), "detail": translate("sign_in.spent.text", lang)}
    return render(request, "sign_in.html", {"problem": problem}, status=401)
