"""When more comes than can be recorded, the registry says so at once; nothing is half done, and nothing is lost."""

import asyncio
from uuid import uuid4

import pytest
from registry.kernel.errors import Unavailable
from registry.store.appender import MAX_WAITING, MAX_WAITING_SIZE
from registry.store.prepared import prepare

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.test_event_log import held_up, opening, until
from tests.integration.test_main_job import organisation


async def test_past_the_bound_a_command_is_refused_with_a_time_to_try_again_and_the_same_key_works_then(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk, key = await registry.person(), uuid4()
    log = registry.house.log
    async with held_up(registry_database) as waiting:
        first = asyncio.create_task(log.append(opening()))
        await until(waiting)
        others = [asyncio.create_task(log.append(opening())) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        refused = await clerk.post("/organisations", organisation("부산진구"), key=key)
        assert (refused.status_code, refused.json()["code"]) == (503, "log.busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert await log.head() == 0
    receipts = await asyncio.gather(first, *others)
    assert sorted(receipt.position for receipt in receipts) == list(range(1, MAX_WAITING + 2))
    again = await clerk.post("/organisations", organisation("부산진구"), key=key)
    assert (again.status_code, again.json()["position"]) == (201, MAX_WAITING + 2)


async def test_what_waits_is_bounded_by_size_too(registry: Running, registry_database: RegistryDatabase) -> None:
    log = registry.house.log
    large = "가" * 80_000
    fit = MAX_WAITING_SIZE // prepare(opening(large)).size
    async with held_up(registry_database) as waiting:
        first = asyncio.create_task(log.append(opening()))
        await until(waiting)
        tasks = [asyncio.create_task(log.append(opening(large))) for _ in range(fit + 3)]
        await asyncio.sleep(0)
        refused = [task for task in tasks if task.done()]
        assert 3 <= len(refused) <= 4  # the act that is on its way counts too
        for task in refused:
            with pytest.raises(Unavailable) as busy:
                await task
            assert busy.value.code == "log.busy"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (await first).position == 1


async def test_a_log_that_is_closing_takes_no_more(registry: Running) -> None:
    log = registry.house.log
    waiting = asyncio.create_task(log.append(opening()))
    await asyncio.sleep(0)
    closing = asyncio.create_task(log.stop())  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await log.append(opening())
    await closing
    assert (await waiting).position == 1
