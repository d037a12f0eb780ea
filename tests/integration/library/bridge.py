"""A synchronous way to the store: an event loop in a thread of its own, with the log open on it."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeVar

from registry.clock import SystemClock
from registry.store.appender import Appender
from registry.store.database import Database
from registry.store.log import EventLog

T = TypeVar("T")
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Bridge:
    """One replica of the store, on a loop that only this bridge uses."""

    loop: asyncio.AbstractEventLoop
    database: Database
    appender: Appender
    log: EventLog

    def run(self, question: Coroutine[Any, Any, T]) -> T:
        """Wait for the answer, whichever thread asks."""
        return self.start(question).result(PATIENCE_SECONDS)

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Let it run beside the others."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)


@contextmanager
def bridge(url: str) -> Iterator[Bridge]:
    """Open the store at `url` on a loop in a thread; close both afterwards."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="bridge")
    thread.start()
    try:
        opened = asyncio.run_coroutine_threadsafe(_open(url, loop), loop).result(PATIENCE_SECONDS)
        try:
            yield opened
        finally:
            opened.run(_close(opened))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_SECONDS)
        loop.close()


async def _open(url: str, loop: asyncio.AbstractEventLoop) -> Bridge:
    database = await Database.open(url)
    appender = Appender(database, SystemClock())
    appender.start()
    return Bridge(loop, database, appender, EventLog(database))


async def _close(opened: Bridge) -> None:
    await opened.appender.stop()
    await opened.log.stop()
    await opened.database.close()
