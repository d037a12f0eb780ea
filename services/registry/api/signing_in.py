"""Who calls: the bearer token of a request."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from registry.access.credentials import nobody
from registry.house import House
from registry.kernel.actors import Actor


async def house_of(request: Request) -> House:
    """The running house. Not a plain function: FastAPI would send that to a thread."""
    house: House = request.app.state.house
    return house


# Only tells the OpenAPI document of the scheme; the header itself is read below, and refused in our words.
_described = HTTPBearer(auto_error=False, description="A token from `registry token issue`.")


async def caller(
    request: Request, _described_only: Annotated[HTTPAuthorizationCredentials | None, Depends(_described)]
) -> Actor:
    """Whoever's token it is; Unauthenticated without a valid one."""
    return await bearer(request)


async def bearer(request: Request) -> Actor:
    """Whoever's token a request brings; Unauthenticated without a valid one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise nobody()
    house: House = request.app.state.house
    return await house.access.by_token(token.strip())


Caller = Annotated[Actor, Depends(caller)]
TheHouse = Annotated[House, Depends(house_of)]
