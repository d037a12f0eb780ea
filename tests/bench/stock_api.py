"""The peer over HTTP: a small FastAPI application on the stock library, which checks nothing but its fields' types."""

import os

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from tests.bench import stock

CONNECTIONS = 16


class Name(BaseModel):
    """Words in a language."""

    lang: str
    text: str


class Identifier(BaseModel):
    """A number of a scheme."""

    scheme: str
    value: str


class Registration(BaseModel):
    """The same body as the registry's own."""

    kind: str
    names: list[Name]
    country: str
    region: str | None = None
    identifiers: list[Identifier] = []


class Registered(BaseModel):
    """The new record's id."""

    id: str


def served(url: str) -> FastAPI:
    """One POST; FastAPI runs it in a thread, because the library blocks."""
    app = FastAPI()
    peer = stock.application(url, connections=CONNECTIONS)

    @app.post("/organisations", status_code=201)
    def register(body: Registration) -> Registered:
        made = stock.registration(body.identifiers[0].value)
        peer.save(made)
        return Registered(id=str(made.id))

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "alive"}

    return app


if __name__ == "__main__":
    uvicorn.run(
        served(os.environ["STOCK_URL"]),
        host="127.0.0.1",
        port=int(os.environ["STOCK_PORT"]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
