"""The inbox: takes each message of the registry's log once, in order, with its effect.

Deduplicates by (generation, position): the checkpoint moves in the transaction of the effect, and
a message is acknowledged after that. What cannot be read is parked, and reading goes on; a log of
another generation stops it, for what was mirrored may never have happened there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, Protocol, assert_never
from uuid import UUID

import structlog

from contracts.agreement import AgreementDraftedV1, TermSetV1
from notifier.clock import Clock
from notifier.errors import Unavailable, Unstorable
from notifier.health import Ailment, Health
from notifier.mirror import Checkpoint, Mirror, Page, Parked
from notifier.reading import Arrival, Reading, Unreadable, read

BATCH = 256
RETRY_SECONDS = 1.0

Halt = Literal["new_generation", "gap"]

log = structlog.get_logger("notifier.inbox")


class Source(Protocol):
    """Where messages come from: a durable consumer on the registry's stream."""

    async def open(self, position: int, generation: UUID | None = None) -> None:
        """Find the consumer, or make one that goes on after `position`; Unavailable without a stream."""

    async def batch(self, limit: int) -> Sequence[Arrival]:
        """The next messages in order; waits a few seconds and may come back empty."""

    async def done(self, arrivals: Sequence[Arrival]) -> None:
        """These need not come again."""

    async def again(self, arrivals: Sequence[Arrival], delay: timedelta) -> None:
        """These are to come again."""

    async def rewind(self, position: int) -> bool:
        """Go on after `position` if more than that was acknowledged; False when that is not what is wrong."""

    async def starts_after(self, position: int) -> bool:
        """Is what follows `position` gone from the stream?"""


@dataclass(frozen=True)
class Taken:
    """How many messages of a batch were dealt with, and why the rest was not."""

    count: int
    stopped: Halt | None = None


