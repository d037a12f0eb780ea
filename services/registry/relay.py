"""Publishes the log on JetStream: every position in order, so that sequence == position."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import nats
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from contracts.envelope import Envelope, Message, kind, source
from contracts.subjects import (
    INTERNAL,
    NOTIFIER_STREAM,
    NOTIFIER_SUBJECTS,
    REGISTRY_STREAM,
    REGISTRY_SUBJECTS,
    registry_subject,
)
from registry.kernel.errors import Unavailable, Unreadable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Log

Publish = Callable[[Any], Message | None]
MAX_MESSAGE_BYTES = 524_288
WRONG_LAST_SEQUENCE = 10071
BATCH = 500
logger = structlog.get_logger(__name__)


class Disagreement(Exception):
    """The stream holds something that the log does not: a person must look before anything goes on."""


class Relay:
    """Keeps the stream equal to the log. The stream is its own checkpoint."""

    def __init__(self, log: Log, nats_url: str, published: Mapping[str, Publish]) -> None:
        """`published` says, per slice, what others learn of a fact."""
        self._log = log
        self._nats_url = nats_url
        self._published = published
        self.stopped: str | None = None
        self.sequence = 0

    async def run(self) -> None:
        """Publish for good; returns only when log and stream disagree, or a fact cannot be read."""
        while self.stopped is None:
            try:
                await self._connected()
            except (Disagreement, Unreadable) as found:
                self.stopped = str(found)
                logger.exception("relay.stopped", why=self.stopped)
            except (Unavailable, nats.errors.Error, OSError, TimeoutError) as lost:
                logger.warning("relay.waiting", why=type(lost).__name__)
                await asyncio.sleep(1)

    async def _connected(self) -> None:
        client = await nats.connect(self._nats_url, name="relay", max_reconnect_attempts=3)
        try:
            stream = client.jetstream()
            await prepare_streams(client)
            generation = await self._log.generation()
            self.sequence = await self._resume(stream, generation)
            async with self._log.moved() as wakes:
                async for _ in wakes:
                    while await self._publish_next(stream, generation):
                        pass
        finally:
            with suppress(nats.errors.Error):
                await client.close()

    async def _resume(self, stream: JetStreamContext, generation: UUID) -> int:
        """The stream's last sequence, after its last message was found to be that position's."""
        last = (await stream.stream_info(REGISTRY_STREAM)).state.last_seq
        if last == 0:
            return 0
        head = await self._log.head()
        if last > head:
            raise Disagreement(f"the stream is at {last}, the log only at {head}: was a backup restored?")
        try:
            message = await stream.get_msg(REGISTRY_STREAM, last)
        except NotFoundError:
            raise Disagreement(f"the stream lost its last message ({last})") from None
        recorded = (await self._log.after(last - 1, 1))[0]
        found = dict(message.headers or {})
        expected = _headers(recorded, generation)
        different = [name for name in ("ce-id", "ce-source") if found.get(name) != expected[name]]
        if different:
            raise Disagreement(f"position {last} differs between stream and log in {', '.join(different)}")
        return last

    async def _publish_next(self, stream: JetStreamContext, generation: UUID) -> bool:
        facts = await self._log.after(self.sequence, BATCH)
        for recorded in facts:
            subject, body = self._message(recorded, generation)
            headers = _headers(recorded, generation) | {"Nats-Expected-Last-Sequence": str(self.sequence)}
            if body:
                headers["content-type"] = "application/cloudevents+json"
            try:
                answer = await stream.publish(subject, body, headers=headers)
            except APIError as refused:
                if refused.err_code == WRONG_LAST_SEQUENCE:
                    self.sequence = await self._resume(stream, generation)
                    return True
                raise
            if answer.seq != recorded.position:
                raise Disagreement(f"position {recorded.position} became sequence {answer.seq}")
            self.sequence = answer.seq
            logger.info(
                "relay.published",
                position=recorded.position,
                subject=subject,
                command=str(recorded.command),
                correlation=str(recorded.correlation),
            )
        return bool(facts)

    def _message(self, recorded: Recorded, generation: UUID) -> tuple[str, bytes]:
        topic = recorded.fact.topic
        data = self._published[topic.partition(".")[0]](recorded.fact)
        if data is None:
            return INTERNAL, b""
        envelope = Envelope(
            id=f"{recorded.stream}:{recorded.version}",
            source=source(generation),
            type=kind(topic),
            subject=str(recorded.stream),
            time=recorded.recorded_at,
            position=str(recorded.position),
            generation=generation,
            data=data.model_dump(mode="json"),
        )
        return registry_subject(recorded.disclosure, topic, recorded.stream), envelope.model_dump_json().encode()


def _headers(recorded: Recorded, generation: UUID) -> dict[str, str]:
    return {
        "Nats-Msg-Id": str(recorded.position),
        "ce-id": f"{recorded.stream}:{recorded.version}",
        "ce-source": source(generation),
        "ce-specversion": "1.0",
        "moa-correlation": str(recorded.correlation),
        "moa-command": str(recorded.command),
    }


async def prepare_streams(client: Client) -> None:
    """Make both streams if they are not there."""
    stream = client.jetstream()
    for name, subjects in ((REGISTRY_STREAM, REGISTRY_SUBJECTS), (NOTIFIER_STREAM, NOTIFIER_SUBJECTS)):
        try:
            await stream.stream_info(name)
        except NotFoundError:
            await stream.add_stream(
                StreamConfig(
                    name=name,
                    subjects=[subjects],
                    retention=RetentionPolicy.LIMITS,
                    storage=StorageType.FILE,
                    max_msg_size=MAX_MESSAGE_BYTES,
                    deny_delete=True,
                    allow_direct=False,
                )
            )
            logger.info("relay.stream_created", stream=name)
