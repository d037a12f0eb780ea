"""A process of its own that posts registrations: as fast as they are answered, or at a given pace."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from uuid import uuid4

import uvloop

from tests.bench.wire import Line, post

CREATED = 201


@dataclass(frozen=True)
class Task:
    """Whom to post to and for how long; with a `pace` (a second) whoever is free posts when it is time."""

    port: int
    path: str
    connections: int
    seconds: float
    token: str = ""
    pace: float | None = None


@dataclass
class Report:
    """What came of it. `acknowledged` pairs log positions with the moment (monotonic ns) that the answer was there."""

    done: int = 0
    seconds: float = 0.0
    cpu_share: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    acknowledged: list[tuple[int, int]] = field(default_factory=list)


def run(task: Task) -> Report:
    """Let another process do it; whatever is not answered with 201 fails the whole run."""
    argv = [sys.executable, "-m", "tests.bench.load", json.dumps(asdict(task))]
    said = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Report(**json.loads(said))


async def _post(task: Task) -> Report:
    report, lines = Report(), [await Line.open(task.port) for _ in range(task.connections)]
    started = time.perf_counter()
    turn = _pace(task, started) if task.pace else _at_once(started + task.seconds)
    await asyncio.gather(*(_one(task, line, report, turn) for line in lines))
    report.seconds = time.perf_counter() - started
    report.cpu_share = time.process_time() / report.seconds
    report.done = len(report.milliseconds)
    for line in lines:
        line.close()
    return report


async def _one(task: Task, line: Line, report: Report, turn: Callable[[], Awaitable[bool]]) -> None:
    while await turn():
        before = time.perf_counter()
        answer = await line.ask(post(task.path, task.token, str(uuid4()), _body()))
        report.milliseconds.append((time.perf_counter() - before) * 1000)
        if answer.status != CREATED:
            raise AssertionError(answer.body.decode())
        if b"registry-position" in answer.head:
            report.acknowledged.append((int(answer.header(b"registry-position")), time.monotonic_ns()))


def _at_once(until: float) -> Callable[[], Awaitable[bool]]:
    async def turn() -> bool:
        return time.perf_counter() < until

    return turn


def _pace(task: Task, started: float) -> Callable[[], Awaitable[bool]]:
    """The moments at which a request is due are fixed beforehand: a slow answer delays no other's start."""
    pace = task.pace or 1.0
    due = iter([started + number / pace for number in range(int(task.seconds * pace))])

    async def turn() -> bool:
        moment = next(due, None)
        if moment is None:
            return False
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        return True

    return turn


def _body() -> bytes:
    number = uuid4().hex[:20]
    return (
        '{"kind":"local_government","names":[{"lang":"ko","text":"부산진구"},{"lang":"en","text":"Busanjin-gu"}],'
        f'"country":"KR","region":"KR-26","identifiers":[{{"scheme":"kr-agency","value":"{number}"}}]}}'
    ).encode()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.write(json.dumps(asdict(runner.run(_post(Task(**json.loads(sys.argv[1])))))))
