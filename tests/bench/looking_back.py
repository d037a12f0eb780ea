"""One agreement as of a past day and as known at a past instant, beside the same agreement as it stands."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from tests.bench import moa
from tests.bench.figures import Figure, Goal
from tests.bench.filling import Filling, recorded_at
from tests.bench.ground import Ground, Urls, load_average
from tests.bench.rounds import percentile
from tests.bench.service import Service, running
from tests.bench.wire import Line, get

QUESTIONS = 1500
# Not counted: plans are made, and what the load left to do is done.
WARM_UP = 200
FOUND = 200
PEER = "the same agreements as they stand now"
GOAL = Goal("ratio", "at most", 2)
# The views that an answer about an agreement is made from.
VIEWS = ("agreement", "organisation")
# Facts by slice.
BY_SLICE = "select split_part(topic, '.', 1) as slice, count(*) as facts from event group by 1"


@dataclass(frozen=True)
class Question:
    """An agreement, as of a day and as known at an instant; None: as it stands."""

    record: UUID
    as_of: date | None = None
    known_at: datetime | None = None


Ask = Callable[[Question], Awaitable[None]]
Taken = Mapping[str, Sequence[float]]


def measure(ground: Ground) -> Sequence[Figure]:
    """Views with their history over the large log, built anew; then all kinds of questions in turns."""
    urls, filling = ground.log(ground.events)
    with moa.loop() as loop:
        built = loop.run(_build(urls))
        ground.settle(urls)
        facts = loop.run(_facts(urls))
        head = sum(facts.values())
        questions = _questions(filling)
        with running(ground, urls, following=False) as service:
            over_http = loop.run(_over_http(service, questions))
        in_sql = loop.run(_in_sql(urls, questions))
    return _built(built, facts) + _figures("get", over_http, head) + _figures("query", in_sql, head)


async def _build(urls: Urls) -> list[moa.Rebuilt]:
    return [built async for built in moa.rebuild(urls.runner, VIEWS)]


async def _facts(urls: Urls) -> dict[str, int]:
    async with moa.house(urls.runner) as opened:
        return {row["slice"]: row["facts"] for row in await opened.rows.fetch(BY_SLICE)}


def _questions(filling: Filling) -> list[Question]:
    """Agreements of any age, each with an instant and a day of its lifetime so far."""
    choice = random.Random(7)  # noqa: S311 - the same questions each time
    asked = []
    for _ in range(QUESTIONS + WARM_UP):
        place = choice.randrange(len(filling.agreements))
        moment = recorded_at(choice.randint(filling.drafted_at[place], filling.position))
        day = (moment + timedelta(days=choice.randrange(-300, 300))).date()
        asked.append(Question(filling.agreements[place], day, moment))
    return asked


async def _over_http(service: Service, questions: Sequence[Question]) -> Taken:
    """One connection, one question at a time."""
    line = await Line.open(service.port)

    async def ask(question: Question) -> None:
        given = {"as_of": question.as_of, "known_at": question.known_at}
        told = urlencode({name: value.isoformat() for name, value in given.items() if value is not None})
        answer = await line.ask(get(f"/api/v1/agreements/{question.record}?{told}".rstrip("?"), service.token))
        if answer.status != FOUND:
            raise AssertionError(answer.body.decode())

    taken = await _in_turns(questions, ask)
    line.close()
    return taken


async def _in_sql(urls: Urls, questions: Sequence[Question]) -> Taken:
    """The same without HTTP and without the parties' names."""
    async with moa.house(urls.runner) as opened:

        async def ask(question: Question) -> None:
            await moa.look(opened, question.record, question.as_of, question.known_at)

        return await _in_turns(questions, ask)


async def _in_turns(questions: Sequence[Question], ask: Ask) -> Taken:
    """Milliseconds of each kind of question."""
    taken: dict[str, list[float]] = {"now": [], "as_of": [], "known_at": [], "both": []}
    for question in questions:
        record, day, instant = question.record, question.as_of, question.known_at
        for kind, one in (
            ("now", Question(record)),
            ("as_of", Question(record, as_of=day)),
            ("known_at", Question(record, known_at=instant)),
            ("both", question),
        ):
            before = time.perf_counter()
            await ask(one)
            taken[kind].append((time.perf_counter() - before) * 1000)
    return {kind: each[WARM_UP:] for kind, each in taken.items()}


def _figures(how: str, taken: Taken, head: int) -> list[Figure]:
    now = percentile(taken["now"], 95)
    conditions = {
        "log": f"{head} facts",
        "questions": f"{QUESTIONS} of each kind in turns, agreements and moments anywhere, one caller",
        "how": "GET over HTTP, signed in, parties named" if how == "get" else "the query alone, in process",
        "load_average": load_average(),
    }
    figures = []
    for kind in ("as_of", "known_at", "both"):
        p50 = {"p50_ms": round(percentile(taken[kind], 50), 3), "peer_p50_ms": round(percentile(taken["now"], 50), 3)}
        p95 = percentile(taken[kind], 95)
        goal = GOAL if how == "get" else None
        figures.append(Figure(f"{kind}_{how}_p95", p95, "ms", PEER, now, goal, {**conditions, **p50}))
    return figures


def _built(built: Sequence[moa.Rebuilt], facts: Mapping[str, int]) -> list[Figure]:
    conditions = {
        "log": f"{sum(facts.values())} facts",
        "views": "with their history, one after the other: "
        + ", ".join(f"{one.view}, {facts[one.view]} facts in {one.seconds:.1f} s" for one in built),
        "load_average": load_average(),
    }
    seconds, folded = sum(one.seconds for one in built), sum(facts[one.view] for one in built)
    return [
        Figure("rebuild", folded / seconds, "events/s", conditions=conditions),
        Figure("rebuild_swap", max(one.swap_milliseconds for one in built), "ms", conditions=conditions),
    ]
