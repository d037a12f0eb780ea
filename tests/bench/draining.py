"""Draining a backlog onto JetStream that syncs always, beside publishing one message at a time."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import nats
from nats.js.api import StreamConfig

from contracts.subjects import REGISTRY_STREAM
from deploy.embedded.nats_server import EmbeddedNats
from tests.bench import moa
from tests.bench.figures import Figure, Goal
from tests.bench.filling import Filling
from tests.bench.ground import Ground, Urls, load_average
from tests.bench.rounds import Result, Round
from tests.bench.service import last_sequence

FACTS = 100_000
PEER_SECONDS = 3
LONGEST = 30.0
PEER = "one message at a time, each acknowledged before the next"
GOAL = Goal("value", "at least", 30_000)
BODY = b'{"specversion":"1.0"}' * 30


def measure(ground: Ground) -> Sequence[Figure]:
    """One at a time, the whole backlog, and one at a time again."""
    urls = ground.database()
    filling = Filling()
    filling.fill(urls.superuser, min(FACTS, ground.events))
    ground.settle(urls)
    alone, drained = [], []
    for turn in ("alone", "backlog", "alone", "backlog", "alone"):
        with ground.nats() as server, moa.loop() as loop:
            if turn == "alone":
                alone.append(loop.run(_alone(server)))
            else:
                drained.append(loop.run(_drained(urls, server, filling.position)))
    ground.drop(urls)
    conditions = {
        "backlog": filling.position,
        "published": f"at most {LONGEST:.0f} s a round: {', '.join(str(one.done) for one in drained)} messages",
        "rounds": f"{len(drained)} of ours between {len(alone)} of {PEER_SECONDS} s, each on a fresh server; medians",
        "jetstream": "file storage, sync_interval always",
        "ours": "rows read, each message validated by its contract, in order, last message compared",
        "spread": Result(drained).spread,
        "peer_spread": Result(alone).spread,
        "load_average": load_average(),
    }
    return [Figure("relay_drain", Result(drained).rate, "msgs/s", PEER, Result(alone).rate, GOAL, conditions)]


async def _drained(urls: Urls, server: EmbeddedNats, head: int) -> Round:
    """Until the stream holds the whole log, or until the time is up."""
    async with moa.house(urls.runner) as opened:
        started = time.perf_counter()
        relaying = asyncio.create_task(moa.relay(opened, urls.runner, server.url("registry")).run())
        done = 0
        while done < head and time.perf_counter() - started < LONGEST:
            await asyncio.sleep(0.05)
            if relaying.done():
                raise AssertionError("the relay stopped")
            done = await last_sequence(server)
        taken = Round(done, time.perf_counter() - started)
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
        return taken


async def _alone(server: EmbeddedNats) -> Round:
    """Ready-made messages on the same kind of stream, under the same guard."""
    client = await nats.connect(server.url("registry"))
    stream = client.jetstream()
    await stream.add_stream(StreamConfig(name=REGISTRY_STREAM, subjects=["registry.>"]))
    started, last = time.perf_counter(), 0
    while time.perf_counter() - started < PEER_SECONDS:
        headers: dict[str, Any] = {"Nats-Expected-Last-Sequence": str(last), "Nats-Msg-Id": str(last + 1)}
        last = (await stream.publish("registry.v1.restricted.bench", BODY, headers=headers)).seq
    taken = Round(last, time.perf_counter() - started)
    await client.close()
    return taken
