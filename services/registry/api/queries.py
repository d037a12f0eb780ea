"""GET: what stands in the views, and what the log says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from starlette.requests import Request

from registry.agreement import projection as agreement_projection
from registry.agreement.queries import agreement
from registry.api.described import AS_OF, AT, CURSOR, KNOWN_AT, LIMIT, MOMENT, REFUSED, query
from registry.api.headers import position
from registry.api.moments import asked, told
from registry.api.paging import cursor, limit, only, seen
from registry.api.signing_in import TheHouse, caller
from registry.delegation import projection as delegation_projection
from registry.delegation.queries import delegation, delegations
from registry.house import House
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.ports import Row, Rows
from registry.kernel.views import View
from registry.organisation import projection as organisation_projection
from registry.organisation.queries import organisation, organisations
from registry.partnership import projection as partnership_projection
from registry.partnership.queries import partnership, partnerships
from registry.renewal import projection as renewal_projection
from registry.renewal.queries import case, cases
from registry.views import history, register, trail
from registry.views.freshness import reached
from registry.views.history import Asked, Found

LARGEST_YEAR = 9999
F = TypeVar("F", bound=Callable[..., Any])


class Page(BaseModel):
    """Some rows of a list; `next` is the cursor of the following page, None on the last."""

    items: Sequence[Mapping[str, Any]]
    next: str | None = None
    count: int | None = None


def _fresh(*views: str) -> Any:
    async def wait(request: Request, house: TheHouse) -> None:
        wanted = position(request)
        if wanted is not None:
            await reached(house.rows, views, wanted)

    return Depends(wait)


def _text(request: Request, name: str) -> str | None:
    given = request.query_params.get(name)
    if given is not None and ("\x00" in given or not given.isprintable()):
        raise Invalid(
            "query.unreadable",
            ko=f"{name}에 쓸 수 없는 문자가 있습니다.",
            en=f"{name} holds characters that cannot be used.",
        )
    return given or None


def _number(request: Request, name: str, most: int) -> int | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > len(str(most)) or int(given) > most:
        raise Invalid("query.number_wrong", ko=f"{name}은(는) 정수입니다.", en=f"{name} is a whole number.")
    return int(given)


def _one(state: Row, response: Response) -> Row:
    response.headers["ETag"] = f'"{state["version"]}"'
    return state


async def _moment(
    house: House,
    view: View,
    record: UUID,
    wanted: Asked,
    response: Response,
    now: Callable[[Rows, UUID], Awaitable[Row]],
    *,
    beside: Sequence[View] = (),
) -> tuple[Row, Found]:
    """A record as it was, without an ETag: nothing can be changed from there. `now` refuses one that never was.

    `beside` are the views from which more of the answer comes.
    """
    try:
        state, found = await history.state(house.rows, view, record, wanted, beside=beside)
    except NotFound:
        await now(house.rows, record)
        raise
    response.headers.update(told(wanted, found))
    return state, found


router = APIRouter(dependencies=[Depends(caller)], responses=REFUSED)


def _get(path: str, tag: str, *views: str, of_a_moment: bool = False, **parameters: str) -> Callable[[F], F]:
    """A GET that may be asked to wait for `views`; `parameters` are its query, a sentence each."""
    times = query(as_of=AS_OF, known_at=KNOWN_AT) if of_a_moment else []
    told = [*([AT] if views else []), *query(**parameters), *times]
    wait = [_fresh(*views)] if views else []
    made: Callable[[F], F] = router.get(
        path,
        tags=[tag],
        dependencies=wait,
        openapi_extra={"parameters": told},
        responses=MOMENT if of_a_moment else None,
    )
    return made


def _get_one(path: str, tag: str, *views: str) -> Callable[[F], F]:
    """A GET of one record, now or as of a moment."""
    return _get(path, tag, *views, of_a_moment=True)


@_get(
    "/agreements",
    "agreement",
    *register.VIEWS,
    q="A part of a number, title, field or party's name.",
    state="drafted, part_signed, signed or in_force.",
    kind="Such as mou.",
    office="Code of the office.",
    year="Year of the register number.",
    limit=LIMIT,
    cursor=CURSOR,
)
async def list_agreements(request: Request, house: TheHouse) -> Page:
    """The register: `q` a part of a number, title, field or party; `state`, `kind`, `office`, `year`."""
    only(request, "q", "state", "kind", "office", "year", "limit", "cursor")
    wanted = register.Wanted(
        search=_text(request, "q") or "",
        state=_text(request, "state"),
        kind=_text(request, "kind"),
        office=_text(request, "office"),
        year=_number(request, "year", LARGEST_YEAR),
    )
    size = limit(request)
    after = cast("register.Seen | None", seen(request, int, str, UUID))
    rows = await register.register(house.rows, wanted, after=after, limit=size)
    last = cursor(rows[-1]["year"], rows[-1]["number_key"], rows[-1]["id"]) if len(rows) == size else None
    return Page(items=rows, next=last, count=await register.count(house.rows, wanted))


@_get_one("/agreements/{record}", "agreement", *register.VIEWS)
async def one_agreement(record: UUID, request: Request, response: Response, house: TheHouse) -> Row:
    """One agreement as it stands, or stood, its parties named."""
    wanted = asked(request, house)
    if wanted is not None:
        view, beside = agreement_projection.VIEW, register.NAMING
        then, found = await _moment(house, view, record, wanted, response, agreement, beside=beside)
        return await register.with_names_then(house.rows, then, found.position, wanted)
    named = await register.with_names(house.rows, [await agreement(house.rows, record)])
    return _one(named[0], response)


@_get("/agreements/{record}/events", "history", *register.VIEWS)
async def events_of_agreement(record: UUID, request: Request, house: TheHouse) -> Sequence[trail.Line]:
    """Everything that happened to an agreement and its renewal cases, in log order."""
    only(request)
    await agreement(house.rows, record)
    return await trail.of_agreement(house.log, house.rows, record)


@_get("/events", "history", after="Position after which to go on; 0 for the beginning.", limit=LIMIT)
async def events(request: Request, response: Response, house: TheHouse) -> Sequence[trail.Line]:
    """The log from after a position: `after`, `limit`. The header Registry-Position is the log's head."""
    only(request, "after", "limit")
    start = _number(request, "after", 2**63 - 1) or 0
    found = await trail.after(house.log, start, limit(request, usual=100))
    response.headers["Registry-Position"] = str(await house.log.head())
    return found


