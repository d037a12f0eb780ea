"""A log of another generation halts the inbox, visibly, until a person lets it read everything anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from notifier.bootstrap import Service
from notifier.wire import CONSUMER

from contracts.subjects import REGISTRY_STREAM, STREAM_GENERATION
from tests.integration.notifier.rig import ANOTHER, GENERATION, Rig
from tests.integration.test_event_log import until


@asynccontextmanager
async def reading(rig: Rig) -> AsyncIterator[Service]:
    inbox, _, service = rig.inbox()
    task = asyncio.create_task(inbox.run())
    try:
        yield service
    finally:
        task.cancel()
        await asyncio.wait([task])


async def refilled_under_another_generation(rig: Rig) -> None:
    """What a relay does after `registry relay new-generation`: as many messages, other ones."""
    await rig.publisher.jetstream.delete_stream(REGISTRY_STREAM)
    await rig.publisher.jetstream.add_stream(
        name=REGISTRY_STREAM, subjects=["registry.>"], metadata={STREAM_GENERATION: str(ANOTHER)}
    )
    rig.publisher.position, rig.publisher.generation = 0, ANOTHER
    await rig.publisher.drafted()
    await rig.publisher.term_set(end=date(2029, 3, 1))


async def test_a_running_inbox_halts_at_once_and_goes_on_after_a_reset(rig: Rig):
    await rig.publisher.drafted()
    await rig.publisher.term_set()
    async with reading(rig) as service:
        mirror, health = service.desk.mirror, service.health
        await until(lambda: at(service, 2))
        await refilled_under_another_generation(rig)
        await until(lambda: ill(service))
        assert "`notifier reset`" in health.ailments["inbox"].en
        assert (await mirror.checkpoint()).generation == GENERATION
        (before,) = await mirror.all_terms()
        assert before.term.end == date(2027, 3, 1)
        await mirror.forget()
        await until(lambda: at(service, 2))
        assert "inbox" not in health.ailments
        (after,) = await mirror.all_terms()
        assert (after.term.end, await mirror.parked()) == (date(2029, 3, 1), [])
        assert (await mirror.checkpoint()).generation == ANOTHER
    info = await rig.publisher.jetstream.consumer_info(REGISTRY_STREAM, CONSUMER)
    assert info.num_pending == 0


async def test_a_stream_that_was_lost_and_refilled_is_read_on(rig: Rig):
    await rig.publisher.drafted()
    await rig.publisher.term_set()
    async with reading(rig) as service:
        await until(lambda: at(service, 2))
        await rig.publisher.jetstream.delete_stream(REGISTRY_STREAM)
        await rig.publisher.jetstream.add_stream(
            name=REGISTRY_STREAM, subjects=["registry.>"], metadata={STREAM_GENERATION: str(GENERATION)}
        )
        await rig.publisher.drafted()
        await rig.publisher.term_set()
        await rig.publisher.term_set(end=date(2028, 3, 1), cycle=2)
        await until(lambda: at(service, 3))
        assert service.health.ailments == {}
        (watched,) = await service.desk.mirror.all_terms()
        assert watched.cycle == 2


async def at(service: Service, position: int) -> bool:
    return (await service.desk.mirror.checkpoint()).position == position


async def ill(service: Service) -> bool:
    return "generation" in getattr(service.health.ailments.get("inbox"), "en", "")
