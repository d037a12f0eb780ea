"""The event log takes acts whole or not at all, numbers them without gaps in commit order, and never forgets one."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest
from registry.kernel.errors import Conflict, Invalid, KeyReused, Refusal, Unavailable
from registry.kernel.facts import Fact
from registry.kernel.ports import Act, Clock, Receipt, Reservation, Row, Write
from registry.kernel.values import Text
from registry.organisation.events import AliasStated, OrganisationRegistered
from registry.store.appender import APPEND
from registry.store.database import Database
from registry.store.log import EventLog
from registry.store.mapper import state_of

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.test_main_job import organisation

NOON = datetime(2025, 6, 10, 3, 0, tzinfo=UTC)
HASH = b"h" * 32
# Ends every connection to a database but the one that asks, and waits until they are gone; $1 its name.
KILL_ALL = """
    select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()
"""


async def until(condition: Callable[[], Awaitable[Any]], *, within: float = 20.0) -> Any:
    """Wait for something to be true, and say what it was."""
    end = time.monotonic() + within
    while not (found := await condition()):
        assert time.monotonic() < end, f"not within {within} s"
        await asyncio.sleep(0.01)
    return found


def registered(record: UUID, name: str = "부산진구") -> OrganisationRegistered:
    names = (Text("ko", name),)
    return OrganisationRegistered(
        record, 1, NOON, originator_topic="organisation", office="busanjin", kind="office", names=names, country="KR"
    )


def alias(record: UUID, version: int, name: str = "진구") -> AliasStated:
    return AliasStated(record, version, NOON, name=Text("ko", name), confirmed=True)


def act(*writes: Write, names: Sequence[Reservation] = (), key: UUID | None = None, target: UUID | None = None) -> Act:
    command = key or uuid4()
    return Act(
        command=command,
        actor="staff:1",
        office="busanjin",
        request_hash=HASH,
        target=target or writes[0].record,
        writes=writes,
        reservations=tuple(names),
        correlation=command,
    )


def opening(name: str = "부산진구", *, names: Sequence[Reservation] = (), key: UUID | None = None) -> Act:
    record = uuid5(key, "record") if key else uuid4()
    return act(Write(record, 0, (registered(record, name),)), names=names, key=key)


def change(record: UUID, expected: int, *, key: UUID | None = None) -> Act:
    return act(Write(record, expected, (alias(record, expected + 1),)), key=key)


async def answered(log: EventLog, *acts: Act) -> list[Receipt | Refusal]:
    """Append them in one go; what each was answered."""
    found = await asyncio.gather(*(log.append(each) for each in acts), return_exceptions=True)
    assert all(isinstance(each, Receipt | Refusal) for each in found), found
    return cast("list[Receipt | Refusal]", found)


@dataclass
class Sundial:
    """A clock that shows what it is told."""

    shown: list[datetime] = field(default_factory=list)

    def now(self) -> datetime:
        return self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]

    def today(self) -> date:
        return self.shown[0].date()


@asynccontextmanager
async def opened(url: str, clock: Clock | None = None, kind: type[Database] = Database) -> AsyncIterator[EventLog]:
    database = await kind.open(url)
    log = EventLog(database, clock=clock)
    log.start()
    try:
        yield log
    finally:
        await log.stop()
        await database.close()


@pytest.fixture
async def log(registry_database: RegistryDatabase) -> AsyncIterator[EventLog]:
    async with opened(registry_database.url) as running:
        yield running


@asynccontextmanager
async def speaking_to(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_positions_have_no_gaps_and_readers_see_them_in_order_under_64_writers(
    registry_database: RegistryDatabase,
) -> None:
    async with AsyncExitStack() as stack:
        logs = [await stack.enter_async_context(opened(registry_database.url)) for _ in range(2)]
        done = asyncio.Event()

        async def write(writer: int) -> list[Receipt]:
            log, record = logs[writer % 2], uuid4()
            receipts = [await log.append(act(Write(record, 0, (registered(record), alias(record, 2)))))]
            return receipts + [await log.append(change(record, version)) for version in range(2, 5)]

        async def read() -> list[int]:
            seen: list[int] = []
            while True:
                last = done.is_set()
                facts = await logs[0].after(len(seen), 50)
                seen += [recorded.position for recorded in facts]
                assert seen == list(range(1, len(seen) + 1))
                if last and not facts:
                    return seen

        reader = asyncio.create_task(read())
        receipts = await asyncio.gather(*(write(writer) for writer in range(64)))
        done.set()
        assert await reader == list(range(1, 64 * 5 + 1))
        assert [[receipt.version for receipt in each] for each in receipts] == [[2, 3, 4, 5]] * 64
        positions = [receipt.position for each in receipts for receipt in each]
        assert len(set(positions)) == 64 * 4
        assert await logs[1].head() == 64 * 5


async def test_of_two_rivals_for_a_version_one_wins_and_their_neighbours_do_not_notice(log: EventLog) -> None:
    record = uuid4()
    await log.append(act(Write(record, 0, (registered(record),))))
    before, first, second, after = opening("가"), change(record, 1), change(record, 1), opening("나")
    assert [_outcome(answer) for answer in await answered(log, before, first, second, after)] == [
        (1, 2),
        (2, 3),
        "record.stale",
        (1, 4),
    ]
    assert [recorded.command for recorded in await log.after(1, 10)] == [before.command, first.command, after.command]


async def test_of_two_rivals_for_a_name_one_wins_and_their_neighbours_do_not_notice(log: EventLog) -> None:
    def numbered(number: str) -> Act:
        record = uuid4()
        scope = "agreement.number:busanjin:2025"
        return act(Write(record, 0, (registered(record),)), names=[Reservation(scope, number, record)])

    first, second, neighbour = numbered("1"), numbered("1"), numbered("2")
    assert [_outcome(answer) for answer in await answered(log, first, second, neighbour)] == [
        (1, 1),
        "agreement.number_taken",
        (1, 2),
    ]
    assert [_outcome(answer) for answer in await answered(log, numbered("2"), numbered("3"))] == [
        "agreement.number_taken",
        (1, 3),
    ]
    assert await log.history(second.target) == []


async def test_of_two_rivals_for_a_command_id_one_wins_and_their_neighbours_do_not_notice(log: EventLog) -> None:
    key = uuid4()
    first, same, neighbour = opening(key=key), opening(key=key), opening()
    other = replace(opening(key=key), request_hash=b"o" * 32)
    somebody_else = replace(opening(), command=key, actor="staff:2")
    assert [_outcome(answer) for answer in await answered(log, first, same, other, neighbour, somebody_else)] == [
        (1, 1),
        (1, 1),
        "command.key_reused",
        (1, 2),
        (1, 3),
    ]


async def test_an_act_that_does_not_write_to_its_target_is_told_the_version_after_those_before_it(
    log: EventLog,
) -> None:
    first, other = opening(), uuid4()
    beside = act(Write(other, 0, (registered(other),)), target=first.target)
    assert [_outcome(answer) for answer in await answered(log, first, beside)] == [(1, 1), (1, 2)]


async def test_rivals_in_two_processes_are_settled_alike(registry_database: RegistryDatabase) -> None:
    async with opened(registry_database.url) as here, opened(registry_database.url) as there:
        for _ in range(10):
            record = uuid4()
            await here.append(act(Write(record, 0, (registered(record),))))
            answers = [*await asyncio.gather(answered(here, change(record, 1)), answered(there, change(record, 1)))]
            assert sorted(type(answer[0]).__name__ for answer in answers) == ["Conflict", "Receipt"]
            assert [recorded.version for recorded in await here.history(record)] == [1, 2]
        assert await here.head() == 20


async def test_an_act_over_several_records_is_recorded_whole_or_not_at_all(log: EventLog) -> None:
    one, other, third = uuid4(), uuid4(), uuid4()
    await answered(log, act(Write(one, 0, (registered(one),))), act(Write(other, 0, (registered(other),))))
    both = act(Write(one, 1, (alias(one, 2), alias(one, 3))), Write(other, 1, (alias(other, 2),)), target=other)
    assert _outcome((await answered(log, both))[0]) == (2, 5)
    half_stale = act(Write(one, 3, (alias(one, 4),)), Write(other, 1, (alias(other, 2),)))
    begins_what_is_there = act(Write(third, 0, (registered(third),)), Write(one, 0, (registered(one),)))
    leaves_a_gap = act(Write(one, 4, (alias(one, 5),)))
    name_of_another = act(
        Write(third, 0, (registered(third),)),
        names=[Reservation("organisation.lei", "free", third), Reservation("organisation.lei", "taken", third)],
    )
    fourth = uuid4()
    holder = act(Write(fourth, 0, (registered(fourth),)), names=[Reservation("organisation.lei", "taken", fourth)])
    outcomes = await answered(log, half_stale, begins_what_is_there, leaves_a_gap, holder, name_of_another)
    assert [_outcome(answer) for answer in outcomes] == [
        "record.stale",
        "record.stale",
        "record.stale",
        (1, 6),
        "organisation.lei_taken",
    ]
    assert await log.head() == 6
    assert await log.history(third) == []
    takes_what_was_left_free = act(
        Write(third, 0, (registered(third),)), names=[Reservation("organisation.lei", "free", third)]
    )
    assert _outcome((await answered(log, takes_what_was_left_free))[0]) == (1, 7)


async def test_a_repeated_command_gets_its_first_receipt_whatever_happened_since(registry: Running) -> None:
    clerk, key = await registry.person(), uuid4()
    first = await clerk.post("/organisations", organisation("부산진구"), key=key)
    record = first.json()["id"]
    name = {"alias": {"lang": "ko", "text": "진구"}}
    alias_key = uuid4()
    second = await clerk.post(f"/organisations/{record}/state-alias", name, key=alias_key)
    third = await clerk.post(f"/organisations/{record}/state-alias", {"alias": {"lang": "en", "text": "Jin-gu"}})
    assert [answer.headers["ETag"] for answer in (first, second, third)] == ['"1"', '"2"', '"3"']
    for _ in range(2):
        again = await clerk.post("/organisations", organisation("부산진구"), key=key)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["ETag"] == '"1"'
        assert again.headers["Registry-Position"] == "1"
        again = await clerk.post(f"/organisations/{record}/state-alias", name, key=alias_key, If_Match='"1"')
        assert (again.status_code, again.json()) == (200, second.json())
    assert await registry.house.log.head() == 3


async def test_nothing_that_was_recorded_can_be_changed(log: EventLog, registry_database: RegistryDatabase) -> None:
    await log.append(opening())
    attempts = (
        "update {} set recorded_at = now()",
        "delete from {}",
        "truncate {} cascade",
    )
    async with speaking_to(registry_database.url) as service, speaking_to(registry_database.owner_url) as owner:
        for table in ("event", "command"):
            for attempt in attempts:
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"permission denied for table {table}"):
                    await service.execute(attempt.format(table))
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="The log is insert only"):
                    await owner.execute(attempt.format(table))
        for attempt in (
            "insert into event select position + 1, gen_random_uuid(), 1, topic, state, metadata, now() from event",
            "insert into command select actor, gen_random_uuid(), request_hash, target, 1, 2, now() from command",
            "insert into reserved values ('a', 'b', gen_random_uuid())",
            "update reserved set name = 'x'",
            "delete from reserved",
            "update log_head set position = 0",
            "delete from log_head",
            "alter table event disable trigger all",
            "drop table event",
            "drop trigger event_is_insert_only on event",
            "create table public.mine ()",
            "select set_config('session_replication_role', 'replica', false)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(attempt)
    assert await log.head() == 1
    assert len(await log.after(0, 10)) == 1


async def test_recorded_at_never_goes_back_even_when_the_clock_does(registry_database: RegistryDatabase) -> None:
    hours = [NOON, NOON - timedelta(hours=2), NOON + timedelta(hours=1), NOON - timedelta(days=400)]
    async with opened(registry_database.url, Sundial(hours)) as log:
        for _ in range(4):
            await log.append(opening())
        assert [recorded.recorded_at for recorded in await log.after(0, 10)] == [
            NOON,
            NOON,
            NOON + timedelta(hours=1),
            NOON + timedelta(hours=1),
        ]


@asynccontextmanager
async def held_up(database: RegistryDatabase) -> AsyncIterator[Callable[[], Awaitable[int | None]]]:
    """Hold the head of the log; the process id of an append that waits for it, once there is one."""
    async with speaking_to(database.superuser_url) as holder, speaking_to(database.superuser_url) as watcher:

        async def waiting() -> int | None:
            sql = "select pid from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'"
            return cast("int | None", await watcher.fetchval(sql, database.name))

        async with holder.transaction():
            await holder.execute("select * from log_head for update")
            yield waiting


async def test_a_cancelled_request_is_neither_lost_nor_doubled(
    log: EventLog, registry_database: RegistryDatabase
) -> None:
    wanted = opening()
    async with held_up(registry_database) as waiting:
        impatient = asyncio.create_task(log.append(wanted))
        await until(waiting)
        queued = asyncio.create_task(log.append(opening()))
        await asyncio.sleep(0)
        for task in (impatient, queued):
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
    again = await log.append(wanted)
    assert (again.version, again.position, again.repeated) == (1, 1, True)
    await until(lambda: _is(log.head, 2))


async def test_a_connection_that_is_killed_in_the_midst_of_an_append_is_not_noticed_by_the_caller(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    async with speaking_to(registry_database.superuser_url) as killer:
        async with held_up(registry_database) as waiting:
            sent = asyncio.create_task(clerk.post("/organisations", organisation("부산진구")))
            await killer.execute("select pg_terminate_backend($1)", await until(waiting))
        answer = await sent
    assert (answer.status_code, answer.json()["position"]) == (201, 1)
    assert await registry.house.log.head() == 1


class Gone(Database):
    """A database that stopped answering appends."""

    gone = True

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        if sql == APPEND and self.gone:
            raise Unavailable("database.unreachable", ko="-", en="-")
        return await super().fetch(sql, *arguments)


async def test_a_database_that_stays_away_is_said_to_be_away_and_the_same_act_works_afterwards(
    registry_database: RegistryDatabase,
) -> None:
    database = await Gone.open(registry_database.url)
    log = EventLog(database)
    log.start()
    wanted = opening()
    refused = (await asyncio.gather(log.append(wanted), log.append(opening()), return_exceptions=True))[0]
    assert isinstance(refused, Unavailable)
    assert (refused.code, refused.retry_after) == ("log.unreachable", 2)
    assert await log.head() == 0
    database.gone = False
    assert await log.append(wanted) == Receipt(wanted.target, 1, 1)
    await log.stop()
    await database.close()


async def test_every_connection_killed_at_once_is_survived(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    async with speaking_to(registry_database.superuser_url) as killer:
        for number in range(1, 4):
            key = uuid4()
            await killer.execute(KILL_ALL, registry_database.name)
            while (answer := await clerk.post("/organisations", organisation("가"), key=key)).status_code == 503:
                assert answer.json()["code"] in {"log.unreachable", "database.unreachable"}
            assert (answer.status_code, answer.json()["position"]) == (201, number)


class Forgetful(Database):
    """Appends, and then loses the connection before it has heard the answer."""

    forgets = 1

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        found = await super().fetch(sql, *arguments)
        if sql == APPEND and self.forgets:
            self.forgets -= 1
            raise Unavailable("database.unreachable", ko="-", en="-")
        return found


async def test_a_commit_whose_answer_was_lost_is_not_made_twice(registry_database: RegistryDatabase) -> None:
    async with opened(registry_database.url, kind=Forgetful) as log:
        wanted, neighbour = opening(), opening()
        assert await answered(log, wanted, neighbour) == [
            Receipt(wanted.target, 1, 1, repeated=True),
            Receipt(neighbour.target, 1, 2, repeated=True),
        ]
        assert await log.answered(wanted.actor, wanted.command, HASH) == Receipt(wanted.target, 1, 1, repeated=True)
        assert await log.append(wanted) == Receipt(wanted.target, 1, 1, repeated=True)
        with pytest.raises(KeyReused):
            await log.answered(wanted.actor, wanted.command, b"o" * 32)
        assert await log.head() == 2


async def test_a_nul_character_never_reaches_the_log(log: EventLog) -> None:
    answers = await answered(log, opening("가"), opening("\x00"), opening("a\\\x00b"), opening("나"))
    assert [_outcome(answer) for answer in answers] == [
        (1, 1),
        "text.control_character",
        "text.control_character",
        (1, 2),
    ]
    spelled_out = opening("역슬래시 \\u0000 여섯 글자")
    assert _outcome((await answered(log, spelled_out))[0]) == (1, 3)
    fact = (await log.history(spelled_out.target))[0].fact
    assert isinstance(fact, OrganisationRegistered)
    assert fact.names[0].text == "역슬래시 \\u0000 여섯 글자"


async def test_a_fact_over_256_kib_is_refused_alone(log: EventLog, registry_database: RegistryDatabase) -> None:
    empty = len(_stored(registered(uuid4(), "")))
    largest, larger = "x" * (262_144 - empty), "x" * (262_145 - empty)
    in_hangul = "가" * (262_144 // 3)
    answers = await answered(log, opening(), opening(larger), opening(largest), opening(in_hangul), opening())
    assert [type(answer) for answer in answers] == [Receipt, Invalid, Receipt, Invalid, Receipt]
    assert _outcome(answers[1]) == "request.too_large"
    assert await log.head() == 3
    async with speaking_to(registry_database.owner_url) as owner:
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(
                "insert into event values (4, gen_random_uuid(), 1, 'x', to_json(repeat('x', 262143)), '{}', now())"
            )


async def test_an_act_that_cannot_be_recorded_is_refused_and_does_not_fail_its_neighbours(log: EventLog) -> None:
    record = uuid4()
    unfit = act(Write(record, 0, (registered(record),)), names=[Reservation("scope", "\x00", record)])
    talkative = replace(opening(), reason="x" * 20_000)
    found = await asyncio.gather(
        *(log.append(each) for each in (opening(), unfit, talkative, opening())), return_exceptions=True
    )
    assert [_outcome(each) for each in found] == [  # type: ignore[arg-type]
        (1, 1),
        "text.control_character",
        "request.too_large",
        (1, 2),
    ]
    assert await log.head() == 2
    assert _outcome((await answered(log, opening()))[0]) == (1, 3)


async def test_what_postgres_alone_finds_unfit_is_refused_and_its_neighbours_are_recorded(
    log: EventLog, registry_database: RegistryDatabase
) -> None:
    async with speaking_to(registry_database.owner_url) as owner:
        await owner.execute("alter table event add check (state::text not like '%금지%')")
    found = await answered(log, opening(), opening("금지"), opening())
    assert [_outcome(each) for each in found] == [(1, 1), "request.cannot_be_recorded", (1, 2)]


async def test_an_instant_that_was_asked_about_gets_no_further_facts(
    log: EventLog, registry_database: RegistryDatabase
) -> None:
    await log.append(opening())
    async with speaking_to(registry_database.url) as reader:
        async with held_up(registry_database) as waiting:
            late = asyncio.create_task(log.append(opening()))
            await until(waiting)
            moment = await reader.fetchval("select clock_timestamp()")
            asked = asyncio.create_task(reader.fetchval("select position_at($1)", moment))
            await asyncio.sleep(0)
        first = await asked
        await late
        assert (await log.after(1, 1))[0].recorded_at > moment
        assert [first, await reader.fetchval("select position_at($1)", moment)] == [1, 1]
        assert await reader.fetchval("select position_at(clock_timestamp() + interval '1 minute')") is None


async def test_only_the_service_may_append(registry_database: RegistryDatabase) -> None:
    async with speaking_to(registry_database.superuser_url) as superuser:
        for function in ("append_batch", "position_at"):
            sql = "select has_function_privilege($1, oid, 'execute') from pg_proc where proname = $2"
            assert await superuser.fetchval(sql, "moa_registry", function) is True
            assert await superuser.fetchval(sql, "public", function) is False


async def test_an_append_does_not_wait_behind_long_questions(registry: Running) -> None:
    clerk, house = await registry.person(), registry.house
    questions = [asyncio.create_task(house.rows.fetch("select pg_sleep(3)")) for _ in range(8)]
    await asyncio.sleep(0.2)
    receipt = await house.log.append(opening())
    assert (receipt.position, [question.done() for question in questions]) == (1, [False] * 8)
    await asyncio.gather(*questions)
    assert (await clerk.post("/organisations", organisation("가"))).status_code == 201


class Counting(Database):
    """Counts what is asked."""

    asked: list[str]

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        self.asked = [*getattr(self, "asked", []), sql]
        return await super().fetch(sql, *arguments)


async def test_an_append_is_one_statement_and_waiting_acts_share_it(registry_database: RegistryDatabase) -> None:
    database = await Counting.open(registry_database.url)
    log = EventLog(database)
    log.start()
    await log.append(opening())
    assert database.asked == [APPEND]
    assert {type(answer) for answer in await answered(log, *(opening() for _ in range(256)))} == {Receipt}
    assert database.asked == [APPEND] * 4  # 170, 57 and 29: two thirds of what waits, 32 at least
    await log.stop()
    await database.close()


async def test_an_append_is_one_round_trip_on_the_wire(registry_database: RegistryDatabase) -> None:
    async with Wire.to(registry_database.url) as wire, opened(wire.url) as log:
        await log.append(opening())
        before = wire.ready
        for _ in range(5):
            await log.append(opening())
        assert wire.ready - before == 5


@dataclass
class Wire:
    """A wire to Postgres that counts how often the server says that it is ready for the next question."""

    url: str = ""
    ready: int = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator["Wire"]:
        parts = urlsplit(url)
        socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        wire, running = cls(), set[asyncio.Task[None]]()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            back, forth = await asyncio.open_unix_connection(socket)
            both = {asyncio.create_task(_pass_on(reader, forth)), asyncio.create_task(wire._listen(back, writer))}
            running.update(both)
            await asyncio.wait(both)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        wire.url = f"postgresql://{parts.netloc.rstrip('@')}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        try:
            yield wire
        finally:
            server.close()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(5)
                body = await reader.readexactly(int.from_bytes(head[1:]) - 4)
                writer.write(head + body)
                await writer.drain()
                self.ready += head[:1] == b"Z"
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65_536):
        writer.write(piece)
        await writer.drain()
    writer.close()


def _outcome(answer: Receipt | Refusal) -> tuple[int, int] | str:
    if isinstance(answer, Receipt):
        return answer.version, answer.position
    assert isinstance(answer, Conflict | KeyReused | Invalid)
    return answer.code


def _stored(fact: Fact) -> bytes:
    return state_of(fact).encode()


async def _is(question: Callable[[], Awaitable[int]], answer: int) -> bool:
    return await question() == answer


async def test_one_act_cannot_give_a_name_to_two_records(registry: Running) -> None:
    log = registry.house.log
    one, other = opening(), opening()
    greedy = replace(
        one,
        writes=(*one.writes, *other.writes),
        reservations=(Reservation("test.number", "1", one.target), Reservation("test.number", "1", other.target)),
    )
    with pytest.raises(Conflict) as refused:
        await log.append(greedy)
    assert refused.value.code == "test.number_taken"
    assert await log.head() == 0
