"""A desk keeps records in memory, and nobody can tell: what it decides is what the log says.

Two desks on one database stand for two processes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from registry.access.policy import TablePolicy
from registry.application import Application, CommandRequest
from registry.application.records import MOST_WAITING, Records
from registry.clock import SystemClock
from registry.kernel.actors import Actor
from registry.kernel.aggregates import Record
from registry.kernel.commands import Command
from registry.kernel.errors import Conflict, RuleBroken, Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Act, Receipt, Snapshot
from registry.kernel.values import Text
from registry.organisation.aggregate import Organisation
from registry.organisation.commands import RegisterOrganisation, StateAlias
from registry.store.database import Database
from registry.store.log import EventLog

from tests.conftest import RegistryDatabase
from tests.integration.test_event_log import held_up, speaking_to, until

CLERK = Actor("staff", "busanjin", UUID(int=1))
REGISTER = RegisterOrganisation(kind="local_government", names=(Text("ko", "부산진구"),), country="KR")


class Watched(EventLog):
    """A log that notes what is loaded from it, and can be told to fail."""

    loaded: int = 0
    fail: bool = False
    before: Callable[[Act], Awaitable[None]] | None = None

    async def recollect(self, record: UUID, format_: str) -> tuple[Snapshot | None, Sequence[Recorded]]:
        self.loaded += 1
        return await super().recollect(record, format_)

    async def append(self, act: Act) -> Receipt:
        if self.before is not None:
            await self.before(act)
        if self.fail:
            raise Unavailable("log.unreachable", ko="-", en="-")
        return await super().append(act)


class Desk:
    """A desk with its own log and memory, and a clerk before it."""

    def __init__(self, log: Watched, records: Records) -> None:
        self.log = log
        self.records = records
        self.application = Application(log, SystemClock(), TablePolicy(), records)

    async def ask(
        self, command: Command, target: UUID | None = None, *, key: UUID | None = None, expected: int | None = None
    ) -> Receipt:
        request = CommandRequest(command, CLERK, key or uuid4(), uuid4(), target=target, expected=expected)
        return await self.application.run(request)

    async def opened(self) -> UUID:
        return (await self.ask(REGISTER)).record

    async def alias(self, record: UUID, name: str, **how: int) -> Receipt:
        return await self.ask(called(name), record, **how)  # type: ignore[arg-type]

    async def kept(self, record: UUID) -> int | None:
        """The version at which it has the record in memory."""
        found = self.records.seen(record)
        return None if found is None else found.version


def called(name: str) -> StateAlias:
    return StateAlias(alias=Text("ko", name))


@asynccontextmanager
async def desk_at(database: RegistryDatabase, *, most: int = 1000, snapshot_every: int = 200) -> AsyncIterator[Desk]:
    opened = await Database.open(database.url)
    log = Watched(opened)
    log.start()
    records = Records(log, most=most, snapshot_every=snapshot_every)
    try:
        yield Desk(log, records)
    finally:
        await records.close()
        await log.stop()
        await opened.close()


@pytest.fixture
async def desk(registry_database: RegistryDatabase) -> AsyncIterator[Desk]:
    async with desk_at(registry_database) as running:
        yield running


async def test_a_record_that_was_just_changed_is_not_read_again(desk: Desk) -> None:
    record = await desk.opened()
    for number in range(5):
        assert (await desk.alias(record, f"이름 {number}")).version == number + 2
    assert desk.log.loaded == 0
    assert await desk.kept(record) == 6


async def test_acts_on_one_record_take_turns_and_none_of_them_is_tried_twice(desk: Desk) -> None:
    record = await desk.opened()
    receipts = await asyncio.gather(*(desk.alias(record, f"이름 {number}") for number in range(30)))
    assert sorted(receipt.version for receipt in receipts) == list(range(2, 32))
    assert desk.log.loaded == 0


async def test_what_another_process_changed_is_loaded_anew(registry_database: RegistryDatabase) -> None:
    async with desk_at(registry_database) as here, desk_at(registry_database) as there:
        record = await here.opened()
        assert (await there.alias(record, "저쪽")).version == 2
        assert await here.kept(record) == 1
        assert (await here.alias(record, "이쪽")).version == 3
        assert await here.kept(record) == 3
        assert here.log.loaded == 1


async def test_a_rule_that_only_memory_breaks_is_decided_anew_and_a_rule_that_the_log_breaks_stays_broken(
    registry_database: RegistryDatabase,
) -> None:
    async with desk_at(registry_database) as here, desk_at(registry_database) as there:
        record = await here.opened()
        await there.alias(record, "저쪽")
        with pytest.raises(RuleBroken):  # known there: its memory says so, and so does the log
            await there.alias(record, "저쪽")
        with pytest.raises(RuleBroken):  # unknown to the memory here: the append finds it stale, and the log decides
            await here.alias(record, "저쪽")
        assert await here.log.head() == 2


async def test_if_match_is_held_against_the_log_and_not_against_memory(registry_database: RegistryDatabase) -> None:
    async with desk_at(registry_database) as here, desk_at(registry_database) as there:
        record = await here.opened()
        await there.alias(record, "저쪽")
        assert (await here.alias(record, "이쪽", expected=2)).version == 3
        await there.alias(record, "다시")
        with pytest.raises(Conflict) as stale:
            await here.alias(record, "또", expected=3)
        assert stale.value.code == "record.stale"
        assert await here.log.head() == 4


async def test_past_the_bound_nobody_waits_for_a_record_any_more(
    desk: Desk, registry_database: RegistryDatabase
) -> None:
    record = await desk.opened()
    async with held_up(registry_database) as waiting:
        acts = [asyncio.create_task(desk.alias(record, f"이름 {number}")) for number in range(MOST_WAITING + 3)]
        await until(waiting)
        refused = [task for task in acts if task.done()]
        assert len(refused) == 3
        for task in refused:
            with pytest.raises(Unavailable) as busy:
                await task
            assert (busy.value.code, busy.value.retry_after) == ("record.busy", 1)
    receipts = await asyncio.gather(*(task for task in acts if task not in refused))
    assert sorted(receipt.version for receipt in receipts) == list(range(2, MOST_WAITING + 2))


async def test_a_refused_act_leaves_nothing_in_memory(desk: Desk) -> None:
    record = await desk.opened()
    await desk.alias(record, "진구")
    with pytest.raises(RuleBroken):
        await desk.alias(record, "진구")
    assert await desk.kept(record) is None
    assert (await desk.alias(record, "다른 이름")).version == 3


async def test_an_act_that_could_not_be_recorded_leaves_nothing_in_memory(desk: Desk) -> None:
    record = await desk.opened()
    desk.log.fail = True
    with pytest.raises(Unavailable):
        await desk.alias(record, "진구")
    assert await desk.kept(record) is None
    desk.log.fail = False
    assert (await desk.alias(record, "진구")).version == 2


async def test_a_caller_who_goes_away_leaves_nothing_in_memory_and_lets_the_next_one_have_its_turn(desk: Desk) -> None:
    record = await desk.opened()
    reached, never = asyncio.Event(), asyncio.Event()

    async def hang(_: Act) -> None:
        reached.set()
        await never.wait()

    desk.log.before = hang
    impatient = asyncio.create_task(desk.alias(record, "가버린 이름"))
    await reached.wait()
    waiting = asyncio.create_task(desk.alias(record, "기다린 이름"))
    leaving = asyncio.create_task(desk.alias(record, "줄에서 나간 이름"))
    await asyncio.sleep(0)
    desk.log.before = None
    leaving.cancel()
    impatient.cancel()
    assert (await waiting).version == 2
    for gone in (impatient, leaving):
        with pytest.raises(asyncio.CancelledError):
            await gone
    assert await desk.kept(record) == 2


async def test_a_repeated_command_does_not_bring_its_own_idea_of_the_record_into_memory(desk: Desk) -> None:
    record, key = await desk.opened(), uuid4()
    first = await desk.ask(called("진구"), record, key=key)
    await desk.alias(record, "다른 이름")
    again = await desk.ask(called("진구"), record, key=key)
    assert (again.version, again.position, again.repeated) == (first.version, first.position, True)
    assert await desk.kept(record) in {None, 3}
    assert (await desk.alias(record, "셋째 이름")).version == 4


async def test_memory_is_bounded_and_the_least_recently_used_goes_first(registry_database: RegistryDatabase) -> None:
    async with desk_at(registry_database, most=3) as desk:
        first, second, third = [await desk.opened() for _ in range(3)]
        await desk.alias(first, "진구")
        fourth = await desk.opened()
        kept = [await desk.kept(record) is not None for record in (first, second, third, fourth)]
        assert kept == [True, False, True, True]


async def test_an_act_is_stale_when_a_record_that_it_only_looked_at_has_moved_on(desk: Desk) -> None:
    seen, changed = await desk.opened(), await desk.opened()
    other = await desk.opened()

    def act(seen_at: int) -> Act:
        command = uuid4()
        return Act(command, CLERK.name, "busanjin", b"h" * 32, changed, (), (), command, reads=((seen, seen_at),))

    assert (await desk.log.append(act(1))).version == 1
    await desk.alias(seen, "진구")
    with pytest.raises(Conflict) as stale:
        await desk.log.append(act(1))
    assert stale.value.code == "record.stale"
    await desk.alias(other, "상관없는 이름")
    assert (await desk.log.append(act(2))).version == 1


async def test_a_long_record_is_loaded_from_its_snapshot_and_the_facts_after_it(
    registry_database: RegistryDatabase,
) -> None:
    async with desk_at(registry_database, snapshot_every=10) as desk:
        record = await desk.opened()
        for number in range(12):
            await desk.alias(record, f"이름 {number}")
        await until(lambda: snapshot(registry_database, record))
    assert (await snapshot(registry_database, record))[0] == 10
    async with desk_at(registry_database, snapshot_every=10) as later:
        found = await later.records.load(Organisation, record)
        kept, facts = await later.log.recollect(record, (await snapshot(registry_database, record))[1])
        assert kept is not None
        assert [recorded.version for recorded in facts] == [11, 12, 13]
        replayed = await replay(later, record)
        assert found is not None
        assert state(found) == state(replayed)
        assert (await later.alias(record, "새 이름")).version == 14


async def test_a_short_record_has_no_snapshot(desk: Desk, registry_database: RegistryDatabase) -> None:
    record = await desk.opened()
    for number in range(12):
        await desk.alias(record, f"이름 {number}")
    await desk.records.close()
    assert await snapshot(registry_database, record) is None


@pytest.mark.parametrize(
    "damage",
    [
        """update snapshot set state = '{"names": {"set": 7}}'""",
        "update snapshot set state = '[]'",
        "update snapshot set state = '{}'",
        """update snapshot set state = '{"names": {"unheard-of": []}}'""",
        "update snapshot set format = 'organisation:of-another-version'",
        "update snapshot set version = 4711",  # of a log that was longer once
        "update snapshot set version = 3",
        "update snapshot set version = 7",
        "update snapshot set state = jsonb_set(state::jsonb, '{_version}', '2')::json",
    ],
)
async def test_a_snapshot_that_cannot_be_used_is_passed_over_and_made_anew(
    registry_database: RegistryDatabase, damage: str
) -> None:
    async with desk_at(registry_database, snapshot_every=5) as desk:
        record = await desk.opened()
        for number in range(6):
            await desk.alias(record, f"이름 {number}")
        await desk.records.close()
    good = await snapshot(registry_database, record)
    async with speaking_to(registry_database.superuser_url) as vandal:
        await vandal.execute(damage)
    async with desk_at(registry_database, snapshot_every=5) as later:
        assert (await later.alias(record, "새 이름")).version == 8
        assert state(later.records.seen(record)) == state(await replay(later, record))
        await later.records.close()
    anew = await snapshot(registry_database, record)
    async with desk_at(registry_database, snapshot_every=5) as last:
        kept, facts = await last.log.recollect(record, good[1])
        assert kept is not None
        assert [recorded.version for recorded in facts] == list(range(anew[0] + 1, 9))
        assert state(await last.records.load(Organisation, record)) == state(await replay(last, record))


def state(record: Record | None) -> dict[str, object]:
    """What rules can ask of it: not when its facts came about."""
    assert record is not None
    return {name: value for name, value in vars(record).items() if name not in {"_created_on", "_modified_on"}}


async def snapshot(database: RegistryDatabase, record: UUID) -> tuple[int, str] | None:
    async with speaking_to(database.superuser_url) as reader:
        row = await reader.fetchrow("select version, format from snapshot where stream = $1", record)
    return None if row is None else (row["version"], row["format"])


async def replay(desk: Desk, record: UUID) -> Organisation:
    found: Organisation | None = None
    for recorded in await desk.log.history(record):
        found = recorded.fact.mutate(found)
    assert found is not None
    return found
