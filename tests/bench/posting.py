"""A registration over HTTP, signed in, validated, with its number reserved, beside FastAPI on the stock library."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.bench import busy, load
from tests.bench.figures import Figure, Goal
from tests.bench.ground import Ground, free_port, load_average
from tests.bench.rounds import Result, Round, take_turns
from tests.bench.service import Service, answers, running

CONNECTIONS = 16
ROUNDS = 3
SECONDS = 4
WARM_UP_SECONDS = 1
PEER = "FastAPI and the stock library, which checks nothing"
PEER_PROGRAM = ("python", "-m", "tests.bench.stock_api")
AIM = Goal("ratio", "at least", 4)


def measure(ground: Ground) -> Sequence[Figure]:
    """Both services take turns; each is idle while the other is asked."""
    port = free_port()
    told = {
        "STOCK_URL": ground.database(migrated=False).superuser,
        "STOCK_PORT": str(port),
        "PYTHONPATH": os.getcwd(),
    }
    with running(ground, ground.database()) as service, ground.process("peer", *PEER_PROGRAM, **told) as child:
        answers(f"http://127.0.0.1:{port}/healthz")
        ours = Rival(
            load.Task(service.port, "/api/v1/organisations", CONNECTIONS, SECONDS, service.token),
            busy.Meter(service.programs),
        )
        peer = Rival(
            load.Task(port, "/organisations", CONNECTIONS, SECONDS),
            busy.Meter({"postgres": ground.postgres.child.pid, "serve": child.pid}),
        )
        for rival in (ours, peer):
            load.run(replace(rival.task, seconds=WARM_UP_SECONDS))
        turns = {"moa": _counted(service, ours.meter.around(ours.turn)), PEER: peer.meter.around(peer.turn)}
        results = take_turns(turns, ROUNDS)
        return _figures(results, ours, peer)


@dataclass
class Rival:
    """One of the two services, what its programs use, and how busy the load generator was."""

    task: load.Task
    meter: busy.Meter
    busiest: float = 0.0

    def turn(self) -> Round:
        """One round."""
        report = load.run(self.task)
        self.busiest = max(self.busiest, report.cpu_share)
        return Round(report.done, report.seconds, report.milliseconds)


def _counted(service: Service, turn: Callable[[], Round]) -> Callable[[], Round]:
    """A round after which the log must hold what was acknowledged, and the followers come to rest."""

    def counted() -> Round:
        service.rest()
        before = service.head()
        taken = turn()
        if service.head() - before != taken.done:
            raise AssertionError("the log holds another number of facts than were acknowledged")
        service.rest()
        return taken

    return counted


def _figures(results: Mapping[str, Result], ours: Rival, peer: Rival) -> list[Figure]:
    mine, its = results["moa"], results[PEER]
    conditions = {
        "connections": f"{CONNECTIONS}, kept alive, one worker",
        "rounds": f"{ROUNDS} of {SECONDS} s each, in turns; medians",
        "ours": "signed in, validated, one reserved name; `registry follow` (views, processes, relay) running",
        "processor_us_a_request": str(ours.meter),
        "peer_processor_us_a_request": str(peer.meter),
        "load_generator": f"a process of its own, {max(ours.busiest, peer.busiest):.0%} of a core at most",
        "spread": mine.spread,
        "peer_spread": its.spread,
        "load_average": load_average(),
    }
    rate = Figure("http_register", mine.rate, "requests/s", PEER, its.rate, AIM, conditions)
    return [rate] + [
        Figure(f"http_register_p{p}", mine.percentile(p), "ms", PEER, its.percentile(p), None, conditions)
        for p in (50, 99)
    ]
