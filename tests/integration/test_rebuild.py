"""A view built anew beside the live one equals it, takes its place in a moment, and leaves it alone when that fails."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from registry.bootstrap import VIEWS
from registry.bootstrap.following import end
from registry.kernel.errors import Conflict, Unavailable, Unreadable
from registry.kernel.views import View
from registry.organisation.projection import VIEW
from registry.projector import Projector, rebuild
from registry.store.mapper import canonical
from structlog.testing import capture_logs

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Person, Running, running_registry
from tests.integration.test_event_log import speaking_to, until
from tests.integration.test_followers import insert_unheard_of, several
from tests.integration.test_history import TERM
from tests.integration.test_main_job import drafted, registered

# 50 organisations after the first, which they resemble, and 49 aliases of each, one organisation after the other.
REGISTERED_AND_RENAMED = """
    insert into event (position, stream, version, topic, state, metadata, recorded_at)
    select 1 + 50 * (v - 1) + number, md5(number::text)::uuid, v,
           case v when 1 then one.topic else 'organisation.alias-stated' end,
           case v when 1 then one.state else json_build_object(
               'name', json_build_object('lang', 'en', 'text', 'Alias ' || v), 'confirmed', true) end,
           one.metadata, one.recorded_at
    from event one, generate_series(1, 50) as v, generate_series(1, 50) as number where one.position = 1;
    update log_head set position = 2501;
