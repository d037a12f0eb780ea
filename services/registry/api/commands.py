"""One POST for every command, made from the table of commands."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from starlette.requests import Request

from registry.api.command_route import CommandRoute
from registry.api.described import KEY, MATCH, REFUSED
from registry.api.headers import command_id, expected_version
from registry.api.signing_in import Caller, TheHouse
from registry.application import CommandRequest
from registry.kernel.commands import Command, Opening
from registry.kernel.errors import Invalid
from registry.kernel.ports import Receipt


class Recorded(BaseModel):
    """The answer to a command: the record, its version after it, and its place in the log."""

    id: UUID
    version: int
    position: int


def enter(into: APIRouter, commands: Iterable[type[Command]], *, prefix: str) -> None:
    """`POST /<slices>` for what opens a record, `POST /<slices>/{id}/<command>` for what changes one.

    They are entered as they are: a router of their own would be searched twice for every request.
    """
    for command in commands:
        kind, _, verb = command.name.partition(".")
        if issubclass(command, Opening):
            _open(into, command, f"{prefix}/{kind}s", kind)
        else:
            _change(into, command, f"{prefix}/{kind}s/{{record}}/{verb}", kind)


def _open(into: APIRouter, command: type[Command], path: str, kind: str) -> None:
    async def endpoint(body: Command, request: Request, response: Response, by: Caller, house: TheHouse) -> Recorded:
        if expected_version(request) is not None:
            raise Invalid(
                "command.nothing_to_match",
                ko="새로 등록하는 요청에는 If-Match를 쓰지 않습니다. 헤더를 빼고 보내 주세요.",
                en="Nothing is there yet that If-Match could match: leave the header out.",
            )
        asked = CommandRequest(body, by, command_id(request), request.state.request_id)
        receipt = await house.application.run(asked)
        response.headers["Location"] = f"{path}/{receipt.record}"
        return _answer(receipt, response)

    endpoint.__annotations__["body"] = command
    _post(into, endpoint, command, path, kind, KEY, status_code=201)


def _change(into: APIRouter, command: type[Command], path: str, kind: str) -> None:
    async def endpoint(
        record: UUID, body: Command, request: Request, response: Response, by: Caller, house: TheHouse
    ) -> Recorded:
        asked = CommandRequest(
            body,
            by,
            command_id(request),
            request.state.request_id,
            target=record,
            expected=expected_version(request),
        )
        return _answer(await house.application.run(asked), response)

    endpoint.__annotations__["body"] = command
    _post(into, endpoint, command, path, kind, KEY, MATCH)


def _post(
    into: APIRouter,
    endpoint: Callable[..., Any],
    command: type[Command],
    path: str,
    tag: str,
    *headers: dict[str, Any],
    status_code: int = 200,
) -> None:
    into.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        status_code=status_code,
        summary=command.__doc__,
        tags=[tag],
        operation_id=command.name,
        responses=REFUSED,
        openapi_extra={"parameters": list(headers)},
        route_class_override=CommandRoute,
    )


def _answer(receipt: Receipt, response: Response) -> Recorded:
    response.headers["ETag"] = f'"{receipt.version}"'
    response.headers["Registry-Position"] = str(receipt.position)
    return Recorded(id=receipt.record, version=receipt.version, position=receipt.position)
