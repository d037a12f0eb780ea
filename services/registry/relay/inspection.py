"""The stream's side of `registry fsck`: how it stands, and by what each of its messages is recognised."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import nats.errors
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.envelope import source
from contracts.subjects import REGISTRY_STREAM, REGISTRY_SUBJECTS
from registry.fsck.findings import NotLookedAt
from registry.fsck.stream import Marks, StreamLook
from registry.relay.messages import RECORDED_AT, STATE_HASH
from registry.relay.status import connected
from registry.relay.stream import Stream

PAGE = 500
FETCH_SECONDS = 5.0
FORGOTTEN_AFTER_SECONDS = 60.0
UNREACHABLE = "NATS cannot be reached ({why}): check MOA_NATS_URL and the server"


@dataclass(frozen=True)
class Inspection:
    """Asks JetStream, on a connection of its own each time."""

    nats_url: str

    async def look(self) -> StreamLook | None:
        """How the stream stands; None when there is none, NotLookedAt when nobody answers."""
        async with self._connected() as stream:
            found = await stream.standing()
        return None if found is None else StreamLook(found.first, found.last, found.count, found.generation)

    async def mark(self, sequence: int) -> Marks | None:
        """The message at a sequence; None when it is not there."""
        async with self._connected() as stream:
            headers = await stream.headers(sequence)
        return None if headers is None else _marks(sequence, headers)

    @asynccontextmanager
    async def marks(self) -> AsyncIterator[AsyncIterator[Sequence[Marks]]]:
        """Every message in order, some at a time, without its body."""
        async with self._connected() as stream:
            yield _pages(stream)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Stream]:
        try:
            async with connected(self.nats_url) as stream:
                yield stream
        except (nats.errors.Error, OSError, TimeoutError) as lost:
            raise NotLookedAt(UNREACHABLE.format(why=type(lost).__name__)) from lost


async def _pages(stream: Stream) -> AsyncIterator[Sequence[Marks]]:
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.NONE,
        headers_only=True,
        mem_storage=True,
        inactive_threshold=FORGOTTEN_AFTER_SECONDS,
    )
    jetstream = stream.client.jetstream()
    pulled = await jetstream.pull_subscribe(REGISTRY_SUBJECTS, stream=REGISTRY_STREAM, config=config)
    pending = PAGE
    while pending:
        messages = await pulled.fetch(min(PAGE, pending), timeout=FETCH_SECONDS)
        pending = messages[-1].metadata.num_pending
        yield [_marks(message.metadata.sequence.stream, message.headers or {}) for message in messages]


def _marks(sequence: int, headers: Mapping[str, str]) -> Marks:
    named = headers.get("ce-source", "").rpartition(":")[2]
    generation = UUID(named) if headers.get("ce-source") and _is_source(headers["ce-source"], named) else None
    return Marks(sequence, headers.get("ce-id", ""), generation, headers.get(STATE_HASH), headers.get(RECORDED_AT))


def _is_source(header: str, named: str) -> bool:
    try:
        return header == source(UUID(named))
    except ValueError:
        return False