@_get("/organisations", "organisation", "organisation", q="A part of any name or number.", limit=LIMIT, cursor=CURSOR)
async def list_organisations(request: Request, house: TheHouse) -> Page:
    """Organisations in order of their Korean name: `q` a part of any name or number."""
    only(request, "q", "limit", "cursor")
    size = limit(request)
    after = cast("tuple[str, UUID] | None", seen(request, str, UUID))
    rows = await organisations(house.rows, search=_text(request, "q") or "", after=after, limit=size)
    last = cursor(rows[-1]["name_ko"], rows[-1]["id"]) if len(rows) == size else None
    return Page(items=rows, next=last)


@_get_one("/organisations/{record}", "organisation", "organisation")
async def one_organisation(record: UUID, request: Request, response: Response, house: TheHouse) -> Row:
    """One organisation as it stands, or stood."""
    wanted = asked(request, house)
    if wanted is not None:
        return (await _moment(house, organisation_projection.VIEW, record, wanted, response, organisation))[0]
    return _one(await organisation(house.rows, record), response)


@_get("/renewals", "renewal", "renewal", limit=LIMIT, cursor=CURSOR)
async def list_renewals(request: Request, house: TheHouse) -> Page:
    """Renewal cases with a notice deadline, the soonest first."""
    only(request, "limit", "cursor")
    size = limit(request)
    after = cast("tuple[str, UUID] | None", seen(request, str, UUID))
    rows = await cases(house.rows, after=after, limit=size)
    last = cursor(rows[-1]["deadline"]["last_safe"], rows[-1]["id"]) if len(rows) == size else None
    return Page(items=rows, next=last)


@_get_one("/renewals/{record}", "renewal", "renewal")
async def one_renewal(record: UUID, request: Request, response: Response, house: TheHouse) -> Row:
    """One renewal case as it stands, or stood, with the reminders that went out."""
    wanted = asked(request, house)
    if wanted is not None:
        return (await _moment(house, renewal_projection.VIEW, record, wanted, response, case))[0]
    return _one(await case(house.rows, record), response)


@_get("/delegations", "delegation", "delegation", limit=LIMIT)
async def list_delegations(request: Request, house: TheHouse) -> Page:
    """Delegations."""
    only(request, "limit")
    return Page(items=await delegations(house.rows, limit=limit(request)))


@_get_one("/delegations/{record}", "delegation", "delegation")
async def one_delegation(record: UUID, request: Request, response: Response, house: TheHouse) -> Row:
    """One delegation as it stands, or stood, with its stops and promises."""
    wanted = asked(request, house)
    if wanted is not None:
        return (await _moment(house, delegation_projection.VIEW, record, wanted, response, delegation))[0]
    return _one(await delegation(house.rows, record), response)


@_get("/partnerships", "partnership", "partnership", limit=LIMIT)
async def list_partnerships(request: Request, house: TheHouse) -> Page:
    """Partnerships."""
    only(request, "limit")
    return Page(items=await partnerships(house.rows, limit=limit(request)))


@_get_one("/partnerships/{record}", "partnership", "partnership")
async def one_partnership(record: UUID, request: Request, response: Response, house: TheHouse) -> Row:
    """One partnership as it stands, or stood."""
    wanted = asked(request, house)
    if wanted is not None:
        return (await _moment(house, partnership_projection.VIEW, record, wanted, response, partnership))[0]
    return _one(await partnership(house.rows, record), response)
