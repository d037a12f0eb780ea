"""What an append and a load cost when the log has 10,000, 100,000 and 1,000,000 facts: they are to stay flat."""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from registry.agreement.aggregate import Agreement
from registry.house import House

from tests.bench import callers, moa
from tests.bench.figures import Figure, Goal
from tests.bench.filling import Filling
from tests.bench.ground import Ground, load_average
from tests.bench.plot import Panel, draw
from tests.bench.rounds import Result, Round, take_turns

CALLERS = 64
ROUNDS = 5
SECONDS = 1
PLOT = Path("var/bench-size.svg")
FLAT = Goal("ratio", "at most", 1.25)


def measure(ground: Ground) -> Sequence[Figure]:
    """Logs of three sizes take turns, so that a busy moment of the machine hits all of them."""
    sizes = sorted({max(1000, ground.events // 100), max(1000, ground.events // 10), ground.events})
    logs = {size: ground.log(size) for size in sizes}
    with moa.loop() as loop:
        stack = AsyncExitStack()
        appends, loads = {}, {}
        for size, (urls, filling) in logs.items():
            opened = loop.run(stack.enter_async_context(moa.house(urls.runner)))
            appends[str(size)] = _appends(loop, opened)
            loads[str(size)] = _loads(loop, opened, filling)
        for once in itertools.chain(appends.values(), loads.values()):
            once()  # connections, plans and caches are there before anything counts
        appended, loaded = take_turns(appends, ROUNDS), take_turns(loads, ROUNDS)
        loop.run(stack.aclose())
    _plot(sizes, appended, loaded)
    return _figures(sizes, appended, loaded)


def _appends(loop: asyncio.Runner, opened: House) -> Callable[[], Round]:
    return lambda: loop.run(callers.tasks(CALLERS, SECONDS, lambda: moa.ask(opened, moa.registration())))


def _loads(loop: asyncio.Runner, opened: House, filling: Filling) -> Callable[[], Round]:
    """One agreement after the other, anywhere in the log, never out of memory."""
    choice = random.Random(1)  # noqa: S311

    async def once() -> None:
        if await moa.load(opened, Agreement, choice.choice(filling.agreements)) is None:
            raise AssertionError("an agreement is missing")

    return lambda: loop.run(callers.tasks(1, SECONDS, once))


def _figures(sizes: Sequence[int], appended: dict[str, Result], loaded: dict[str, Result]) -> list[Figure]:
    small, large = str(sizes[0]), str(sizes[-1])
    conditions = {
        "sizes": ", ".join(f"{size:,}" for size in sizes),
        "rounds": f"{ROUNDS} of {SECONDS} s each, the sizes in turns; medians",
        "append": f"{CALLERS} callers; " + ", ".join(f"{size}: {one.rate:.0f}/s" for size, one in appended.items()),
        "append_p99_ms": ", ".join(f"{size}: {one.percentile(99):.1f}" for size, one in appended.items()),
        "load": "one caller, not from memory; "
        + ", ".join(
            f"{size}: p50 {one.percentile(50):.2f}, p99 {one.percentile(99):.2f} ms" for size, one in loaded.items()
        ),
        "plot": str(PLOT),
        "load_average": load_average(),
    }
    peer = f"the same with {int(small):,} facts in the log"
    costs = (1e6 / appended[size].rate for size in (large, small))
    waits = (loaded[size].percentile(50) for size in (large, small))
    return [
        Figure("size_append", next(costs), "µs/command", peer, next(costs), FLAT, conditions),
        Figure("size_load", next(waits), "ms", peer, next(waits), FLAT, conditions),
    ]


def _plot(sizes: Sequence[int], appended: dict[str, Result], loaded: dict[str, Result]) -> None:
    append = {
        "a command, at 64 callers": [1e6 / one.rate for one in appended.values()],
    }
    load = {
        "half of all loads": [one.percentile(50) for one in loaded.values()],
        "99 of 100 loads": [one.percentile(99) for one in loaded.values()],
    }
    panels = (
        Panel("Append: µs of the machine per command", sizes, append),
        Panel("Load an agreement: at most so many ms", sizes, load),
    )
    draw(PLOT, "Moa: cost against the size of the log", panels)
