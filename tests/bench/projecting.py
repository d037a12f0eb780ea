"""Views that begin at nothing and catch up with the log, beside the stock library's own projection runner."""

import asyncio
import time
from collections.abc import Sequence

from registry.house import House

from tests.bench import moa, stock_projection
from tests.bench.figures import Figure, Goal
from tests.bench.filling import Filling
from tests.bench.ground import Ground, Urls, load_average
from tests.bench.rounds import Result, Round, take_turns

FACTS = 100_000
PEER_RECORDS = 1_000
ROUNDS = 2
LONGEST = 40.0
PEER = "eventsourcing's own projection runner, one view of one row a record"
AIM = Goal("ratio", "at least", 20)
# How far the slowest view has come.
SLOWEST = "select coalesce(min(position), 0) as position from follower where position is not null"


def measure(ground: Ground) -> Sequence[Figure]:
    """Each begins anew each time, on a copy of its log."""
    filled, peer = ground.database(), ground.database(migrated=False)
    filling = Filling()
    filling.fill(filled.superuser, min(FACTS, ground.events))
    ground.settle(filled)
    events = stock_projection.fill(peer.superuser, PEER_RECORDS)

    def ours() -> Round:
        with moa.loop() as loop:
            return loop.run(_catch_up(ground.copy(filled), filling.position))

    def theirs() -> Round:
        return stock_projection.catch_up(ground.copy(peer).superuser, events)

    results = take_turns({"moa": ours, PEER: theirs}, ROUNDS)
    return _figures(results, filling.position, events)


async def _catch_up(urls: Urls, head: int) -> Round:
    """All views side by side in one process, as `registry follow` keeps them."""
    async with moa.house(urls.runner, connections=16) as opened:
        started = time.perf_counter()
        followers = await moa.view_followers(opened)
        running = [asyncio.create_task(follower.run()) for follower in followers]
        done = 0
        while done < head and time.perf_counter() - started < LONGEST:
            await asyncio.sleep(0.05)
            if any(follower.stopped for follower in followers):
                raise AssertionError("a view stopped")
            done = (await opened.rows.fetch(SLOWEST))[0]["position"]
        taken = Round(done, time.perf_counter() - started)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if done == head:
            await _agree(opened)
        return taken


async def _agree(opened: House) -> None:
    """The views hold as many agreements as the log."""
    drafted = await opened.rows.fetch("select count(*) as n from event where topic = 'agreement.drafted'")
    shown = await opened.rows.fetch("select count(*) as n from view.agreement")
    if drafted[0]["n"] != shown[0]["n"]:
        raise AssertionError("the view holds another number of agreements than were drafted")


def _figures(results: dict[str, Result], head: int, events: int) -> list[Figure]:
    ours, peer = results["moa"], results[PEER]
    conditions = {
        "facts": f"{head} of a mixed log, each folded into one of {len(moa.VIEWS)} views, present and history",
        "peer_events": f"{events} of its own, each folded into one row; no history, no search",
        "rounds": f"{ROUNDS} in turns, ours {LONGEST:.0f} s at most; medians",
        "spread": ours.spread,
        "peer_spread": peer.spread,
        "load_average": load_average(),
    }
    return [Figure("projection_catch_up", ours.rate, "events/s", PEER, peer.rate, AIM, conditions)]
