"""The way of a command through FastAPI: described by its signature, called without the general machinery.

Reading a signature's dependencies anew for every request costs more than the command itself.
"""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from uuid import UUID

from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from registry.api.signing_in import bearer
from registry.kernel.commands import Command
from registry.kernel.errors import Invalid
from registry.kernel.validation import invalid

JSON = "application/json"


class CommandRoute(APIRoute):
    """A POST whose endpoint takes `body` (a command), `request`, `response`, `by`, `house` and perhaps `record`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Be described as any route is, and answer without the stacks that FastAPI keeps for dependencies."""
        super().__init__(*arguments, **named)
        handle = self.get_route_handler()

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await (await handle(Request(scope, receive, send)))(scope, receive, send)

        self.app = answer

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the endpoint what its names stand for, and send what it answers."""
        command: type[Command] = self.endpoint.__annotations__["body"]
        status = self.status_code or 200

        async def handle(request: Request) -> Response:
            given = {"request": request, "by": await bearer(request), "house": request.app.state.house}
            given |= _read(command, request.path_params, _content(request, await request.body()))
            response = Response(status_code=status, media_type=JSON)
            answer = await self.endpoint(**given, response=response)
            response.body = answer.model_dump_json().encode()
            response.headers["content-length"] = str(len(response.body))
            return response

        return handle


def _content(request: Request, raw: bytes) -> object:
    """What was sent: JSON as values, anything else as bytes; Invalid when the JSON is broken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not raw or not (kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))):
        return raw
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid(
            "request.unreadable",
            ko="본문을 JSON으로 읽을 수 없습니다. 따옴표와 쉼표를 확인해 주세요.",
            en="The body cannot be read as JSON: check quotes and commas.",
        ) from None


def _read(command: type[Command], address: Mapping[str, str], content: object) -> dict[str, Any]:
    """`body`, and `record` where the address has one; Invalid with everything that is wrong in either."""
    read: dict[str, Any] = {}
    wrong: list[Mapping[str, Any]] = []
    if "record" in address:
        try:
            read["record"] = UUID(address["record"])
        except ValueError:
            wrong.append({"type": "uuid_parsing", "loc": ("record",), "input": address["record"]})
    try:
        if content == b"":
            wrong.append({"type": "missing", "loc": (), "input": None})
        else:
            read["body"] = command.model_validate(content, from_attributes=True)
    except ValidationError as error:
        wrong += error.errors(include_url=False)
    if wrong:
        raise invalid(wrong)
    return read
