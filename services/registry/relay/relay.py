"""Publishes the log on JetStream: every position in order, so that sequence == position."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import nats
import structlog
from nats.aio.client import Client

from registry.follower import note
from registry.kernel.errors import Unavailable, Unreadable
from registry.kernel.facts import Entry, Fact
from registry.kernel.ports import Database, Leadership, Log
from registry.relay.comparison import Disagreement
from registry.relay.lead import Lead, log_stands
from registry.relay.messages import Messages, Published
from registry.relay.stream import Stream, prepare_notifier_stream

NAME = "relay"
RETRY_SECONDS = 1.0
# After so many tries in a row that came to nothing, people are told.
PATIENCE = 10
LOST = (Unavailable, nats.errors.Error, OSError, TimeoutError)
logger = structlog.get_logger(__name__)


@dataclass
class Relay:
    """Keeps the stream equal to the log. The stream is its own checkpoint.

    One relay leads, for economy; JetStream refuses a second one's messages by the expected sequence. At a
    disagreement it stands still and says so, until a person has begun a new generation. `published` says, per
    slice, what others learn of a fact; `fact_of` reads one, and `state_of` gives its state as JSON.
    """

    log: Log
    database: Database
    leadership: Leadership
    nats_url: str
    published: Mapping[str, Published]
    fact_of: Callable[[Entry], Fact]
    state_of: Callable[[Fact], str]
    stopped: str | None = None
    _generation: UUID | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)

    async def run(self) -> None:
        """Publish for good, through lost connections and a leader's death."""
        while True:
            try:
                async with self.leadership.of(NAME) as leads:
                    await self._lead(leads)
            except (Disagreement, Unreadable) as found:
                await self._stand_still(str(found))
            except LOST as lost:
                await self._try_again(lost)

    async def _lead(self, leads: Callable[[], bool]) -> None:
        """Publish until the lead or a connection is lost."""
        gone = asyncio.Event()

        async def note_gone() -> None:
            gone.set()

        # A client that reconnects by itself would not look where the stream stands afterwards.
        client = await nats.connect(
            self.nats_url, name=NAME, allow_reconnect=False, error_cb=_mention, closed_cb=note_gone
        )
        try:
            await _unless(gone, self._publish(client, leads))
        finally:
            with suppress(nats.errors.Error):
                await client.close()

    async def _publish(self, client: Client, leads: Callable[[], bool]) -> None:
        await prepare_notifier_stream(client)
        lead = Lead(self.log, self.database, Stream(client), self._messages)
        await lead.look()
        await self._goes_again()
        async with self.log.moved() as wakes:
            async for _ in wakes:
                await lead.drain(leads)
                if not leads():
                    logger.warning("relay.lead_lost", position=lead.sequence)
                    return

    def _messages(self, generation: UUID) -> Messages:
        self._generation = generation
        return Messages(generation, self.published, self.fact_of, self.state_of)

    async def _stand_still(self, why: str) -> None:
        """Raise the alarm, then wait for the new generation that only a person begins."""
        self.stopped = why
        logger.error("relay.stopped", why=why, alarm=True)
        noted = False
        while True:
            try:
                if not noted:
                    await note(self.database, NAME, stopped=why)
                    noted = True
                if (await log_stands(self.database)).generation != self._generation:
                    break
            except Unavailable as lost:
                logger.warning("relay.waiting", why=lost.code)
            await asyncio.sleep(RETRY_SECONDS)
        self.stopped = None

    async def _try_again(self, lost: BaseException) -> None:
        """Wait a moment; say so where people look once it has gone on for a while."""
        self._failures += 1
        logger.warning("relay.waiting", why=type(lost).__name__, times=self._failures)
        if self._failures == PATIENCE:
            with suppress(Unavailable):
                await note(self.database, NAME, failing=f"NATS or the log cannot be reached: {type(lost).__name__}")
        await asyncio.sleep(RETRY_SECONDS)

    async def _goes_again(self) -> None:
        self._failures = 0
        await note(self.database, NAME)


async def _unless(gone: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work; ConnectionClosedError once the connection is gone, where the client would wait for an answer."""
    working, lost = asyncio.create_task(work), asyncio.create_task(gone.wait())
    try:
        await asyncio.wait({working, lost}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise nats.errors.ConnectionClosedError
        await working
    finally:
        lost.cancel()
        while not working.done():  # a library's wait_for may swallow one cancellation (before Python 3.12)
            working.cancel()
            await asyncio.wait({working}, timeout=RETRY_SECONDS)


async def _mention(error: Exception) -> None:
    """Say what the client met in the background; whoever waits for an answer meets it too."""
    logger.warning("relay.connection", error=type(error).__name__)
