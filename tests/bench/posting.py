"""A registration over HTTP, signed in, validated, with its number reserved, beside FastAPI on the stock library."""

import os
from collections.abc import Sequence

from tests.bench import load
from tests.bench.figures import Figure, Goal
from tests.bench.ground import Ground, free_port, load_average
from tests.bench.rounds import Result, Round, take_turns
from tests.bench.service import Service, answers, running

CONNECTIONS = 16
ROUNDS = 3
SECONDS = 4
WARM_UP_SECONDS = 1
PEER = "FastAPI and the stock library, which checks nothing"
AIM = Goal("ratio", "at least", 4)


def measure(ground: Ground) -> Sequence[Figure]:
    """Both services take turns; each is idle while the other is asked."""
    port = free_port()
    told = {
        "STOCK_URL": ground.database(migrated=False).superuser,
        "STOCK_PORT": str(port),
        "PYTHONPATH": os.getcwd(),
    }
    shares: list[float] = []
    with (
        running(ground, ground.database()) as service,
        ground.process("peer", "python", "-m", "tests.bench.stock_api", **told),
    ):
        answers(f"http://127.0.0.1:{port}/healthz")
        ours = load.Task(service.port, "/api/v1/organisations", CONNECTIONS, SECONDS, service.token)
        stock = load.Task(port, "/organisations", CONNECTIONS, SECONDS)
        for task in (ours, stock):
            load.run(load.Task(task.port, task.path, CONNECTIONS, WARM_UP_SECONDS, task.token))
        rivals = {"moa": lambda: _ours(service, ours, shares), PEER: lambda: _round(stock, shares)}
        return _figures(take_turns(rivals, ROUNDS), max(shares))


def _ours(service: Service, task: load.Task, shares: list[float]) -> Round:
    """One round, after which the log must hold what was acknowledged, and the followers come to rest."""
    service.rest()
    before = service.head()
    taken = _round(task, shares)
    if service.head() - before != taken.done:
        raise AssertionError("the log holds another number of facts than were acknowledged")
    service.rest()
    return taken


def _round(task: load.Task, shares: list[float]) -> Round:
    report = load.run(task)
    shares.append(report.cpu_share)
    return Round(report.done, report.seconds, report.milliseconds)


def _figures(results: dict[str, Result], busiest: float) -> list[Figure]:
    ours, peer = results["moa"], results[PEER]
    conditions = {
        "connections": f"{CONNECTIONS}, kept alive, one worker",
        "rounds": f"{ROUNDS} of {SECONDS} s each, in turns; medians",
        "ours": "signed in, validated, one reserved name; `registry follow` (views, processes, relay) running",
        "load_generator": f"a process of its own, on its core for {busiest:.0%} of the time at most",
        "spread": ours.spread,
        "peer_spread": peer.spread,
        "load_average": load_average(),
    }
    rate = Figure("http_register", ours.rate, "requests/s", PEER, peer.rate, AIM, conditions)
    return [rate] + [
        Figure(f"http_register_p{p}", ours.percentile(p), "ms", PEER, peer.percentile(p), None, conditions)
        for p in (50, 99)
    ]
