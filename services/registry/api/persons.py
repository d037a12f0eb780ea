"""Persons over HTTP: keep one, read one for a stated reason, forget one. What they hold is only in the vault."""

from datetime import datetime
from ipaddress import ip_address
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from registry.api.headers import command_id
from registry.api.paging import only
from registry.api.problems import problem
from registry.api.signing_in import Caller, TheHouse
from registry.house import House
from registry.kernel.actors import Actor
from registry.kernel.errors import NotFound, Unavailable
from registry.kernel.ports import Errand, Person, Tombstone, Vault
from registry.kernel.values import Language, Line, OfficeCode

GONE = 410


class KeepPerson(BaseModel):
    """A natural person: name, how to reach them if known, and the language of the name (BCP 47)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    name: Line = Field(repr=False)
    contact: Line | None = Field(default=None, repr=False)
    lang: Language = Field(repr=False)
    office: OfficeCode | None = None


class ForgetPerson(BaseModel):
    """Why a person is forgotten, if it is worth a word; without the name."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    why: Line | None = Field(default=None, repr=False)


class Kept(BaseModel):
    """The reference under which everything else knows the person."""

    id: UUID


class Revealed(BaseModel):
    """A person, for the eyes of whoever asked."""

    id: UUID
    name: str = Field(repr=False)
    contact: str | None = Field(repr=False)
    lang: str = Field(repr=False)


class Forgotten(BaseModel):
    """What is left of a person."""

    id: UUID
    forgotten_at: datetime


router = APIRouter(prefix="/persons", tags=["person"])


@router.post("", status_code=201, operation_id="person.keep")
async def keep(body: KeepPerson, request: Request, response: Response, by: Caller, house: TheHouse) -> Kept:
    """Keep a person in the vault; facts and messages hold the id that this answers."""
    fields = Person(body.name, body.contact, body.lang)
    person = await _vault(house).keep(command_id(request), fields, body.office or by.office, _errand(request, by))
    response.headers["Location"] = f"/api/v1/persons/{person}"
    return Kept(id=person)


@router.get("/{person}", operation_id="person.read", response_model=Revealed)
async def read(
    person: UUID, request: Request, by: Caller, house: TheHouse, why: Annotated[Line | None, Query()] = None
) -> Revealed | JSONResponse:
    """A person's data; `why` is needed and is noted with who asked. 410 when the person was forgotten."""
    only(request, "why")
    found = await _vault(house).reveal(person, _errand(request, by, why))
    if isinstance(found, Tombstone):
        return problem(request, _forgotten(), status=GONE)
    return Revealed(id=person, name=found.name, contact=found.contact, lang=found.lang)


@router.post("/{person}/forget", operation_id="person.forget")
async def forget(
    person: UUID, request: Request, by: Caller, house: TheHouse, body: ForgetPerson | None = None
) -> Forgotten:
    """Destroy a person's data for good; references to the person stay and show a tombstone."""
    errand = _errand(request, by, body.why if body else None)
    left = await _vault(house).forget(command_id(request), person, errand)
    return Forgotten(id=left.person, forgotten_at=left.forgotten_at)


def _vault(house: House) -> Vault:
    if house.vault is None:
        raise Unavailable(
            "vault.not_configured",
            ko="개인정보 볼트가 설정되지 않았습니다. 관리자에게 MOA_VAULT_DATABASE_URL 설정을 요청해 주세요.",
            en="No vault is configured for person data: ask the administrator to set MOA_VAULT_DATABASE_URL.",
            retry_after=60,
        )
    return house.vault


def _errand(request: Request, by: Actor, why: str | None = None) -> Errand:
    return Errand(by, origin=_address(request), why=why)


def _address(request: Request) -> str | None:
    """The caller's network address; None when a proxy names none that is one."""
    host = request.client.host if request.client else ""
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _forgotten() -> NotFound:
    return NotFound(
        "person.forgotten",
        ko="이 사람의 정보는 파기되어 더는 볼 수 없습니다.",
        en="This person's data was destroyed: nobody can read it any more.",
    )