"""
SOONER_OR_LATER = st.sampled_from([None, "2019", "2019-05", "2020-02-05?", "2021-03-01", "XXXX-10-12", "2022-01/.."])


async def story(clerk: Person) -> str:
    """Records of every slice, with days stated exactly, vaguely and not at all; gives a partnership."""
    parties = [await registered(clerk, "부산진구"), await registered(clerk, '베이징 \\시청구\\ "구"', "CN")]
    mou = await drafted(clerk, parties, str(uuid4()))
    for party in parties:
        await clerk.post(f"/agreements/{mou}/sign", {"organisation": party, "on": "2025-06-10"})
    await clerk.post(f"/agreements/{mou}/enter-into-force", {"on": "2025-06-17", "term": TERM})
    await clerk.post(f"/organisations/{parties[0]}/state-alias", {"alias": {"lang": "en", "text": "Busanjin-gu"}})
    made = await clerk.post("/partnerships", {"kind": "sister", "organisations": parties, "since": "2019-05"})
    await clerk.post("/delegations", {"titles": [{"lang": "ko", "text": "대표단"}], "starts": "XXXX-10-12"})
    return str(made.json()["id"])


async def _rows(registry: Running, view: View) -> dict[str, list[dict[str, Any]]]:
    rows = registry.house.rows
    current = await rows.fetch(f"select * from {view.table} order by id")  # noqa: S608 (a view's own name)
    history = await rows.fetch(f"select * from {view.history} order by id, known, effective")  # noqa: S608
    return {"current": [dict(row) for row in current], "history": [dict(row) for row in history]}


async def _place(registry: Running, view: View) -> tuple[int, int, int]:
    found = await registry.house.rows.fetch("select version, position, build from follower where name = $1", view.table)
    return found[0]["version"], found[0]["position"], found[0]["build"]


async def _build(registry: Running, view: View, **other: Any) -> Any:
    return await rebuild(view, canonical, registry.house.log, registry.house.rows, **other)


@asynccontextmanager
async def followed(registry: Running) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(follower.run()) for follower in registry.followers]
    try:
        yield
    finally:
        await end(tasks)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_a_view_built_anew_equals_the_live_one_now_and_through_time(registry: Running, view: View) -> None:
    clerk = await registry.person()
    for _ in range(2):
        partnership = await story(clerk)
        await registry.follow()
        await clerk.post(f"/partnerships/{partnership}/lapse", {"why": "코로나19", "on": "2020"})
        await registry.follow()
    live = await _rows(registry, view)
    assert live["current"]
    told: list[tuple[int, int]] = []
    done = await _build(registry, view, progress=lambda looked, of: told.append((looked, of)))
    assert await _rows(registry, view) == live
    head = await registry.house.log.head()
    assert (done.position, await _place(registry, view)) == (head, (view.version, head, 1))
    assert told[-1] == (head, head)
    left = await registry.house.rows.fetch(
        "select relname from pg_class where relname ~ '__(building|former)(_history)?$'"
    )
    assert list(left) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), SOONER_OR_LATER), max_size=6), SOONER_OR_LATER)
def test_whatever_was_stated_of_a_partnership_building_it_anew_tells_the_same(
    registry_settings: Any, turns: list[tuple[bool, str | None]], since: str | None
) -> None:
    asyncio.run(_same_anew(registry_settings, turns, since))


async def _same_anew(registry_settings: Any, turns: list[tuple[bool, str | None]], since: str | None) -> None:
    view = next(view for view in VIEWS if view.name == "partnership")
    async with running_registry(registry_settings) as registry:
        clerk = await registry.person()
        parties = [await registered(clerk, "갑"), await registered(clerk, "을")]
        body = {"kind": "sister", "organisations": parties, "since": since}
        path = f"/partnerships/{(await clerk.post('/partnerships', body)).json()['id']}"
        for at_once, on in turns:
            await clerk.post(f"{path}/lapse", {"why": "코로나19", "on": on})
            if not at_once:
                await registry.follow()
            await clerk.post(f"{path}/resume", {"on": on})
        await registry.follow()
        live = await _rows(registry, view)
        await _build(registry, view)
        assert await _rows(registry, view) == live


async def test_many_facts_taken_in_one_batch_make_the_rows_that_building_anew_makes(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    await several(await registry.person(), 1)
    async with speaking_to(registry_database.superuser_url) as owner:
        await owner.execute(REGISTERED_AND_RENAMED)
    follower = Projector(VIEW, canonical).follower(registry.house.log, registry.house.rows)
    await follower.step(follower.batch)
    live = await _rows(registry, VIEW)
    assert (len(live["current"]), len(live["history"])) == (51, 2501)
    assert sorted(row["known"].lower for row in live["history"]) == list(range(1, 2502))
    assert sum(row["known"].upper is None for row in live["history"]) == 51
    await _build(registry, VIEW)
    assert await _rows(registry, VIEW) == live


async def test_it_is_built_and_swapped_while_writes_and_the_live_follower_go_on(registry: Running) -> None:
    clerk = await registry.person()
    await several(clerk, 20)
    written = asyncio.Event()

    async def write() -> int:
        count = 0
        while not written.is_set():
            answer = await clerk.get("/organisations", Registry_Position=str(20 + count))
            assert answer.status_code == 200, answer.text
            await several(clerk, 1)
            count += 1
        return count

    async with followed(registry):
        writing = asyncio.create_task(write())
        swaps = [(await _build(registry, VIEW)).swap_milliseconds for _ in range(5)]
        written.set()
        head = 20 + await writing
        await until(lambda: _stands_at(registry, VIEW, head))
    assert await registry.house.missing() == []
    live = await _rows(registry, VIEW)
    assert len(live["current"]) == len(live["history"]) == head
    await _build(registry, VIEW)
    assert await _rows(registry, VIEW) == live
    assert max(swaps) < 3000, swaps


async def _stands_at(registry: Running, view: View, position: int) -> bool:
    return (await _place(registry, view))[1] == position


async def test_a_follower_forgets_what_it_remembered_of_the_rows_that_were_replaced(registry: Running) -> None:
    clerk = await registry.person()
    mine = await registered(clerk, "부산진구")
    follower = Projector(VIEW, canonical).follower(registry.house.log, registry.house.rows)
    while await follower.step(1000):
        pass
    marked = replace(VIEW, evolve=lambda state, recorded: replace(VIEW.evolve(state, recorded), region="KR-26"))
    await _build(registry, marked)
    await clerk.post(f"/organisations/{mine}/state-alias", {"alias": {"lang": "en", "text": "Busanjin-gu"}})
    while await follower.step(1000):
        pass
    [row] = (await _rows(registry, VIEW))["current"]
    assert (row["state"]["region"], row["state"]["version"]) == ("KR-26", 2)


async def test_a_later_version_is_built_beside_the_earlier_one_when_its_follower_starts(registry: Running) -> None:
    await several(await registry.person(), 3)
    await registry.follow()
    seen: list[int] = []

    def evolve(state: Any, recorded: Any) -> Any:
        seen.append(recorded.position)
        return VIEW.evolve(state, recorded)

    later = replace(VIEW, version=VIEW.version + 1, evolve=evolve)
    follower = Projector(later, canonical).follower(registry.house.log, registry.house.rows)
    await follower.prepare()
    assert (sorted(seen), await _place(registry, later)) == ([1, 2, 3], (VIEW.version + 1, 3, 1))
    assert len((await _rows(registry, later))["current"]) == 3


async def test_an_earlier_version_does_not_replace_a_later_one(registry: Running) -> None:
    await several(await registry.person(), 1)
    await _build(registry, replace(VIEW, version=VIEW.version + 1))
    with pytest.raises(Conflict) as refused:
        await _build(registry, VIEW)
    assert refused.value.code == "view.newer"
    assert (await _place(registry, VIEW))[0] == VIEW.version + 1


async def test_a_fact_that_cannot_be_taken_is_named_and_the_live_view_stays(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    await several(await registry.person(), 2)
    await registry.follow()
    live = await _rows(registry, VIEW)
    await insert_unheard_of(registry_database, "organisation.unheard-of")
    with pytest.raises(Unreadable, match="position 3: unknown topic"):
        await _build(registry, VIEW)
    assert await _rows(registry, VIEW) == live
    assert (await _place(registry, VIEW))[1:] == (2, 0)


async def test_two_at_once_do_not_build_the_same_view(registry: Running) -> None:
    await several(await registry.person(), 2)
    outcomes = await asyncio.gather(*(_build(registry, VIEW) for _ in range(2)), return_exceptions=True)
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert isinstance(refused, Unavailable)
    assert refused.code == "view.being_built"


async def test_a_reader_who_does_not_let_go_puts_the_swap_off_and_nobody_else_waits_behind_it(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    await several(clerk, 2)
    await registry.follow()
    async with speaking_to(registry_database.url) as slow, speaking_to(registry_database.url) as quick:
        await quick.execute("set lock_timeout = '500ms'")
        with capture_logs() as lines:
            async with slow.transaction():
                await slow.fetch("select * from view.organisation")
                building = asyncio.create_task(_build(registry, VIEW))
                while sum(line["event"] == "view.swap_put_off" for line in lines) < 4:
                    await quick.fetch("select * from view.organisation")
                    assert (await clerk.get("/organisations")).status_code == 200
                assert not building.done()
            done = await building
    assert done.position == 2
    assert (await _place(registry, VIEW))[2] == 1


async def test_a_swap_that_was_put_off_too_often_leaves_the_live_view_and_says_what_to_do(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    await several(await registry.person(), 2)
    await registry.follow()
    live = await _rows(registry, VIEW)
    async with speaking_to(registry_database.url) as reader, reader.transaction():
        await reader.fetch("select * from view.organisation")
        with pytest.raises(Unavailable) as refused:
            await _build(registry, VIEW, tries=2)
    assert refused.value.code == "view.in_use"
    assert "Run this again when that has ended" in refused.value.en
    assert (await _rows(registry, VIEW), await _place(registry, VIEW)) == (live, (VIEW.version, 2, 0))
    assert (await _build(registry, VIEW)).position == 2


async def test_a_later_version_that_cannot_take_a_fact_stops_once_and_names_no_value_and_the_earlier_one_stays(
    registry: Running,
) -> None:
    await several(await registry.person(), 3)
    await registry.follow()
    live, seen = await _rows(registry, VIEW), list[int]()

    def evolve(state: Any, recorded: Any) -> Any:
        seen.append(recorded.position)
        if recorded.position == 2:
            TypeAdapter(int).validate_python("비밀")
        return VIEW.evolve(state, recorded)

    later = replace(VIEW, version=VIEW.version + 1, evolve=evolve)
    follower = Projector(later, canonical).follower(registry.house.log, registry.house.rows)
    async with asyncio.timeout(20):
        await follower.run()
    assert follower.stopped is not None
    assert follower.stopped.startswith("position 2: ValidationError: ")
    assert seen.count(2) == 1
    shown = (await registry.client.get("/readyz")).text
    assert f"view.organisation stopped at {follower.stopped}" in shown
    assert "비밀" not in shown
    assert (await _rows(registry, VIEW), await _place(registry, VIEW)) == (live, (VIEW.version, 3, 0))


async def _registry(registry: Running, *words: str) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "MOA_DATABASE_URL": registry.settings.database_url,
        "MOA_NATS_URL": registry.settings.nats_url,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "registry", *words, env=environment, stdout=-1, stderr=-1
    )


async def test_the_command_line_builds_every_view_and_says_how_long_the_swap_took(registry: Running) -> None:
    await story(await registry.person())
    await registry.follow()
    process = await _registry(registry, "rebuild", "--all")
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    lines = said.decode().splitlines()
    assert [line for line in lines if "100%" in line] != []
    assert [line.partition(":")[0] for line in lines if "swapped in" in line] == [view.name for view in VIEWS]
    assert [(await _place(registry, view))[2] for view in VIEWS] == [1] * len(VIEWS)


async def test_a_view_that_there_is_not_is_refused_with_the_names_of_those_there_are(registry: Running) -> None:
    process = await _registry(registry, "rebuild", "agreements")
    _, said = await process.communicate()
    assert process.returncode == 1
    assert "view.unknown" in said.decode()
    assert "agreement, renewal" in said.decode()


async def test_one_that_is_killed_in_the_middle_leaves_the_live_view_and_the_next_cleans_up(registry: Running) -> None:
    clerk = await registry.person()
    await several(clerk, 2)
    await registry.follow()
    live = await _rows(registry, VIEW)
    async with registry.house.rows.transaction() as holding:
        # The build ends by waiting for the follower's place, which is held here.
        await holding.fetch("select * from follower where name = $1 for update", VIEW.table)
        process = await _registry(registry, "rebuild", "organisation")
        await until(lambda: _exists(registry, "view.organisation__building_history_id_idx"))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert await _rows(registry, VIEW) == live
    assert await _exists(registry, "view.organisation__building")
    await until(lambda: _built(registry))
    assert await _rows(registry, VIEW) == live
    assert not await _exists(registry, "view.organisation__building")


async def _exists(registry: Running, relation: str) -> bool:
    return bool((await registry.house.rows.fetch("select to_regclass($1) is not null as there", relation))[0]["there"])


async def _built(registry: Running) -> bool:
    """Build, once Postgres has noticed that the killed one is gone."""
    try:
        await _build(registry, VIEW)
    except Unavailable:
        return False
    return True
