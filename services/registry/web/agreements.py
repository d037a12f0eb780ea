"""Pages about agreements: the register, one agreement, and the forms."""

from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registry.agreement.commands import DraftAgreement, EnterIntoForce, SetTerm, SignAgreement
from registry.agreement.events import Kind, State
from registry.agreement.queries import agreement, next_number
from registry.application import CommandRequest
from registry.house import House
from registry.kernel.actors import Actor
from registry.kernel.commands import Command
from registry.kernel.errors import Conflict, Forbidden, Invalid, KeyReused, Refusal, RuleBroken
from registry.kernel.ports import Row
from registry.kernel.validation import parse
from registry.organisation.queries import count as organisation_count
from registry.organisation.queries import organisations
from registry.renewal.queries import cases_of
from registry.views import register, trail
from registry.web import forms, history
from registry.web.frame import house_of, language, render
from registry.web.session import OurForm, SignedIn, command_id, expected_version, form_key, fresh, onward, sent_form

KINDS = get_args(Kind)
STATES = get_args(State)
PAGE = 50
CHOICES = 1000
PARTY_ROWS = 4
MOST_PARTY_ROWS = 100
router = APIRouter()


@router.get("/")
async def home() -> Response:
    """The register is where work begins."""
    return RedirectResponse("/agreements", status_code=303)


@router.get("/agreements")
async def listing(request: Request, by: SignedIn) -> Response:
    """The register with its search."""
    await fresh(request, *register.VIEWS)
    house, lang = house_of(request), language(request)
    q = request.query_params.get("q", "")[:200].replace("\x00", "")
    state = request.query_params.get("state", "")
    wanted = register.Wanted(search=q, state=state if state in STATES else None)
    rows = await register.register(house.rows, wanted, after=_seen(request), limit=PAGE)
    chosen = {"q": q, "state": wanted.state or ""}
    more = None
    if len(rows) == PAGE:
        last = rows[-1]
        more = f"/agreements?{urlencode(chosen | {'y': last['year'], 'n': last['number_key'], 'after': last['id']})}"
    context = {
        **chosen,
        "states": STATES,
        "rows": [_row(row, lang, house.clock.today()) for row in rows],
        "count": await register.count(house.rows, wanted),
        "more": more,
        "first": f"/agreements?{urlencode(chosen)}" if _seen(request) else None,
        "organisations": await organisation_count(house.rows),
    }
    return render(request, "register.html", context, by=by)


@router.get("/agreements/new")
async def form(request: Request, by: SignedIn) -> Response:
    """The form to draft an agreement, or to register one signed on paper."""
    house = house_of(request)
    house.policy.permit(by, DraftAgreement.name)
    key = form_key(request)
    if key is None:
        return RedirectResponse(f"/agreements/new?key={house.ids.new()}", status_code=303)
    year = house.clock.today().year
    values = {"year": str(year), "number": await next_number(house.rows, by.office, year), "kind": "mou"}
    return await _form(request, by, str(key), values)


@router.post("/agreements", dependencies=[OurForm])
async def submit(request: Request, by: SignedIn) -> Response:
    """Draft it; the form again, with what was typed, when something is wrong."""
    async with sent_form(request) as sent:
        key, values = command_id(sent), forms.typed(sent.multi_items())
    if "more_parties" in values:
        return await _form(request, by, str(key), values, more=forms.MORE_ROWS)
    try:
        command = parse(DraftAgreement, forms.agreement_fields(values))
        asked = CommandRequest(command, by, key, request.state.request_id)
        receipt = await house_of(request).application.run(asked)
    except (Invalid, Conflict, RuleBroken) as refusal:
        return await _form(request, by, str(key), values, refusal=refusal)
    except KeyReused as refusal:
        return await _form(request, by, str(house_of(request).ids.new()), values, refusal=refusal)
    done = "agreement_registered" if command.signed_on_paper else "agreement_drafted"
    return onward(f"/agreements/{receipt.record}", receipt, done)


@router.get("/agreements/{record}")
async def page(request: Request, record: UUID, by: SignedIn) -> Response:
    """One agreement with its history."""
    await fresh(request, *register.VIEWS)
    return await _page(request, record, by)


