"""Figures for Prometheus: how far each follower is behind the log, beside what the gate counts."""

import prometheus_client
from fastapi import Response
from prometheus_client import Gauge
from starlette.requests import Request

from registry.house import House

# How far views and processes have come.
FOLLOWERS = """
    select name, position, stopped from view.checkpoint
    union all select name, position, stopped from follower where name not in ('relay', 'receipts')
"""
HEAD = Gauge("moa_log_position", "Position of the last fact in the log.")
LAG = Gauge("moa_follower_lag_facts", "Facts that a follower has yet to take.", ["follower"])
STOPPED = Gauge("moa_follower_stopped", "1 when a follower stands still at a fact that it cannot take.", ["follower"])


async def metrics(request: Request) -> Response:
    """Everything that is counted, in the Prometheus text format."""
    house: House = request.app.state.house
    head = await house.log.head()
    HEAD.set(head)
    for row in await house.rows.fetch(FOLLOWERS):
        LAG.labels(row["name"]).set(head - row["position"])
        STOPPED.labels(row["name"]).set(row["stopped"] is not None)
    return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)
