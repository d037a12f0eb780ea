"""The stream on JetStream: made, looked at, and published to in atomic batches (NATS ADR-50)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js.api import RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError
from nats.nuid import NUID

from contracts.subjects import (
    NOTIFIER_STREAM,
    NOTIFIER_SUBJECTS,
    REGISTRY_STREAM,
    REGISTRY_SUBJECTS,
    STREAM_GENERATION,
)
from registry.relay.comparison import Standing
from registry.relay.messages import Outgoing, lines

MAX_MESSAGE_BYTES = 524_288
# The server takes no more messages in one batch.
MAX_BATCH = 1_000
MAX_BATCH_BYTES = 4 * 1_048_576
ANSWER_SECONDS = 10.0
# Answers after which the stream must be looked at: another sequence was last; a batch or a message came twice.
WRONG_LAST_SEQUENCE = 10071
DUPLICATE_IN_BATCH = 10201
logger = structlog.get_logger(__name__)


class Refused(nats.errors.Error):
    """JetStream did not take a batch, none of it; `look` when the stream may stand elsewhere than thought."""

    def __init__(self, code: int, description: str) -> None:
        """Keep the server's code and words."""
        super().__init__(f"{code} {description}")
        self.look = code in {WRONG_LAST_SEQUENCE, DUPLICATE_IN_BATCH}


@dataclass(frozen=True)
class Stream:
    """The stream REGISTRY on one connection."""

    client: Client

    async def standing(self) -> Standing | None:
        """How it stands; None when there is none."""
        try:
            return _standing(await self.client.jetstream().stream_info(REGISTRY_STREAM))
        except NotFoundError:
            return None

    async def make(self, generation: UUID) -> None:
        """Make it, empty."""
        config = _config(REGISTRY_STREAM, REGISTRY_SUBJECTS, atomic=True)
        await self.client.jetstream().add_stream(
            config.evolve(metadata={STREAM_GENERATION: str(generation)}, first_seq=1)
        )
        logger.info("relay.stream_created", stream=REGISTRY_STREAM, generation=str(generation))

    async def bring_up_to_date(self, generation: UUID) -> None:
        """Let one that was made before atomic batches, or that names no generation, have both."""
        info = await self.client.jetstream().stream_info(REGISTRY_STREAM)
        metadata = (info.config.metadata or {}) | {STREAM_GENERATION: str(generation)}
        await self.client.jetstream().update_stream(info.config.evolve(allow_atomic=True, metadata=metadata))

    async def delete(self, generation: UUID | None) -> bool:
        """Delete it with its messages, which are all in the log; gone already is as well.

        False when it is not of that generation any more: another relay, which leads by now, has made it anew.
        """
        try:
            found = await self.standing()
            if found is not None and found.generation != generation:
                return False
            await self.client.jetstream().delete_stream(REGISTRY_STREAM)
        except NotFoundError:
            logger.info("relay.stream_gone", stream=REGISTRY_STREAM)
        return True

    async def headers(self, sequence: int) -> Mapping[str, str] | None:
        """The headers of a message; None when it is not there."""
        try:
            return dict((await self.client.jetstream().get_msg(REGISTRY_STREAM, sequence)).headers or {})
        except NotFoundError:
            return None

    async def publish(self, messages: Sequence[Outgoing], after: int) -> int:
        """Add messages after sequence `after`, all or none; the last one's sequence. Refused, or TimeoutError."""
        *others, last = messages
        expected = f"Nats-Expected-Last-Sequence: {after}\r\n"
        if others:
            batch = f"Nats-Batch-Id: {NUID().next().decode()}\r\n"
            # nats-py builds a header dict into bytes for each message; for a batch it is handed the bytes.
            await self.client._send_command(_block(others, batch, expected))
            expected = f"{batch}Nats-Batch-Sequence: {len(messages)}\r\nNats-Batch-Commit: 1\r\n"
        headers = lines(last.headers + expected)
        answer = await self.client.request(last.subject, last.body, timeout=ANSWER_SECONDS, headers=headers)
        return _sequence(json.loads(answer.data))


def _block(messages: Sequence[Outgoing], batch: str, expected: str) -> bytes:
    """Messages of a batch as the client protocol has them (`HPUB`), the first one with what is expected."""
    parts = []
    for number, message in enumerate(messages, start=1):
        head = f"NATS/1.0\r\n{message.headers}{batch}Nats-Batch-Sequence: {number}\r\n{expected}\r\n".encode()
        expected = ""
        size = f"HPUB {message.subject} {len(head)} {len(head) + len(message.body)}\r\n".encode()
        parts += [size, head, message.body, b"\r\n"]
    return b"".join(parts)


def _sequence(answer: Mapping[str, Any]) -> int:
    if "error" in answer:
        raise Refused(answer["error"].get("err_code", 0), answer["error"].get("description", ""))
    if answer.get("duplicate"):
        raise Refused(DUPLICATE_IN_BATCH, "a message of this id is there already")
    return int(answer["seq"])


def cut(messages: Sequence[Outgoing]) -> tuple[Sequence[Outgoing], Sequence[Outgoing]]:
    """As many of the first messages as fit into one batch, one at least; and the rest."""
    size = 0
    for count, message in enumerate(messages[:MAX_BATCH]):
        size += message.size
        if size > MAX_BATCH_BYTES and count:
            return messages[:count], messages[count:]
    return messages[:MAX_BATCH], messages[MAX_BATCH:]


def _standing(info: StreamInfo) -> Standing:
    state = info.state
    named = (info.config.metadata or {}).get(STREAM_GENERATION)
    return Standing(
        state.first_seq, state.last_seq, state.messages, UUID(named) if named else None, bool(info.config.allow_atomic)
    )


def _config(name: str, subjects: str, *, atomic: Literal[True] | None = None) -> StreamConfig:
    return StreamConfig(
        name=name,
        subjects=[subjects],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_msg_size=MAX_MESSAGE_BYTES,
        deny_delete=True,
        allow_direct=False,
        allow_atomic=atomic,
    )


async def prepare_notifier_stream(client: Client) -> None:
    """Make the stream that the notifier reports on, if it is not there."""
    try:
        await client.jetstream().stream_info(NOTIFIER_STREAM)
    except NotFoundError:
        await client.jetstream().add_stream(_config(NOTIFIER_STREAM, NOTIFIER_SUBJECTS))
        logger.info("relay.stream_created", stream=NOTIFIER_STREAM)
