"""Callers: so many at once, each asking again as soon as it has its answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from tests.bench.rounds import Round


async def tasks(callers: int, seconds: float, once: Callable[[], Awaitable[object]]) -> Round:
    """One round of asynchronous callers."""
    until = time.perf_counter() + seconds

    async def caller() -> list[float]:
        taken = []
        while (before := time.perf_counter()) < until:
            await once()
            taken.append((time.perf_counter() - before) * 1000)
        return taken

    started = time.perf_counter()
    each = await asyncio.gather(*(caller() for _ in range(callers)))
    return _together(each, started)


def threads(callers: int, seconds: float, once: Callable[[], object]) -> Round:
    """One round of blocking callers, a thread each."""
    until = time.perf_counter() + seconds

    def caller(_: int) -> list[float]:
        taken = []
        while (before := time.perf_counter()) < until:
            once()
            taken.append((time.perf_counter() - before) * 1000)
        return taken

    started = time.perf_counter()
    with ThreadPoolExecutor(callers) as pool:
        return _together(list(pool.map(caller, range(callers))), started)


def _together(each: list[list[float]], started: float) -> Round:
    milliseconds = [taken for caller in each for taken in caller]
    return Round(len(milliseconds), time.perf_counter() - started, milliseconds)
