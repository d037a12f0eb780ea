"""From acknowledged to received: how long after its answer a command's fact is with a subscriber."""

import asyncio
import time
from collections.abc import Sequence

from notifier.wire import Registry, Wire

from tests.bench import load
from tests.bench.figures import Figure, Goal
from tests.bench.ground import Ground, load_average
from tests.bench.rounds import percentile
from tests.bench.service import Service, running

PACE = 500
SECONDS = 15
WARM_UP_SECONDS = 2
CONNECTIONS = 16
LARGEST_BATCH = 100
PATIENCE_SECONDS = 60
GOAL = Goal("value", "at most", 50)
PATH = "/api/v1/organisations"


def measure(ground: Ground) -> Sequence[Figure]:
    """Post at a steady pace and take the messages off the stream as the notifier does."""
    with running(ground, ground.database()) as service:
        load.run(load.Task(service.port, PATH, CONNECTIONS, WARM_UP_SECONDS, service.token, PACE))
        service.rest()
        report, received = asyncio.run(_both(service))
    lags = [(received[position] - moment) / 1e6 for position, moment in report.acknowledged]
    if len(lags) != PACE * SECONDS:
        raise AssertionError(f"{len(lags)} of {PACE * SECONDS} commands were acknowledged")
    conditions = {
        "pace": f"{PACE} commands/s for {SECONDS} s over HTTP, {CONNECTIONS} connections; {report.done} answered",
        "subscriber": "a durable pull consumer, read as the notifier reads it; JetStream syncs always",
        "answer_p50_ms": round(percentile(report.milliseconds, 50), 2),
        "answer_p99_ms": round(percentile(report.milliseconds, 99), 2),
        "received_before_the_answer": sum(lag < 0 for lag in lags),
        "load_average": load_average(),
    }
    return [
        Figure("lag_p50", percentile(lags, 50), "ms", conditions=conditions),
        Figure("lag_p99", percentile(lags, 99), "ms", goal=GOAL, conditions=conditions),
        Figure("lag_max", max(lags), "ms", conditions=conditions),
    ]


async def _both(service: Service) -> tuple[load.Report, dict[int, int]]:
    """What was acknowledged when, and when each position came in (monotonic ns)."""
    before = await asyncio.to_thread(service.head)
    task = load.Task(service.port, PATH, CONNECTIONS, SECONDS, service.token, PACE)
    wire = Wire(service.nats.url("notifier"))
    source = Registry(wire)
    await source.open(before)
    received: dict[int, int] = {}
    give_up = time.monotonic() + SECONDS + PATIENCE_SECONDS
    posting = asyncio.create_task(asyncio.to_thread(load.run, task))
    while len(received) < PACE * SECONDS and not (posting.done() and posting.exception()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{len(received)} of {PACE * SECONDS} facts came in")
        arrivals = await source.batch(LARGEST_BATCH)
        moment = time.monotonic_ns()
        received |= {arrival.sequence: moment for arrival in arrivals}
        await source.done(arrivals)
    report = await posting
    await wire.close()
    return report, received
