"""A subscriber: reads the stream from its beginning, and after every break goes on where it stood."""

import asyncio
import threading
import time
from dataclasses import dataclass, field
from math import inf
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.subjects import REGISTRY_STREAM, REGISTRY_SUBJECTS
from tests.faults.witness import Message

BATCH = 500
IDLE_SECONDS = 0.5
PAUSE_SECONDS = 0.05
# A consumer that says nothing for so long may have been lost with the server's memory: ask for another.
PATIENCE = 4


@dataclass
class Subscriber:
    """Receives into `received` until `over` is set or `last` is reached; every message, repetitions included."""

    url: str
    received: list[Message]
    over: threading.Event = field(default_factory=threading.Event)
    next: int = 1
    last: float = inf

    @property
    def done(self) -> bool:
        """Is there nothing more to receive?"""
        return self.over.is_set() or self.next > self.last

    def run(self) -> None:
        """Receive until it is done."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        while not self.done:
            try:
                await self._receive()
            except (nats.errors.Error, OSError, TimeoutError):
                await asyncio.sleep(PAUSE_SECONDS)

    async def _receive(self) -> None:
        client = await nats.connect(self.url, allow_reconnect=False, connect_timeout=2, error_cb=_expected)
        try:
            consumer = await self._consumer(client)
            silent = 0
            while client.is_connected and silent < PATIENCE and not self.done:
                try:
                    messages = await consumer.fetch(BATCH, timeout=IDLE_SECONDS)
                except TimeoutError:
                    silent += 1
                    continue
                silent = 0
                for message in messages:
                    self._take(message)
        finally:
            await client.close()

    async def _consumer(self, client: Client) -> Any:
        wanted = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self.next,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=10.0,
        )
        return await client.jetstream().pull_subscribe(REGISTRY_SUBJECTS, stream=REGISTRY_STREAM, config=wanted)

    def _take(self, message: Msg) -> None:
        headers = dict(message.headers or {})
        sequence = message.metadata.sequence.stream
        told = (headers.get("Nats-Msg-Id", ""), headers.get("ce-id", ""), headers.get("ce-source", ""))
        self.received.append(Message(sequence, *told, heard=time.monotonic()))
        self.next = sequence + 1


async def _expected(_: Exception) -> None:
    """The server is killed again and again: a lost connection is what this subscriber is for."""