@router.post("/agreements/{record}/record-signature", dependencies=[OurForm])
async def record_signature(request: Request, record: UUID, by: SignedIn) -> Response:
    """Record a party's signature."""
    return await _act(request, record, by, "record_signature", "signature_recorded")


@router.post("/agreements/{record}/record-entry-into-force", dependencies=[OurForm])
async def record_entry_into_force(request: Request, record: UUID, by: SignedIn) -> Response:
    """Record the first day in force."""
    return await _act(request, record, by, "record_entry_into_force", "entry_into_force_recorded")


@router.post("/agreements/{record}/set-term", dependencies=[OurForm])
async def set_term(request: Request, record: UUID, by: SignedIn) -> Response:
    """Record the term."""
    return await _act(request, record, by, "set_term", "term_set")


async def _act(request: Request, record: UUID, by: Actor, action: str, done: str) -> Response:
    async with sent_form(request) as sent:
        key, version, values = command_id(sent), expected_version(sent), forms.typed(sent.multi_items())
    try:
        command = _command(action, values)
        asked = CommandRequest(command, by, key, request.state.request_id, target=record, expected=version)
        receipt = await house_of(request).application.run(asked)
    except (Invalid, Conflict, RuleBroken, Forbidden, KeyReused) as refusal:
        return await _page(request, record, by, action=action, values=values, refusal=refusal)
    return onward(f"/agreements/{record}", receipt, done)


def _command(action: str, values: forms.Typed) -> Command:
    given: dict[str, Any] = {name: values.get(name, "").strip() or None for name in ("organisation", "on", "place")}
    given |= forms.source(values)
    match action:
        case "record_signature":
            return parse(SignAgreement, given)
        case "record_entry_into_force":
            return parse(EnterIntoForce, {"on": given["on"]} | forms.source(values))
        case "set_term":
            return parse(SetTerm, forms.term_fields(values) | forms.source(values))
        case _:
            raise ValueError(action)


async def _page(
    request: Request,
    record: UUID,
    by: Actor,
    *,
    action: str | None = None,
    values: forms.Typed | None = None,
    refusal: Refusal | None = None,
) -> Response:
    house, lang = house_of(request), language(request)
    named = (await register.with_names(house.rows, [await agreement(house.rows, record)]))[0]
    names = {party["organisation"]: _name(party, lang) for party in named["parties"] if party["organisation"]}
    lines = await trail.of_agreement(house.log, house.rows, record)
    cases = await cases_of(house.rows, record)
    actions = _actions(house, by, named)
    context = {
        "agreement": _agreement(named, lang, house.clock.today()),
        "actions": actions,
        "commands": {name: str(house.ids.new()) for name in actions},
        "form": action,
        "errors": forms.mistakes(refusal, lang, values or {}, words=f"action.{action}") if refusal else [],
        "values": values or {},
        "history": [history.entry(line, lang, names) for line in reversed(lines)],
        "renewal": _case(cases[0], lines, lang) if cases else None,
    }
    return render(request, "agreement.html", context, by=by, status=_status(refusal))


def _status(refusal: Refusal | None) -> int:
    if refusal is None:
        return 200
    return 403 if isinstance(refusal, Forbidden) else 422 if isinstance(refusal, Invalid | KeyReused) else 409


def _actions(house: House, by: Actor, state: Row) -> list[str]:
    """What this person may do now; what is not possible is not offered."""
    if not house.policy.may(by, SignAgreement.name, state["office"]):
        return []
    unsigned = [party for party in state["parties"] if party["organisation"] and not party["signed_on"]]
    match state["state"]:
        case "drafted" | "part_signed":
            return ["record_signature"] if unsigned else []
        case "signed":
            return ["record_entry_into_force"]
        case "in_force":
            return ["set_term"]
        case _:
            return []


async def _form(
    request: Request,
    by: Actor,
    key: str,
    values: dict[str, str],
    *,
    refusal: Refusal | None = None,
    more: int = 0,
) -> Response:
    house, lang = house_of(request), language(request)
    await fresh(request, "organisation")
    known = await organisations(house.rows, limit=CHOICES)
    shown = sum(name.startswith("parties.") and name.endswith(".placeholder") for name in values)
    context = {
        "command_id": key,
        "kinds": KINDS,
        "organisations": [
            {"value": row["id"], "label": row["name_en"] if lang == "en" else row["name_ko"]} for row in known
        ],
        "party_rows": min(max(shown, PARTY_ROWS) + more, MOST_PARTY_ROWS),
        "errors": _mistakes(refusal, lang, values),
        "values": values,
    }
    return render(request, "agreement_form.html", context, by=by, status=422 if refusal else 200)


