"""Pages about organisations."""

from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registry.application import CommandRequest
from registry.kernel.actors import Actor
from registry.kernel.errors import Conflict, Invalid, KeyReused, Refusal, RuleBroken
from registry.kernel.validation import parse
from registry.organisation.commands import RegisterOrganisation
from registry.organisation.events import Kind
from registry.organisation.queries import count, organisation, organisations
from registry.views import register, trail
from registry.web import forms, history
from registry.web.frame import house_of, language, render
from registry.web.session import OurForm, SignedIn, command_id, form_key, fresh, onward, sent_form
from registry.web.words import countries, country

KINDS = get_args(Kind)
PAGE = 50
router = APIRouter()


@router.get("/organisations")
async def listing(request: Request, by: SignedIn) -> Response:
    """Organisations by name."""
    await fresh(request, *register.VIEWS)
    house = house_of(request)
    q = request.query_params.get("q", "")[:200].replace("\x00", "")
    rows = await organisations(house.rows, search=q, after=_seen(request), limit=PAGE)
    more = None
    if len(rows) == PAGE:
        last = {"q": q, "after_name": rows[-1]["name_ko"], "after": rows[-1]["id"]}
        more = f"/organisations?{urlencode(last)}"
    numbers = await register.counts(house.rows, [UUID(row["id"]) for row in rows])
    context = {
        "q": q,
        "rows": [_row(row, language(request), numbers) for row in rows],
        "count": await count(house.rows, search=q),
        "more": more,
        "first": f"/organisations?{urlencode({'q': q})}" if _seen(request) else None,
    }
    return render(request, "organisations.html", context, by=by)


@router.get("/organisations/new")
async def form(request: Request, by: SignedIn) -> Response:
    """The form to register one."""
    house = house_of(request)
    house.policy.permit(by, RegisterOrganisation.name)
    key = form_key(request)
    if key is None:
        return RedirectResponse(f"/organisations/new?key={house.ids.new()}", status_code=303)
    return _form(request, by, str(key))


@router.post("/organisations", dependencies=[OurForm])
async def submit(request: Request, by: SignedIn) -> Response:
    """Register one; the form again, with what was typed, when something is wrong."""
    async with sent_form(request) as sent:
        key, values = command_id(sent), forms.typed(sent.multi_items())
    try:
        command = parse(RegisterOrganisation, forms.organisation_fields(values))
        asked = CommandRequest(command, by, key, request.state.request_id)
        receipt = await house_of(request).application.run(asked)
    except (Invalid, Conflict, RuleBroken) as refusal:
        return _form(request, by, str(key), values, refusal)
    except KeyReused as refusal:
        return _form(request, by, str(house_of(request).ids.new()), values, refusal)
    return onward(f"/organisations/{receipt.record}", receipt, "organisation_registered")


@router.get("/organisations/{record}")
async def page(request: Request, record: UUID, by: SignedIn) -> Response:
    """One organisation with its agreements."""
    await fresh(request, *register.VIEWS)
    house, lang = house_of(request), language(request)
    found = await organisation(house.rows, record)
    agreements = await register.of_organisation(house.rows, record)
    lines = await trail.of_record(house.log, record)
    context = {
        "organisation": {
            **found,
            "country": country(found["country"], lang) if found["country"] else None,
            "name": found["name_en"] if lang == "en" else found["name_ko"],
            "aliases": [{"text": alias["name"]["text"], "confirmed": alias["confirmed"]} for alias in found["aliases"]],
        },
        "agreements": [_agreement(row, str(record), lang) for row in agreements],
        "history": [history.entry(line, lang, {}) for line in reversed(lines)],
    }
    return render(request, "organisation.html", context, by=by)


def _form(
    request: Request,
    by: Actor,
    key: str,
    values: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    lang = language(request)
    context = {
        "command_id": key,
        "kinds": KINDS,
        "countries": [{"value": code, "label": name} for code, name in countries(lang)],
        "errors": forms.mistakes(refusal, lang, values or {}, words="organisation_form") if refusal else [],
        "values": values or {"country": "KR"},
    }
    return render(request, "organisation_form.html", context, by=by, status=422 if refusal else 200)


def _seen(request: Request) -> tuple[str, UUID] | None:
    name, last = request.query_params.get("after_name"), request.query_params.get("after")
    if not name or not last or "\x00" in name:
        return None
    try:
        return name, UUID(last)
    except ValueError:
        return None


def _row(row: Any, lang: str, numbers: dict[str, int]) -> dict[str, Any]:
    ko, en = row["name_ko"], row["name_en"]
    name, other, other_lang = (en, ko, "ko") if lang == "en" else (ko, en, "en")
    return {
        **row,
        "country": country(row["country"], lang) if row["country"] else None,
        "name": name,
        "other_name": other if other != name else None,
        "other_lang": other_lang,
        "agreements": numbers.get(row["id"], 0),
    }


def _agreement(row: Any, record: str, lang: str) -> dict[str, Any]:
    role = next((party["role"] for party in row["parties"] if party["organisation"] == record), None)
    return {
        "id": row["id"],
        "number": f"{row['year']}-{row['number']}",
        "title": row["title_en"] if lang == "en" else row["title_ko"],
        "kind": row["kind"],
        "state": row["state"],
        "role": role,
        "signed_on": row["signed"],
    }
