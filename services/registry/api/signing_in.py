"""Who calls: the bearer token of a request."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from registry.access.credentials import nobody
from registry.house import House
from registry.kernel.actors import Actor


def house_of(request: Request) -> House:
    """The running house."""
    house: House = request.app.state.house
    return house


async def caller(request: Request) -> Actor:
    """Whoever's token it is; Unauthenticated without a valid one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise nobody()
    return await house_of(request).access.by_token(token.strip())


Caller = Annotated[Actor, Depends(caller)]
TheHouse = Annotated[House, Depends(house_of)]
