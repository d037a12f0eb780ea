"""Durable appends at 1, 16 and 64 callers, through the desk, beside the stock recorder and pgbench's bare insert."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count

from registry.house import House

from tests.bench import busy, callers, moa, stock
from tests.bench.figures import Figure, Goal
from tests.bench.ground import Ground, load_average
from tests.bench.pgbench import Pgbench
from tests.bench.rounds import Result, Round, take_turns

CALLERS = (1, 16, 64)
ROUNDS = 3
SECONDS = 2
WARM_UP_SECONDS = 0.5
STOCK = "eventsourcing with its Postgres recorder"
PGBENCH = "pgbench, one bare durable insert a transaction"
# The goals hold where there is something to gather: at 64 callers.
CROWD = 64
AGAINST_STOCK = Goal("ratio", "at least", 15)
AGAINST_PGBENCH = Goal("ratio", "at least", 0.6)


def measure(ground: Ground) -> Sequence[Figure]:
    """All rivals take turns at each number of callers."""
    pgbench = Pgbench(ground.database(migrated=False).superuser)
    peer = stock.application(ground.database(migrated=False).superuser, connections=CROWD)
    numbers = count(1)

    def stock_round(crowd: int) -> Round:
        return callers.threads(crowd, SECONDS, lambda: peer.save(stock.registration(str(next(numbers)))))

    figures: list[Figure] = []
    with moa.loop() as loop, closing(peer):
        desk = moa.house(ground.database().runner)
        opened = loop.run(desk.__aenter__())
        for crowd in CALLERS:
            ours = _our_round(loop, opened, crowd)
            callers.threads(crowd, WARM_UP_SECONDS, lambda: peer.save(stock.registration(str(next(numbers)))))
            rivals = {
                "moa": ours,
                PGBENCH: lambda crowd=crowd: pgbench.round(crowd, SECONDS),
                STOCK: lambda crowd=crowd: stock_round(crowd),
            }
            programs = {"postgres": ground.postgres.child.pid, "altogether": os.getpid()}
            meters = {name: busy.Meter(programs) for name in rivals}
            turns = {name: meters[name].around(turn) for name, turn in rivals.items()}
            figures += _figures(crowd, take_turns(turns, ROUNDS), meters)
        loop.run(desk.__aexit__(None, None, None))
    return figures


def _our_round(loop: asyncio.Runner, opened: House, crowd: int) -> Callable[[], Round]:
    """A round through the desk, after which the log must hold exactly what was acknowledged."""
    loop.run(callers.tasks(crowd, WARM_UP_SECONDS, lambda: moa.ask(opened, moa.registration())))

    def turn() -> Round:
        before = loop.run(opened.log.head())
        taken = loop.run(callers.tasks(crowd, SECONDS, lambda: moa.ask(opened, moa.registration())))
        if loop.run(opened.log.head()) - before != taken.done:
            raise AssertionError("the log holds another number of facts than were acknowledged")
        return taken

    return turn


def _figures(crowd: int, results: dict[str, Result], meters: dict[str, busy.Meter]) -> list[Figure]:
    ours = results["moa"]
    conditions = {
        "callers": crowd,
        "rounds": f"{ROUNDS} of {SECONDS} s each, in turns; medians",
        "ours": "command validated, policy, rules, mapper, metadata, command id, one reserved name, one log line",
        "processor_us_a_command": str(meters["moa"]),
        "spread": ours.spread,
        "load_average": load_average(),
    }
    figures = []
    for short, peer, goal in (("stock", STOCK, AGAINST_STOCK), ("pgbench", PGBENCH, AGAINST_PGBENCH)):
        rival = results[peer]
        more = {**conditions, "peer_processor_us_a_command": str(meters[peer]), "peer_spread": rival.spread}
        name = f"append_{crowd}_against_{short}"
        aim = goal if crowd == CROWD else None
        figures.append(Figure(name, ours.rate, "commands/s", peer, rival.rate, aim, more))
        for percent in (50, 99):
            latency = (ours.percentile(percent), "ms", peer, rival.percentile(percent))
            figures.append(Figure(f"{name}_p{percent}", *latency, None, more))
    return figures
