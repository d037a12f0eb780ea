"""Figures for Prometheus: how far each follower is behind the log, beside what the gate counts."""

import prometheus_client
from fastapi import Response
from prometheus_client import Gauge
from starlette.requests import Request

from registry.follower import standings
from registry.house import House

HEAD = Gauge("moa_log_position", "Position of the last fact in the log.")
LAG = Gauge("moa_follower_lag_facts", "Facts that a follower has yet to take.", ["follower"])
STOPPED = Gauge("moa_part_stopped", "1 when a part stands still until a person has looked.", ["part"])
OLDEST = Gauge("moa_relay_oldest_unpublished_seconds", "Age of the oldest fact that the stream has yet to be told.")
# When the first fact after the relay's place was recorded; none when it has told all. It notes its place each second.
UNPUBLISHED = """
    select e.recorded_at from follower f join event e on e.position = f.position + 1 where f.name = 'relay'
"""
FAILING = Gauge("moa_part_failing", "1 when a part fails and is being tried again.", ["part"])


async def metrics(request: Request) -> Response:
    """Everything that is counted, in the Prometheus text format."""
    house: House = request.app.state.house
    head = await house.log.head()
    HEAD.set(head)
    for part in await standings(house.rows):
        if part.position is not None:
            LAG.labels(part.name).set(head - part.position)
        STOPPED.labels(part.name).set(part.stopped is not None)
        FAILING.labels(part.name).set(part.failing is not None)
    waiting = await house.rows.fetch(UNPUBLISHED)
    OLDEST.set(max(0.0, (house.clock.now() - waiting[0]["recorded_at"]).total_seconds()) if waiting else 0.0)
    return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)
