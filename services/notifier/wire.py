"""The notifier on NATS: its one durable consumer on REGISTRY, and its reports onto NOTIFIER."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy, StreamInfo
from nats.js.errors import NotFoundError

from contracts.subjects import NOTIFIER_STREAM, REGISTRY_STREAM, STREAM_GENERATION
from notifier.errors import Unavailable
from notifier.reading import Arrival

CONSUMER = "notifier"
# Long enough for a batch, short enough that what a killed process held comes soon to the next.
ACK_WAIT_SECONDS = 5.0
FETCH_SECONDS = 3.0
ANSWER_SECONDS = 5.0

log = structlog.get_logger("notifier.wire")


class Wire:
    """A connection that comes back by itself; Unavailable while there is none."""

    def __init__(self, url: str) -> None:
        """Remember where the server is; nothing is said to it yet."""
        self._url = url
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def jetstream(self) -> JetStreamContext:
        """JetStream on a live connection."""
        async with self._connecting:
            with named_failures():
                if self._client is None or self._client.is_closed:
                    self._client = await _connect(self._url)
                if not self._client.is_connected:
                    raise nats.errors.ConnectionClosedError
                return self._client.jetstream(timeout=ANSWER_SECONDS)

    async def stream(self, name: str = REGISTRY_STREAM) -> StreamInfo:
        """How a stream stands; Unavailable when it does not exist."""
        with named_failures():
            try:
                return await (await self.jetstream()).stream_info(name)
            except NotFoundError as missing:
                raise _no_stream(name) from missing

    async def report(self, subject: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Publish onto NOTIFIER and wait until the stream has it."""
        with named_failures():
            jetstream = await self.jetstream()
            await jetstream.publish(subject, body, stream=NOTIFIER_STREAM, headers=dict(headers))

    async def kept(self) -> int:
        """The last sequence of NOTIFIER; nothing is ever taken out of it."""
        return (await self.stream(NOTIFIER_STREAM)).state.last_seq

    async def close(self) -> None:
        """Say goodbye."""
        if self._client and not self._client.is_closed:
            await self._client.close()