def _mistakes(refusal: Refusal | None, lang: str, values: forms.Typed) -> list[dict[str, str]]:
    if refusal is None:
        return []
    return forms.mistakes(refusal, lang, values, words="agreement_form", rows=forms.party_rows(values))


def _seen(request: Request) -> register.Seen | None:
    asked = request.query_params
    year, number, last = asked.get("y", ""), asked.get("n", ""), asked.get("after", "")
    if not year.isascii() or not year.isdigit() or len(year) > len("9999") or "\x00" in number:
        return None
    try:
        return int(year), number, UUID(last)
    except ValueError:
        return None


def _language(row: Row, title: str, lang: str) -> str:
    """The language that a title is in, which may not be the page's."""
    return next((str(text["lang"]) for text in row["titles"] if text["text"] == title), lang)


def _name(party: Row, lang: str) -> str:
    return str(party["name_en"] if lang == "en" else party["name_ko"])


def _row(row: Row, lang: str, today: date) -> dict[str, Any]:
    term, deadline = row["term"], row["notice_deadline"]
    last_safe = deadline["last_safe"] if deadline else None
    return {
        "id": row["id"],
        "number": f"{row['year']}-{row['number']}",
        "title": row["title_en"] if lang == "en" else row["title_ko"],
        "title_lang": _language(row, row["title_en"] if lang == "en" else row["title_ko"], lang),
        "kind": row["kind"],
        "parties": [_name(party, lang) for party in row["parties"]],
        "state": row["state"],
        "signed_on": row["signed"],
        "in_force_since": row["in_force_since"],
        "end_kind": term["end_kind"] if term else None,
        "end": term["end"] if term else None,
        "notice_deadline": last_safe,
        "days_left": _days_left(last_safe, today),
        "office": row["office"],
    }


def _agreement(state: Row, lang: str, today: date) -> dict[str, Any]:
    title, other = (state["title_en"], state["title_ko"]) if lang == "en" else (state["title_ko"], state["title_en"])
    term, deadline = state["term"], state["notice_deadline"]
    return {
        **_row(state, lang, today),
        "version": state["version"],
        "place": state["place"],
        "title": title,
        "other_title": other if other != title else None,
        "other_title_lang": _language(state, other, lang),
        "fields": state["fields"],
        "parties": [
            {
                "name": _name(party, lang),
                "organisation_id": party["organisation"],
                "side": party["side"],
                "role": party["role"],
                "signed_on": party["signed_on"],
                "signed_at": party["place"],
            }
            for party in state["parties"]
        ],
        "term": None
        if term is None
        else {
            **term,
            "corresponding": deadline["corresponding"] if deadline else None,
            "last_safe": deadline["last_safe"] if deadline else None,
            "days_left": _days_left(deadline["last_safe"] if deadline else None, today),
            "ended": term["end"] is not None and date.fromisoformat(term["end"]) < today,
        },
    }


def _case(case: Row, lines: Any, lang: str) -> dict[str, Any]:
    opened = next((line for line in lines if str(line.record) == case["id"] and line.version == 1), None)
    deadline = case["deadline"] or {}
    return {
        "cycle": case["cycle"],
        "state": None,
        "opened_on": history.local(opened.recorded_at).date() if opened else None,
        "corresponding": deadline.get("corresponding"),
        "last_safe": deadline.get("last_safe"),
        "reminders": [
            {
                "rung": history.rung(reminder["rule"]),
                "recipient": history.recipient(reminder["recipient_office"], reminder["recipient_role"], lang),
                "channel": reminder["channel"],
                "outcome": reminder["outcome"],
                "at": history.local(reminder["at"]),
            }
            for reminder in case["reminders"]
        ],
    }


def _days_left(last_safe: str | None, today: date) -> int | None:
    return (date.fromisoformat(last_safe) - today).days if last_safe else None