class Inbox:
    """Takes batches, and says how it goes in `health`; `moved` is set after every commit."""

    def __init__(self, mirror: Mirror, source: Source, clock: Clock, health: Health, moved: asyncio.Event) -> None:
        """Meet the ports."""
        self._mirror = mirror
        self._source = source
        self._clock = clock
        self._health = health
        self._moved = moved

    async def run(self) -> None:
        """Take messages until cancelled; where the log turns out to be another one, wait until a person has acted."""
        while True:
            try:
                place = await self._mirror.checkpoint()
                await self._source.open(place.position, place.generation)
                self._health.well("inbox")
                while not await self.step():
                    pass
                await self._until_reset(await self._mirror.checkpoint())
            except Unavailable as failure:
                if self._health.ill("inbox", failure.ko, failure.en):
                    log.warning("inbox.waiting", code=failure.code)
                await asyncio.sleep(RETRY_SECONDS)

    async def _until_reset(self, halted: Checkpoint) -> None:
        """Stand still for as long as the checkpoint stays where reading halted."""
        while await self._mirror.checkpoint() == halted:  # noqa: ASYNC110 (it moves in the database)
            await asyncio.sleep(RETRY_SECONDS)
        log.info("inbox.reset", position=halted.position)

    async def step(self) -> bool:
        """Take the next batch; True when reading must stop."""
        arrivals = await self._source.batch(BATCH)
        if not arrivals:
            return False
        try:
            taken = await self.take(arrivals)
        except Unavailable:
            await self._source.again(arrivals, timedelta(seconds=RETRY_SECONDS))
            raise
        await self._source.done(arrivals[: taken.count])
        if taken.count:
            self._moved.set()
        if taken.stopped == "gap":
            return await self._out_of_step(arrivals[taken.count :])
        if taken.stopped == "new_generation":
            await self._source.again(arrivals[taken.count :], timedelta(0))
            return self._halt("new_generation")
        return False

    async def take(self, arrivals: Sequence[Arrival]) -> Taken:
        """Deal with messages that came in this order, all in one transaction.

        Where the database will not store one of them, each gets a transaction of its own and that one is parked.
        """
        readings = [read(arrival) for arrival in arrivals]
        try:
            return await self._commit(readings)
        except Unstorable:
            return await self._one_by_one(readings)

    async def _one_by_one(self, readings: Sequence[Reading]) -> Taken:
        for count, reading in enumerate(readings):
            try:
                taken = await self._commit([reading])
            except Unstorable as wrong:
                taken = await self._commit([replace(reading, effect=Unreadable(f"cannot be stored: {wrong}"))])
            if taken.stopped:
                return Taken(count, taken.stopped)
        return Taken(len(readings))

    async def _commit(self, readings: Sequence[Reading]) -> Taken:
        async with self._mirror.database.transaction() as connection:
            page = Page(connection)
            before = place = await page.checkpoint()
            stopped: Halt | None = None
            count = 0
            for reading in readings:
                stopped = _obstacle(place, reading)
                if stopped == "new_generation":
                    await self._park(page, reading, "it belongs to another generation of the log")
                if stopped:
                    break
                if reading.position > place.position:
                    await self._apply(page, reading)
                    place = Checkpoint(reading.generation or place.generation, reading.position)
                count += 1
            await page.advance(before, place)
        return Taken(count, stopped)

    async def _apply(self, page: Page, reading: Reading) -> None:
        match reading.effect:
            case AgreementDraftedV1():
                await page.keep_agreement(reading.effect, reading.position)
            case TermSetV1():
                await page.keep_term(reading.effect, reading.correlation, reading.position)
                log.info("inbox.term_set", **_marks(reading))
            case Unreadable(why=why):
                await self._park(page, reading, why)
            case None:
                return
            case _:
                assert_never(reading.effect)

    async def _park(self, page: Page, reading: Reading, why: str) -> None:
        log.error("inbox.parked", why=why, alarm=True, **_marks(reading))
        came = reading.arrival
        await page.park(Parked(reading.position, reading.generation, came.subject, why, came.body, self._clock.now()))

    async def _out_of_step(self, rest: Sequence[Arrival]) -> bool:
        """Messages came ahead of their turn: wait for the ones between, ask for them again, or give up."""
        position = (await self._mirror.checkpoint()).position
        if await self._source.starts_after(position):
            return self._halt("gap")
        if await self._source.rewind(position):
            log.warning("inbox.rewound", position=position)
            return False
        await self._source.again(rest, timedelta(seconds=RETRY_SECONDS))
        return False

    def _halt(self, why: Halt) -> bool:
        words = HALTS[why]
        self._health.ill("inbox", words.ko, words.en)
        log.error("inbox.halted", why=why, alarm=True)
        return True


HALTS: dict[Halt, Ailment] = {
    "new_generation": Ailment(
        "등록부 기록의 세대가 바뀌어 읽기를 멈췄습니다. 등록부 담당자가 새 세대를 시작한 것이 맞으면"
        " `notifier reset`으로 처음부터 다시 읽으십시오. 이미 보낸 알림은 다시 나가지 않습니다.",
        "The registry's log is of another generation, so reading stopped. If the registry's operator has begun one,"
        " read it anew with `notifier reset`; reminders that went out are not sent again.",
    ),
    "gap": Ailment(
        "읽은 곳 다음의 메시지가 스트림에 없어 읽기를 멈췄습니다. 등록부에서 스트림을 다시 채운 뒤"
        " `notifier reset`으로 처음부터 다시 읽으십시오.",
        "The messages after the last one taken are gone from the stream, so reading stopped. Let the registry"
        " refill the stream, then read it anew with `notifier reset`.",
    ),
}


def _obstacle(place: Checkpoint, reading: Reading) -> Halt | None:
    if place.generation and reading.generation and place.generation != reading.generation:
        return "new_generation"
    return "gap" if reading.position > place.position + 1 else None


def _marks(reading: Reading) -> dict[str, Any]:
    """By what a log line can be followed through both services."""
    return {"position": reading.position, "command": reading.command, "correlation": reading.correlation}
