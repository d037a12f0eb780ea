"""The HTTP face: health for the operator, reminders and the mailbox for the registry's pages."""

import hmac
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Protocol

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from contracts.reminders import MailboxV1, MailV1, RemindersV1
from notifier.clock import Clock
from notifier.health import Ailment
from notifier.ids import request_id
from notifier.listing import Listing
from notifier.metrics import Reading, page
from notifier.problems import NO_MAIL, NO_MAILBOX, UNSIGNED, install

log = structlog.get_logger("notifier.api")
READYZ = "/readyz"  # asked every second while it starts: its answers are not logged
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Mailbox(Protocol):
    """The mails that went out, where they can be looked at."""

    async def mails(self) -> tuple[MailV1, ...]:
        """The newest mails first."""

    async def mail(self, name: str) -> MailV1 | None:
        """One mail; None when there is none of that name."""


class House(Protocol):
    """What the face asks of the rest."""

    @property
    def clock(self) -> Clock:
        """Which day it is."""

    @property
    def listing(self) -> Listing:
        """What is due and what was sent."""

    @property
    def mailbox(self) -> Mailbox | None:
        """The mails; None where a real mail server has them."""

    @property
    def bearer(self) -> str:
        """The token that callers must show."""

    async def ailments(self) -> dict[str, Ailment]:
        """What does not work; empty when everything does."""

    async def reading(self) -> Reading:
        """Figures for the metrics."""


def make_api(house: House) -> FastAPI:
    """The application over a house."""
    app = FastAPI(title="Moa notifier", openapi_url=None)
    install(app)
    app.middleware("http")(_traced)
    app.include_router(_open(house))
    app.include_router(_guarded(house))
    return app


def _open(house: House) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get(READYZ)
    async def readyz() -> JSONResponse:
        missing = await house.ailments()
        status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
        parts = [{"part": part, "ko": ailment.ko, "en": ailment.en} for part, ailment in missing.items()]
        return JSONResponse({"status": "not ready" if missing else "ready", "missing": parts}, status.value)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(page(await house.reading()), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _guarded(house: House) -> APIRouter:
    async def signed_in(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), house.bearer.encode()):
            raise UNSIGNED

    router = APIRouter(prefix="/api/v1", dependencies=[Depends(signed_in)])

    @router.get("/reminders")
    async def reminders() -> RemindersV1:
        return await house.listing.reminders(house.clock.today())

    @router.get("/mailbox")
    async def mailbox() -> MailboxV1:
        return MailboxV1(mails=await _mailbox(house).mails())

    @router.get("/mailbox/{name}")
    async def mail(name: str) -> MailV1:
        found = await _mailbox(house).mail(name)
        if found is None:
            raise NO_MAIL
        return found

    return router


def _mailbox(house: House) -> Mailbox:
    if house.mailbox is None:
        raise NO_MAILBOX
    return house.mailbox


async def _traced(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    given = request.headers.get("x-request-id", "")
    name = given if _REQUEST_ID.fullmatch(given) else request_id()
    with structlog.contextvars.bound_contextvars(request=name):
        response = await proceed(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and request.url.path != READYZ:
            log.info("api.answered", method=request.method, status=response.status_code)
    response.headers["X-Request-Id"] = name
    return response
