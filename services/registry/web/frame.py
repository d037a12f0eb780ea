"""The frame of every page: language, who is signed in, and the words."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from registry.house import House
from registry.kernel.actors import Actor
from registry.web.words import WORDS, translate

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "moa_lang"
CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), undefined=StrictUndefined
)


def house_of(request: Request) -> House:
    """The running house."""
    house: House = request.app.state.house
    return house


def language(request: Request) -> str:
    """`ko` unless the person chose English."""
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "ko"


def render(
    request: Request, template: str, context: Mapping[str, Any], *, by: Actor | None = None, status: int = 200
) -> HTMLResponse:
    """A page in its frame."""
    lang = language(request)
    done = request.query_params.get("done", "")
    framed = {
        "t": partial(translate, lang=lang),
        "lang": lang,
        "user": _user(request, by),
        "here": _here(request),
        "chosen_day": house_of(request).chosen_day,
        "done": done if f"done.{done}" in WORDS else None,
        **context,
    }
    html = _templates.get_template(template).render(framed)
    # What somebody typed is shown again even where half a character cannot be.
    shown = html.encode("utf-8", "replace")
    return HTMLResponse(shown, status_code=status, headers={"Content-Security-Policy": CSP})


def _user(request: Request, by: Actor | None) -> dict[str, object] | None:
    if by is None:
        return None
    may_write = house_of(request).policy.may(by, "agreement.draft", by.office)
    return {"role": by.role, "office_name": by.office, "may_write": may_write}


def _here(request: Request) -> str:
    """Where the language switch returns to; a refused POST returns to its form."""
    path = request.url.path
    if request.method == "POST":
        return {"/agreements": "/agreements/new", "/organisations": "/organisations/new"}.get(
            path, path.rpartition("/")[0] or "/"
        )
    return f"{path}?{request.url.query}" if request.url.query else path
