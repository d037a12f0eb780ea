"""The registry's HTTP application: API and pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from registry.api import app as api
from registry.bootstrap.house import PATIENCE_SECONDS, open_house, vault_key
from registry.bootstrap.slices import OFFERED
from registry.clock import SystemIds
from registry.gate import Gate
from registry.settings import Settings
from registry.web import app as web


def application(settings: Settings) -> FastAPI:
    """One application: the API with the pages mounted beneath it."""
    vault_key(settings)  # a key that cannot be used is said at once, not in the midst of the server's start

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, patience=PATIENCE_SECONDS) as house:
            app.state.house = house
            pages.state.house = house
            yield

    app = FastAPI(title="Moa", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(Gate, ids=SystemIds())
    api.furnish(app, OFFERED)
    pages = web.pages()
    pages.state.openapi = app.openapi
    app.mount("/", pages)
    return app
