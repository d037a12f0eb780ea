"""One POST for every command, made from the table of commands."""

from collections.abc import Iterable
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel
from starlette.requests import Request

from registry.api.headers import command_id, expected_version
from registry.api.signing_in import Caller, TheHouse
from registry.application import CommandRequest
from registry.kernel.commands import Command, Opening
from registry.kernel.ports import Receipt


class Recorded(BaseModel):
    """The answer to a command: the record, its version after it, and its place in the log."""

    id: UUID
    version: int
    position: int


def router(commands: Iterable[type[Command]]) -> APIRouter:
    """`POST /<slices>` for what opens a record, `POST /<slices>/{id}/<command>` for what changes one."""
    made = APIRouter()
    for command in commands:
        kind, _, verb = command.name.partition(".")
        if issubclass(command, Opening):
            _open(made, command, f"/{kind}s", kind)
        else:
            _change(made, command, f"/{kind}s/{{record}}/{verb}", kind)
    return made


def _open(made: APIRouter, command: type[Command], path: str, kind: str) -> None:
    async def endpoint(body: Command, request: Request, response: Response, by: Caller, house: TheHouse) -> Recorded:
        asked = CommandRequest(body, by, command_id(request), request.state.request_id)
        receipt = await house.application.run(asked)
        response.headers["Location"] = f"/api/v1{path}/{receipt.record}"
        return _answer(receipt, response)

    endpoint.__annotations__["body"] = command
    made.post(path, status_code=201, summary=command.__doc__, tags=[kind], operation_id=command.name)(endpoint)


def _change(made: APIRouter, command: type[Command], path: str, kind: str) -> None:
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
    made.post(path, summary=command.__doc__, tags=[kind], operation_id=command.name)(endpoint)


def _answer(receipt: Receipt, response: Response) -> Recorded:
    response.headers["ETag"] = f'"{receipt.version}"'
    response.headers["Registry-Position"] = str(receipt.position)
    return Recorded(id=receipt.record, version=receipt.version, position=receipt.position)