class Registry:
    """The registry's stream through the durable consumer `notifier`; a `Source` of the inbox."""

    def __init__(self, wire: Wire) -> None:
        """Use a connection; `open` before the first batch."""
        self._wire = wire
        self._pulled: JetStreamContext.PullSubscription | None = None
        self._held: dict[int, Msg] = {}

    async def open(self, position: int, generation: UUID | None = None) -> None:
        """Find the consumer, or make one that goes on after `position`; Unavailable when there is no stream.

        In a stream of another generation than `generation` it begins at the start, so that this is noticed at once.
        """
        stream = await self._wire.stream()
        with named_failures():
            if await self._consumer() is None:
                await self._make_consumer(position if _is_of(generation, stream) else 0, stream)
            await self._leave()
            jetstream = await self._wire.jetstream()
            self._pulled = await jetstream.pull_subscribe_bind(consumer=CONSUMER, stream=REGISTRY_STREAM)

    async def batch(self, limit: int) -> Sequence[Arrival]:
        """The next messages in order; waits a few seconds and may come back empty."""
        if self._pulled is None:
            raise RuntimeError("open the consumer first")
        with named_failures():
            try:
                messages = await self._pulled.fetch(1, timeout=FETCH_SECONDS)
            except nats.errors.TimeoutError:
                await self._consumer_or_unavailable()
                return []
            # Ask for what is known to wait, no more: a pull for more would be held back until it is full.
            waiting = min(limit - 1, messages[0].metadata.num_pending)
            if waiting:
                messages += await self._more(waiting)
        self._held = {message.metadata.sequence.stream: message for message in messages}
        return [_arrival(self._held[sequence]) for sequence in sorted(self._held)]

    async def done(self, arrivals: Sequence[Arrival]) -> None:
        """These need not come again. An acknowledgement that gets lost costs a redelivery."""
        with named_failures():
            for arrival in arrivals:
                await self._held[arrival.sequence].ack()

    async def again(self, arrivals: Sequence[Arrival], delay: timedelta) -> None:
        """These are to come again."""
        with named_failures():
            for arrival in arrivals:
                await self._held[arrival.sequence].nak(delay=delay.total_seconds())

    async def rewind(self, position: int) -> bool:
        """Make the consumer anew if it acknowledged more than `position`; False when it did not."""
        stream = await self._wire.stream()
        with named_failures():
            found = await self._consumer_or_unavailable()
            if found.ack_floor is None or found.ack_floor.stream_seq <= position:
                return False
            await (await self._wire.jetstream()).delete_consumer(REGISTRY_STREAM, CONSUMER)
            await self._make_consumer(position, stream)
            return True

    async def starts_after(self, position: int) -> bool:
        """Is what follows `position` gone from the stream?"""
        state = (await self._wire.stream()).state
        return state.first_seq > position + 1

    async def _more(self, waiting: int) -> list[Msg]:
        if self._pulled is None:
            return []
        try:
            return await self._pulled.fetch(waiting, timeout=1)
        except nats.errors.TimeoutError:
            return []

    async def _consumer(self) -> ConsumerInfo | None:
        jetstream = await self._wire.jetstream()
        try:
            found: ConsumerInfo = await jetstream.consumer_info(REGISTRY_STREAM, CONSUMER)
        except NotFoundError:
            return None
        return found

    async def _consumer_or_unavailable(self) -> ConsumerInfo:
        found = await self._consumer()
        if found is None:
            raise _no_stream(REGISTRY_STREAM)
        return found

    async def _make_consumer(self, position: int, stream: StreamInfo) -> None:
        """Go on after `position`; where the stream is shorter than that, from its start, to learn why."""
        shorter = stream.state.last_seq < position
        config = ConsumerConfig(
            name=CONSUMER,
            durable_name=CONSUMER,
            deliver_policy=DeliverPolicy.ALL if shorter else DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=None if shorter else position + 1,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_ack_pending=1000,
        )
        await (await self._wire.jetstream()).add_consumer(REGISTRY_STREAM, config)

    async def _leave(self) -> None:
        if self._pulled:
            pulled, self._pulled = self._pulled, None
            await pulled.unsubscribe()


def _is_of(generation: UUID | None, stream: StreamInfo) -> bool:
    """Does the stream name this generation of the log, or is one of the two not known?"""
    named = (stream.config.metadata or {}).get(STREAM_GENERATION)
    return generation is None or named is None or named == str(generation)


def _arrival(message: Msg) -> Arrival:
    return Arrival(message.metadata.sequence.stream, message.subject, message.data, message.headers or {})


async def _connect(url: str) -> Client:
    """Connect at once or fail with the reason; afterwards the client comes back by itself, for ever."""
    async with asyncio.timeout(ANSWER_SECONDS):
        # A client that reconnects for ever also tries for ever at first, and keeps the reason to itself.
        probe = await nats.connect(url, connect_timeout=2, allow_reconnect=False, error_cb=_note)
        await probe.close()
        return await nats.connect(
            url, name="notifier", connect_timeout=2, max_reconnect_attempts=-1, reconnect_time_wait=1, error_cb=_note
        )


async def _note(error: Exception) -> None:
    """Say what the client met in the background; it deals with it itself."""
    log.warning("wire.error", error=type(error).__name__)


def _no_stream(name: str) -> Unavailable:
    return Unavailable(
        "nats.stream_missing",
        ko=f"준비되지 않음: 스트림 {name}이(가) 없습니다. 등록부(registry follow)가 만들 때까지 기다립니다.",
        en=f"not ready: stream missing ({name}). Waiting until the registry (registry follow) has created it.",
    )


@contextmanager
def named_failures() -> Iterator[None]:
    """Every failure of NATS is Unavailable: try again."""
    try:
        yield
    except (OSError, TimeoutError, nats.errors.Error) as failure:
        raise Unavailable(
            "nats.unavailable",
            ko=f"NATS를 쓸 수 없습니다({type(failure).__name__}). MOA_NATS_URL과 서버를 확인하십시오.",
            en=f"NATS cannot be used ({type(failure).__name__}); check MOA_NATS_URL and the server.",
        ) from failure
