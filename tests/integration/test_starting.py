"""A service that starts before its database waits for it; a person at the command line is told what to do."""

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from registry.kernel.errors import Unavailable
from registry.store.database import Database

from tests.conftest import RegistryDatabase
from tests.integration.test_event_log import until


async def test_a_database_that_comes_up_later_is_waited_for(registry_database: RegistryDatabase) -> None:
    parts = urlsplit(registry_database.url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    probe = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0)
    port = probe.sockets[0].getsockname()[1]
    probe.close()
    await probe.wait_closed()
    url = f"postgresql://{parts.netloc.rstrip('@')}@127.0.0.1:{port}{parts.path}?sslmode=disable"
    opening = asyncio.create_task(Database.open(url, connections=1, patience=30))
    await asyncio.sleep(0.7)
    assert not opening.done()
    passed = set[asyncio.Task[None]]()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_unix_connection(socket)
        for source, target in ((reader, forth), (back, writer)):
            passed.add(asyncio.create_task(_pump(source, target)))

    door = await asyncio.start_server(pass_on, "127.0.0.1", port)
    try:
        database = await opening
        assert (await database.fetch("select 1 as one"))[0]["one"] == 1
        await database.close()
    finally:
        door.close()
        await until(lambda: _ended(passed))


async def test_without_patience_it_is_said_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable) as lost:
        await Database.open("postgresql://nobody@/nothing?host=/tmp/there-is-no-such-folder")
    assert lost.value.code == "database.unreachable"
    assert time.monotonic() - started < 5


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(65_536):
        target.write(piece)
        await target.drain()
    target.close()


async def _ended(tasks: set["asyncio.Task[None]"]) -> bool:
    return all(task.done() for task in tasks)
