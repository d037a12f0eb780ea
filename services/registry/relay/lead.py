"""One relay's time as the leader on one connection: look where the stream stands, then publish what is missing."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from registry.kernel.ports import Database, Log, Rows
from registry.relay.ahead import Ahead
from registry.relay.comparison import LOG_STANDS, Disagreement, LogStanding, compare_extent, compare_message, outlived
from registry.relay.messages import Messages, Outgoing
from registry.relay.stream import Refused, Stream, cut

# After a batch of few, what comes in within so long goes out together: the server syncs for every batch.
FEW, GATHER_SECONDS = 250, 0.02
LOOK_EVERY_SECONDS = 1.0
# What is refused so often, though the stream stands where it should, will not be taken at all. The pause before each
# further try grows: another leader's batch may be on its way.
MOST_REFUSALS = 10
PAUSE_SECONDS = 0.1
# Notes how far the stream is, for lag and status; $1 position.
NOTE_POSITION = """
    insert into follower (name, version, position) values ('relay', 1, $1)
    on conflict (name) do update set position = excluded.position
"""
NOTE_EVERY_SECONDS = 1.0
logger = structlog.get_logger(__name__)


@dataclass
class Lead:
    """Publishes from where the stream stands. `messages` makes those of a generation."""

    log: Log
    database: Database
    stream: Stream
    messages_of: Callable[[UUID], Messages]
    sequence: int = 0
    messages: Messages | None = field(default=None, init=False)
    _ahead: Ahead = field(init=False)
    _looked: float = field(default=0.0, init=False)
    _noted: tuple[int, float] = field(default=(-1, 0.0), init=False)
    _refused: tuple[int, int] = field(default=(-1, 0), init=False)

    def __post_init__(self) -> None:
        """Read the same log ahead."""
        self._ahead = Ahead(self.log)

    async def look(self) -> None:
        """Find where to go on: after the stream's last message, once that was found to be the log's.

        Disagreement when it is not. A stream that was lost is made, one of an ended generation made anew.
        """
        # The stream first: the log can only have grown by the time it is looked at.
        stream = await self.stream.standing()
        log = await log_stands(self.database)
        if self.messages is None or self.messages.generation != log.generation:
            self.messages = self.messages_of(log.generation)
        if stream is not None and outlived(stream, log):
            logger.warning("relay.generation_begun", generation=str(log.generation), ended=str(stream.generation))
            if not await self.stream.delete(stream.generation):
                await self.look()
                return
            stream = None
        if stream is None:
            await self.stream.make(log.generation)
        else:
            compare_extent(stream, log)
            await compare_last(self.log, self.stream, stream.last, log.generation)
            if stream.generation is None or not stream.atomic:
                await self.stream.bring_up_to_date(log.generation)
        self.sequence = stream.last if stream else 0
        self._looked = time.monotonic()

    async def look_now_and_then(self) -> None:
        """Look once a second: a tail may be lost, a generation begun, or somebody else publish."""
        if time.monotonic() - self._looked >= LOOK_EVERY_SECONDS:
            await self.look()

    async def drain(self, leads: Callable[[], bool]) -> None:
        """Publish what the log has and the stream has not, reading ahead while a batch is on its way."""
        await self.look_now_and_then()
        ready = await self._read(self.sequence)
        while ready and leads():
            batch, rest = cut(ready)
            # Both end before either is believed: a fact that cannot be read stops the relay after what could be.
            sent, ahead = await asyncio.gather(
                self._publish(batch), self._rest_or_more(rest, batch), return_exceptions=True
            )
            if isinstance(sent, BaseException):
                raise sent
            messages = self.messages
            await (self.look_now_and_then() if sent else self.look())
            await self._note_position()
            if isinstance(ahead, BaseException):
                raise ahead
            in_step = sent and self.messages is messages and self.sequence == batch[-1].position
            ready = ahead if in_step else await self._read(self.sequence)
        await self._note_position()

    async def _publish(self, batch: Sequence[Outgoing]) -> bool:
        """Publish one batch; False when the stream turned out to stand elsewhere."""
        last = batch[-1].position
        try:
            sequence = await self.stream.publish(batch, self.sequence)
        except Refused as refused:
            after, times = self._refused
            self._refused = self.sequence, (times + 1 if after == self.sequence else 1)
            await self._bear(refused, batch[0].position)
            return False
        if sequence != last:
            raise Disagreement(f"position {last} became sequence {sequence}")
        self.sequence = sequence
        logger.info("relay.published", first=batch[0].position, last=last, count=len(batch))
        return True

    async def _bear(self, refused: Refused, position: int) -> None:
        """Wait a little longer after each refusal of the same position; Disagreement when there is no end to it."""
        after, times = self._refused
        logger.warning("relay.refused", after=after, why=str(refused), times=times)
        if not refused.look:
            raise refused
        if times >= MOST_REFUSALS:
            raise Disagreement(f"position {position} is refused again and again: {refused}") from refused
        await asyncio.sleep(PAUSE_SECONDS * (times - 1))

    async def _rest_or_more(self, rest: Sequence[Outgoing], batch: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """What goes out after a batch. A small one was all there was: more is given time to come in."""
        if rest:
            return rest
        if len(batch) < FEW:
            await asyncio.sleep(GATHER_SECONDS)
        return await self._read(batch[-1].position)

    async def _read(self, after: int) -> Sequence[Outgoing]:
        """The next messages, as many as one batch takes. Unreadable when the very next fact is."""
        if self.messages is None:
            raise RuntimeError("look where the stream stands first")
        return await self._ahead.read(self.messages, after)

    async def _note_position(self) -> None:
        """Write down how far the stream is, once a second at most: it is for people, the stream knows better."""
        position, when = self._noted
        if position != self.sequence and time.monotonic() - when >= NOTE_EVERY_SECONDS:
            async with self.database.transaction() as transaction:
                await transaction.execute(NOTE_POSITION, self.sequence)
            self._noted = self.sequence, time.monotonic()


async def compare_last(log: Log, stream: Stream, last: int, generation: UUID) -> None:
    """Disagreement when the stream's last message is not the one about that position of the log."""
    if last == 0:
        return
    headers = await stream.headers(last)
    if headers is None:
        raise Disagreement(f"the stream lost its last message ({last})")
    entries = await log.entries(last - 1, 1)
    if not entries:
        raise Disagreement(f"position {last} is in the stream and not in the log")
    compare_message(last, headers, entries[0], generation)


async def log_stands(rows: Rows) -> LogStanding:
    """Where the log stands now."""
    row = (await rows.fetch(LOG_STANDS))[0]
    return LogStanding(row["position"], row["generation"], row["generations"])
