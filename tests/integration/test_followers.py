"""Followers take every fact once and in order; what one cannot take stops that one, visibly, and no other."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import pytest
from registry.application import Application, CommandRequest
from registry.bootstrap.following import end
from registry.follower import Follower, note
from registry.follower.follower import GATHER_SECONDS
from registry.kernel.commands import Order
from registry.kernel.errors import Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Receipt, Transaction
from registry.organisation.projection import VIEW
from registry.projector import Projector
from registry.renewal.commands import OpenRenewalCase
from registry.store.bell import IDLE_SECONDS
from registry.store.database import Database
from registry.store.mapper import canonical
from registry.store.refusals import stale

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Person, Running
from tests.integration.test_event_log import KILL_ALL, speaking_to, until
from tests.integration.test_main_job import drafted, organisation, registered


@dataclass
class Notebook:
    """What a follower was given, and what of it was committed."""

    registry: Running
    name: str = "test.notebook"
    seen: list[int] = field(default_factory=list)
    batches: int = 0
    cannot_take: frozenset[int] = frozenset()

    async def write(self, facts: Sequence[Recorded], transaction: Transaction) -> None:
        for recorded in facts:
            if recorded.position in self.cannot_take:
                raise ValueError("부산진구의 값\nDETAIL: which nobody outside may read")
            await transaction.execute("insert into view.notebook values ($1)", recorded.position)
        self.seen += [recorded.position for recorded in facts]
        self.batches += 1

    def follower(self, *, batch: int = 1000, slices: tuple[str, ...] | None = None) -> Follower:
        house = self.registry.house
        return Follower(self.name, house.log, house.rows, fold=self.write, batch=batch, slices=slices)

    async def written(self) -> list[int]:
        rows = await self.registry.house.rows.fetch("select position from view.notebook order by position")
        return [row["position"] for row in rows]


async def notebook(registry: Running, **other: Any) -> Notebook:
    async with registry.house.rows.transaction() as transaction:
        await transaction.execute("create table if not exists view.notebook (position bigint)")
    return Notebook(registry, **other)


@asynccontextmanager
async def running(*followers: Follower) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        yield
    finally:
        await end(tasks)


async def several(clerk: Person, count: int) -> None:
    for number in range(count):
        await registered(clerk, f"기관 {number}")


async def insert_unheard_of(database: RegistryDatabase, topic: str, state: str = "{}") -> int:
    """Put a fact of another version of the registry into the log, as only its owner can; its position."""
    async with speaking_to(database.superuser_url) as owner, owner.transaction():
        position = await owner.fetchval("update log_head set position = position + 1 returning position")
        await owner.execute(
            "insert into event select $1, gen_random_uuid(), 1, $2, $3::json, metadata, recorded_at "
            "from event where position = 1",
            position,
            topic,
            state,
        )
        await owner.execute("select pg_notify('log', $1)", str(position))
    return int(position)


async def test_two_runners_of_one_follower_apply_nothing_twice_and_leave_nothing_out(registry: Running) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    async with running(book.follower(batch=3), book.follower(batch=3)):
        await several(clerk, 40)
        await until(lambda: _as_many(book, 40))
    assert await book.written() == list(range(1, 41))
    assert book.seen == list(range(1, 41))


async def test_while_the_log_grows_all_the_time_what_comes_in_together_is_taken_together(registry: Running) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    async with running(book.follower()):
        started = time.monotonic()
        await several(clerk, 40)
        await until(lambda: _as_many(book, 40))
        lasted = time.monotonic() - started
    assert book.seen == list(range(1, 41))
    assert book.batches <= 2 + lasted / GATHER_SECONDS + lasted / IDLE_SECONDS


async def test_two_steps_at_once_do_not_both_advance(registry: Running) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    await several(clerk, 5)
    one, other = book.follower(), book.follower()
    await one.prepare()
    await asyncio.gather(one.step(1000), other.step(1000))
    assert await book.written() == [1, 2, 3, 4, 5]
    assert [await one.step(1000), await other.step(1000)] == [False, False]
    assert await book.written() == [1, 2, 3, 4, 5]


async def test_a_fact_that_only_one_follower_cannot_take_stops_that_one_and_the_others_go_on(
    registry: Running,
) -> None:
    clerk = await registry.person()
    stuck = await notebook(registry, name="test.stuck", cannot_take=frozenset({3}))
    other = await notebook(registry, name="test.other")
    following = stuck.follower()
    async with running(following, other.follower()):
        await several(clerk, 5)
        await until(lambda: _stands(registry, "test.other", 5))
        await until(lambda: _stands(registry, "test.stuck", 2))
        sentence = await until(lambda: _stopped(registry, "test.stuck"))
        assert sentence == "position 3: ValueError: 부산진구의 값"
        assert await registry.house.missing() == [f"test.stuck stopped at {sentence}"]
        ready = await registry.client.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            503,
            {"ready": False, "missing": [f"test.stuck stopped at {sentence}"]},
        )
    assert following.stopped == sentence
    assert stuck.seen == [1, 2]
    assert other.seen == [1, 2, 3, 4, 5]


async def test_a_stopped_follower_that_is_started_again_goes_on_from_where_it_stood(registry: Running) -> None:
    clerk = await registry.person()
    book = await notebook(registry, cannot_take=frozenset({2}))
    await several(clerk, 3)
    await book.follower().run()
    assert await registry.house.missing() == ["test.notebook stopped at position 2: ValueError: 부산진구의 값"]
    book.cannot_take = frozenset()
    async with running(book.follower()):
        await until(lambda: _stands(registry, "test.notebook", 3))
    assert await registry.house.missing() == []
    assert book.seen == [1, 2, 3]


async def test_a_fact_of_an_unknown_topic_stops_those_that_follow_its_slice_and_readiness_names_them(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    await several(clerk, 2)
    position = await insert_unheard_of(registry_database, "agreement.unheard-of")
    assert position == 3
    await several(clerk, 1)
    stands, stopped = {}, {}
    for follower in registry.followers:
        while await follower.step(follower.batch):
            pass
        stands[follower.name] = (await _stored(registry, follower.name))["position"]
        stopped[follower.name] = follower.stopped
    sentence = "position 3: Unreadable: position 3: unknown topic 'agreement.unheard-of'"
    concerned = {"view.agreement", "process.renewals"}
    assert stopped == {name: sentence if name in concerned else None for name in stopped}
    assert stands == {name: 2 if name in concerned else 4 for name in stands}
    assert sorted(await registry.house.missing()) == sorted(f"{name} stopped at {sentence}" for name in concerned)
    found = await clerk.get("/organisations", Registry_Position="4")
    assert [row["name_ko"] for row in found.json()["items"]] == ["기관 0", "기관 0", "기관 1"]


async def test_who_follows_every_slice_stops_at_any_unknown_topic(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    book = await notebook(registry)
    await several(await registry.person(), 2)
    await insert_unheard_of(registry_database, "programme.unheard-of")
    follower = book.follower()
    await follower.prepare()
    while await follower.step(1000):
        pass
    assert follower.stopped == "position 3: Unreadable: position 3: unknown topic 'programme.unheard-of'"
    assert book.seen == [1, 2]


async def test_facts_of_other_slices_are_passed_over_and_the_checkpoint_moves_without_them(registry: Running) -> None:
    book = await notebook(registry)
    follower = book.follower(batch=2, slices=("agreement",))
    clerk = await registry.person()
    party = await registered(clerk, "부산진구")
    await several(clerk, 2)
    await drafted(clerk, [party, await registered(clerk, "시청구")])
    await several(clerk, 3)
    async with running(follower):
        await until(lambda: _stands(registry, "test.notebook", 8))
    assert book.seen == [5]


async def test_a_follower_whose_checkpoint_was_moved_back_goes_on_from_there(registry: Running) -> None:
    book = await notebook(registry)
    await several(await registry.person(), 3)
    follower = book.follower()
    await follower.prepare()
    while await follower.step(1000):
        pass
    async with registry.house.rows.transaction() as transaction:
        await transaction.execute("update follower set position = 1 where name = 'test.notebook'")
    while await follower.step(1000):
        pass
    assert book.seen == [1, 2, 3, 2, 3]


async def test_what_is_wrong_with_a_fact_is_told_without_its_contents(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    await several(await registry.person(), 1)
    secret = '{"office": "busanjin", "kind": "금고", "names": [{"lang": "ko", "text": 7}], "colour": "비밀"}'
    await insert_unheard_of(registry_database, "organisation.registered", secret)
    follower = registry.followers[0]
    while await follower.step(follower.batch):
        pass
    assert follower.stopped is not None
    assert follower.stopped.startswith(
        "position 2: Unreadable: position 2: kind literal_error; names.0.text string_type"
    )
    shown = (await registry.client.get("/readyz")).text
    assert "비밀" not in shown
    assert "금고" not in shown


async def test_a_view_that_cannot_fold_a_fact_stops_and_the_other_views_go_on(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    await several(clerk, 1)
    await insert_unheard_of(
        registry_database, "agreement.signed", '{"on": "2025-06-10", "provenance": null}'
    )  # of an agreement that was never drafted
    await several(clerk, 1)
    stood = {}
    for follower in registry.followers:
        while await follower.step(follower.batch):
            pass
        stood[follower.name] = follower.stopped is None
    assert stood == {follower.name: follower.name != "view.agreement" for follower in registry.followers}
    missing = await registry.house.missing()
    assert len(missing) == 1
    assert missing[0].startswith("view.agreement stopped at position 2: ")


async def test_preparing_a_view_that_is_there_leaves_it_alone(registry: Running) -> None:
    await several(await registry.person(), 3)
    await registry.follow()
    before = await registry.house.rows.fetch("select * from view.organisation order by id")
    await asyncio.gather(*(Projector(VIEW, canonical).prepare(registry.house.rows) for _ in range(4)))
    assert await registry.house.rows.fetch("select * from view.organisation order by id") == before


async def test_a_follower_wakes_at_once_when_the_log_grows(registry: Running) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    async with running(book.follower()):
        await several(clerk, 1)
        await until(lambda: _as_many(book, 1))
        waits = []
        for number in range(2, 8):
            started = time.monotonic()
            await several(clerk, 1)
            await until(lambda number=number: _as_many(book, number))  # type: ignore[misc]
            waits.append(time.monotonic() - started)
    assert sorted(waits)[3] < 0.5, waits


async def test_a_follower_listens_again_after_its_ear_was_cut_off(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk, book = await registry.person(), await notebook(registry)

    async def ears() -> list[Any]:
        sql = "select pid from pg_stat_activity where datname = $1 and query like 'LISTEN%'"
        async with speaking_to(registry_database.superuser_url) as watcher:
            return [row["pid"] for row in await watcher.fetch(sql, registry_database.name)]

    async def listens_again(before: list[Any]) -> bool:
        now = await ears()
        return len(now) == 1 and now != before

    async with running(book.follower()):
        before = await until(ears)
        async with speaking_to(registry_database.superuser_url) as killer:
            await killer.execute("select pg_terminate_backend($1, 5000)", before[0])
        await until(lambda: listens_again(before))
        await several(clerk, 2)
        await until(lambda: _as_many(book, 2))
    assert book.seen == [1, 2]


async def test_a_follower_goes_on_after_every_connection_was_lost(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    following = book.follower()
    async with running(following):
        await several(clerk, 1)
        await until(lambda: _as_many(book, 1))
        async with speaking_to(registry_database.superuser_url) as killer:
            await killer.execute(KILL_ALL, registry_database.name)
        while (await clerk.post("/organisations", organisation("나"), key=uuid4())).status_code != 201:
            pass
        await until(lambda: _as_many(book, 2))
    assert following.stopped is None
    assert await book.written() == [1, 2]


async def test_the_renewal_process_that_meets_a_fact_twice_orders_once(registry: Running) -> None:
    clerk = await registry.person()
    parties = [{"placeholder": "갑"}, {"placeholder": "을"}]
    body = {
        "number": "1",
        "year": 2025,
        "kind": "mou",
        "titles": [{"lang": "ko", "text": "협약"}],
        "parties": parties,
        "signed_on_paper": {},
    }
    mou = (await clerk.post("/agreements", body)).json()["id"]
    term = {"start": "2025-06-10", "end": "2028-06-09", "notice": {"months": 3}}
    await clerk.post(f"/agreements/{mou}/enter-into-force", {"on": "2025-06-10", "term": term})
    await registry.follow()
    assert await registry.house.log.head() == 5
    async with registry.house.rows.transaction() as transaction:
        await transaction.execute("update follower set position = 0 where name = 'process.renewals'")
    await registry.follow()
    assert await registry.house.log.head() == 5
    topics = [recorded.fact.topic for recorded in await registry.house.log.after(0, 10)]
    assert topics == [
        "agreement.drafted",
        "agreement.signed-on-paper",
        "agreement.entered-into-force",
        "agreement.term-set",
        "renewal.case-opened",
    ]


async def _as_many(book: Notebook, count: int) -> bool:
    return len(await book.written()) == count


async def _stands(registry: Running, name: str, position: int) -> bool:
    rows = await registry.house.rows.fetch("select position from follower where name = $1", name)
    return bool(rows) and rows[0]["position"] == position


async def _stored(registry: Running, name: str) -> Any:
    return (await registry.house.rows.fetch("select position, version from follower where name = $1", name))[0]


async def _stopped(registry: Running, name: str) -> Any:
    rows = await registry.house.rows.fetch("select stopped from follower where name = $1", name)
    return rows[0]["stopped"]


async def test_an_earlier_version_of_a_view_stops_when_a_later_one_has_taken_over(registry: Running) -> None:
    clerk = await registry.person()
    await several(clerk, 2)
    await registry.follow()
    house = registry.house
    earlier = Projector(VIEW, canonical).follower(house.log, house.rows)
    later = Projector(replace(VIEW, version=VIEW.version + 1), canonical).follower(house.log, house.rows)
    await later.prepare()
    assert await earlier.step(1000) is False
    assert earlier.stopped == f"position 2: version {VIEW.version + 1} has taken over from version {VIEW.version}"
    assert len(await house.rows.fetch("select id from view.organisation")) == 2


async def test_a_higher_version_takes_over_and_the_lower_one_shows_that_it_stopped_until_the_higher_goes_on(
    registry: Running,
) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    await several(clerk, 2)
    earlier, later = book.follower(), replace(book.follower(), version=2)
    await earlier.prepare()
    while await earlier.step(1000):
        pass
    await later.prepare()
    await several(clerk, 1)
    assert await earlier.step(1000) is False
    sentence = "position 2: version 2 has taken over from version 1"
    assert earlier.stopped == sentence
    assert await registry.house.missing() == [f"test.notebook stopped at {sentence}"]
    while await later.step(1000):
        pass
    assert (later.stopped, book.seen, await registry.house.missing()) == (None, [1, 2, 3], [])
    await earlier.run()
    assert await registry.house.missing() == ["test.notebook stopped at " + sentence.replace("2:", "3:")]
    while await later.step(1000):
        pass
    assert (later.stopped, book.seen, await registry.house.missing()) == (None, [1, 2, 3], [])


async def test_a_follower_whose_place_was_put_back_to_an_earlier_version_makes_itself_ready_again(
    registry: Running,
) -> None:
    clerk, book = await registry.person(), await notebook(registry)
    follower = replace(book.follower(), version=2)
    async with running(follower):
        await until(lambda: _stands(registry, "test.notebook", 0))
        async with registry.house.rows.transaction() as transaction:
            await transaction.execute("update follower set version = 1 where name = 'test.notebook'")
        await several(clerk, 2)
        await until(lambda: _as_many(book, 2))
    assert (follower.stopped, (await _stored(registry, "test.notebook"))["version"]) == (None, 2)


async def test_a_failure_is_shown_no_longer_once_the_follower_is_ready_however_quiet_the_log(
    registry: Running,
) -> None:
    follower = registry.followers[0]
    await note(registry.house.rows, follower.name, failing="RuntimeError: once")
    assert await registry.house.missing() == [f"{follower.name} is being tried again: RuntimeError: once"]
    await follower.prepare()
    assert await registry.house.missing() == []


async def test_a_view_whose_tables_could_not_be_made_at_first_is_made_later(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    async with speaking_to(registry_database.superuser_url) as owner:
        await owner.execute("drop table view.organisation, view.organisation_history")
        await owner.execute("delete from follower where name = $1", VIEW.table)
    await note(registry.house.rows, VIEW.table, failing="RuntimeError: once")
    await registry.followers[0].prepare()
    await several(await registry.person(), 2)
    await registry.follow()
    assert len(await registry.house.rows.fetch("select id from view.organisation")) == 2


@pytest.mark.parametrize("sqlstate", ["40P01", "53100", "57014", "58030"])
async def test_trouble_of_the_database_that_passes_stops_nobody(registry: Running, sqlstate: str) -> None:
    book, trouble = await notebook(registry), [sqlstate] * 5
    await several(await registry.person(), 2)

    async def fold(facts: Sequence[Recorded], transaction: Transaction) -> None:
        if trouble:
            await transaction.execute(f"do $$ begin raise sqlstate '{trouble.pop()}'; end $$")
        await book.write(facts, transaction)

    follower = replace(book.follower(), fold=fold)
    await follower.prepare()
    while trouble:
        with pytest.raises(Unavailable) as waiting:
            await follower.step(1000)
        assert waiting.value.code == "database.troubled"
        assert sqlstate in waiting.value.en
    while await follower.step(1000):
        pass
    assert (follower.stopped, book.seen) == (None, [1, 2])


async def test_who_fails_at_facts_that_another_runner_has_taken_meanwhile_goes_on_after_them(
    registry: Running,
) -> None:
    house, seen = registry.house, list[int]()
    await several(await registry.person(), 2)

    async def take(facts: Sequence[Recorded]) -> None:
        seen.extend(recorded.position for recorded in facts)

    other = Follower("test.process", house.log, house.rows, react=take)

    async def fail_once(facts: Sequence[Recorded]) -> None:
        if not seen:
            await other.step(1)
            raise ValueError("of the first fact, which the other could take")
        await take(facts)

    one = Follower("test.process", house.log, house.rows, react=fail_once)
    await one.prepare()
    assert await one.step(1) is True
    while await one.step(1):
        pass
    assert (one.stopped, seen, await house.missing()) == (None, [1, 2], [])


async def test_more_followers_than_connections_all_catch_up(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    narrow = await Database.open(registry_database.url, connections=2)
    house = registry.house
    books = [await notebook(registry, name=f"test.many-{n}") for n in range(12)]
    followers = [Follower(book.name, house.log, narrow, fold=book.write) for book in books]
    async with running(*followers):
        await several(clerk, 5)
        await until(lambda: _all_stand(registry, [book.name for book in books], 5))
    await narrow.close()


async def _all_stand(registry: Running, names: list[str], position: int) -> bool:
    rows = await registry.house.rows.fetch("select position from follower where name = any($1::text[])", names)
    return [row["position"] for row in rows] == [position] * len(names)


class Outrun(Application):
    """A desk at which somebody else is always faster."""

    async def run(self, request: CommandRequest) -> Receipt:
        raise stale()


async def test_a_process_that_loses_every_race_waits_and_does_not_stop(registry: Running) -> None:
    house = registry.house
    await several(await registry.person(), 1)
    [recorded] = await house.log.after(0, 1)
    desk = Outrun(house.log, house.clock, house.policy)
    order = Order(OpenRenewalCase(agreement=uuid4(), cycle=1), uuid4(), uuid4())

    async def react(_: Sequence[Recorded]) -> None:
        await desk.carry_out([order], because=recorded)

    process = Follower("test.process", house.log, house.rows, react=react)
    await process.prepare()
    with pytest.raises(Unavailable) as waiting:
        await process.step(100)
    assert waiting.value.code == "process.contended"
    assert process.stopped is None
