"""`registry fsck` finds that everything agrees, or names the first difference of each part; every damage is found."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import Result
from nats.aio.client import Client
from nats.js import JetStreamContext
from registry import bootstrap
from registry.agreement.projection import VIEW as AGREEMENTS
from registry.cli.main import face
from registry.fsck import Finding
from registry.fsck.followers import LOOK_EVERY_SECONDS
from registry.fsck.records import BEFORE_ALL, FACTS
from registry.kernel.ports import Database, Row, Transaction
from registry.projector import rebuild
from registry.settings import Settings
from registry.store.mapper import canonical
from typer.testing import CliRunner

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.relaying import (
    in_force,
    make_streams,
    organisations,
    publish_what_is_not_of_the_log,
    publish_what_is_of_the_log,
    relay_of,
    relayed,
    running,
    stream,
    wire,
)
from tests.integration.test_event_log import speaking_to
from tests.integration.test_records import desk_at

__all__ = ["stream", "wire"]

PARTS = [
    "positions",
    "generation",
    "records",
    "view.organisation",
    "view.agreement",
    "view.renewal",
    "view.partnership",
    "view.delegation",
    "snapshots",
    "commands",
    "names",
    "followers",
    "stream",
]


def silence(part: str, done: int, total: int) -> None:
    """Nobody watches the progress."""


async def findings(registry: Running, *, deep: bool = False) -> dict[str, Finding]:
    return {each.part: each for each in await registry.house.fsck.run(silence, deep=deep)}


async def differences(registry: Running, *, deep: bool = False) -> dict[str, str]:
    found = await findings(registry, deep=deep)
    return {each.part: each.sentence for each in found.values() if each.outcome != "agrees"}


async def told(settings: Settings, *arguments: str) -> Result:
    app = face(lambda: bootstrap.open_house(settings))
    return await asyncio.to_thread(CliRunner().invoke, app, ["fsck", *arguments])


@dataclass
class Whole:
    """A registry of ten facts whose views and stream are level with the log, and a way to damage it."""

    registry: Running
    stream: JetStreamContext
    mou: str
    database: RegistryDatabase

    async def damage(self, statement: str, *arguments: object) -> None:
        async with speaking_to(self.database.superuser_url) as superuser:
            await superuser.execute("set session_replication_role = replica")
            await superuser.execute(statement, *arguments)

    async def first(self, of: str) -> str:
        """A first value, as text."""
        async with speaking_to(self.database.superuser_url) as superuser:
            return str(await superuser.fetchval(of))


@pytest.fixture
async def whole(registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase) -> Whole:
    mou = await in_force(registry, await registry.person())
    await registry.follow()
    await relayed(registry, stream)
    return Whole(registry, stream, mou, registry_database)


async def test_a_registry_that_is_whole_agrees_in_every_part(whole: Whole) -> None:
    for deep in (False, True):
        found = await findings(whole.registry, deep=deep)
        assert list(found) == PARTS
        assert {each.outcome for each in found.values()} == {"agrees"}, found
    assert found["records"].sentence == "4 records, 10 facts, all can be read"
    assert found["view.agreement"].sentence.startswith("1 rows equal the log up to position ")
    assert found["stream"].sentence == "10 messages, each about its fact"


async def test_the_command_line_says_so_by_its_exit_code(whole: Whole) -> None:
    well = await told(whole.registry.settings, "--json", "--deep")
    assert (well.exit_code, [each["part"] for each in json.loads(well.stdout)]) == (0, PARTS)
    unseen = await told(whole.registry.settings.model_copy(update={"nats_url": "nats://127.0.0.1:9"}))
    assert (unseen.exit_code, "NATS cannot be reached" in unseen.stdout) == (2, True)
    await whole.damage("delete from event where position = 4")
    differs = await told(whole.registry.settings)
    assert (differs.exit_code, "position 4 is missing: the next one is 5" in differs.stdout) == (1, True)


NO_SERVER = "postgresql://nobody@/nothing?host=/tmp/there-is-no-such-folder"


@pytest.mark.parametrize(("url", "said"), [(NO_SERVER, "The database cannot be reached"), ("", "No database is named")])
async def test_without_a_database_nothing_was_looked_at(tmp_path: Path, url: str, said: str) -> None:
    environment = {**os.environ, "MOA_HOME": str(tmp_path), "MOA_DATABASE_URL": url, "MOA_VAULT_DATABASE_URL": ""}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "registry", "fsck", "--json", env=environment, stdout=-1
    )
    told, _ = await process.communicate()
    [found] = json.loads(told)
    assert (process.returncode, found["part"], found["outcome"]) == (2, "database", "not_looked_at")
    assert said in found["sentence"]


DAMAGES = {
    "a gap": (
        "delete from event where position = 5",
        "positions",
        "position 5 is missing: the next one is 6",
    ),
    "a head that is behind": (
        "update log_head set position = 8",
        "positions",
        "the head is at 8, the last position is 10",
    ),
    "a time that goes back": (
        "update event set recorded_at = recorded_at - interval '1 hour' where position = 6",
        "positions",
        "position 6 was recorded before position 5",
    ),
    "a head whose time is behind": (
        "update log_head set recorded_at = recorded_at - interval '1 hour'",
        "positions",
        "the head's time is before that of position 10",
    ),
    "an unknown topic": (
        "update event set topic = 'agreement.forgotten' where position = 4",
        "records",
        "position 4: unknown topic 'agreement.forgotten'",
    ),
    "a command that is gone": (
        "delete from command where position = 3",
        "commands",
        "position 3: its command is not on record",
    ),
    "a follower that is ahead": (
        "update follower set position = 99 where name = 'process.renewals'",
        "followers",
        "process.renewals is at position 99, the head is at 10",
    ),
    "a follower that stands still": (
        "update follower set stopped = 'position 3: Unreadable' where name = 'view.agreement'",
        "followers",
        "view.agreement stands still at position 3: Unreadable",
    ),
    "a fact of no command": (
        "update event set metadata = '{}' where position = 4",
        "commands",
        "position 4: its command is not on record",
    ),
    "a view whose table is gone": ("drop table view.agreement", "view.agreement", "its table is gone"),
    "a row too many": (
        "insert into view.organisation (id, position, state) select 'aaaaaaaa-0000-4000-8000-00000000000a', 1, state "
        "from view.organisation limit 1",
        "view.organisation",
        "3 rows for 2 records: record aaaaaaaa-0000-4000-8000-00000000000a has a row and no facts",
    ),
    "a view of another version": (
        "update follower set version = 0 where name = 'view.agreement'",
        "view.agreement",
        f"it is of version 0, this is the registry with {AGREEMENTS.version}",
    ),
    "a view that is not there": (
        "delete from follower where name = 'view.agreement'",
        "view.agreement",
        "it is not there yet: start `registry follow`",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damage_is_named(whole: Whole, damage: str) -> None:
    statement, part, sentence = DAMAGES[damage]
    await whole.damage(statement)
    assert (await differences(whole.registry))[part] == sentence


async def test_a_version_that_is_missing_is_named(whole: Whole) -> None:
    await whole.damage("update event set version = 9 where stream = $1 and version = 5", whole.mou)
    assert (await differences(whole.registry))["records"] == f"record {whole.mou}: version 5 is missing, before 6"


async def test_an_unknown_field_is_named_without_what_it_says(whole: Whole) -> None:
    await whole.damage("""update event set state = '{"secret":1}' where position = 1""")
    said = (await differences(whole.registry))["records"]
    assert said.startswith("position 1: ")
    assert "secret" in said


async def test_an_answer_that_does_not_fit_its_facts_is_named(whole: Whole) -> None:
    command = await whole.first("select id from command where position = 4")
    await whole.damage("update command set position = 3 where position = 4")
    said = f"command {command} was answered with position 3, its facts end at 4"
    assert (await differences(whole.registry))["commands"] == said
    await whole.damage("update command set position = 44 where id = $1", command)
    said = f"command {command} was answered with position 44, the head is at 10"
    assert (await differences(whole.registry))["commands"] == said
    for version in (77, 1):
        await whole.damage("update command set position = 4, version = $2 where id = $1", command, version)
        said = f"command {command} was answered with version {version}, which was not the last of {whole.mou} at "
        assert (await differences(whole.registry))["commands"] == f"{said}position 4"


async def test_a_name_of_nobody_is_named(whole: Whole) -> None:
    nobody = UUID(int=7)
    await whole.damage("insert into reserved (scope, name, stream) values ('number', '7', $1)", nobody)
    said = f"the name 7 (number) is reserved for {nobody}, which does not exist"
    assert await differences(whole.registry) == {"names": said}


async def test_a_row_that_differs_from_the_log_is_named_by_field(whole: Whole) -> None:
    await whole.damage("update view.agreement set state = jsonb_set(state, '{number}', '\"9\"')")
    said = f"record {whole.mou} at position 8 differs in number"
    assert await differences(whole.registry) == {"view.agreement": said}


async def test_a_history_that_differs_from_the_log_is_named(whole: Whole) -> None:
    await whole.damage(
        "update view.agreement_history set state = jsonb_set(state, '{number}', '\"9\"') where lower(known) = 4"
    )
    said = f"record {whole.mou}: its history differs from position 4 on"
    assert await differences(whole.registry) == {"view.agreement": said}
    await whole.damage("delete from view.agreement_history where not upper_inf(known)")
    said = f"record {whole.mou}: its history differs from position 3 on"
    assert await differences(whole.registry) == {"view.agreement": said}


async def test_rows_of_history_that_overlap_are_named(whole: Whole) -> None:
    await whole.damage("update view.agreement_history set known = int8range(lower(known), null) where lower(known) = 4")
    said = f"record {whole.mou}: two rows of its history overlap, known from position 5 on"
    assert await differences(whole.registry) == {"view.agreement": said}


async def test_history_of_nobody_is_named(whole: Whole) -> None:
    await whole.damage(
        "insert into view.agreement_history select 'aaaaaaaa-0000-4000-8000-00000000000a', effective, known, state, "
        "uncertain from view.agreement_history limit 2"
    )
    said = "2 rows of its history belong to no record of the log"
    assert await differences(whole.registry) == {"view.agreement": said}


async def test_a_row_of_another_position_or_a_missing_one_is_named(whole: Whole) -> None:
    await whole.damage("update view.agreement set position = 7")
    said = f"record {whole.mou}: its row is of position 7, its facts end at 8"
    assert await differences(whole.registry) == {"view.agreement": said}
    await whole.damage("delete from view.agreement")
    assert await differences(whole.registry) == {"view.agreement": f"record {whole.mou} has no row"}


async def test_a_view_that_lags_is_compared_up_to_where_it_is(whole: Whole) -> None:
    before = (await findings(whole.registry))["view.organisation"].sentence
    await organisations(await whole.registry.person(), 2)
    await relayed(whole.registry, whole.stream)
    found = await findings(whole.registry)
    assert found["view.organisation"] == Finding("view.organisation", "agrees", before)
    assert found["view.organisation"].sentence.startswith("2 rows equal the log up to position ")


async def test_a_generation_that_was_not_begun_is_named(whole: Whole) -> None:
    before = await whole.registry.house.log.generation()
    await whole.damage("update log_head set generation = gen_random_uuid()")
    now = await whole.registry.house.log.generation()
    assert await differences(whole.registry) == {
        "generation": f"the head is of generation {now}, the one begun last is {before}",
        "stream": f"the stream is of generation {before}, the log of {now}",
    }


async def test_a_stream_that_fell_behind_is_named(whole: Whole) -> None:
    await organisations(await whole.registry.person(), 3)
    await whole.registry.follow()
    said = "the stream is at 10, the log at 13, and nothing comes: does a relay run?"
    assert await differences(whole.registry) == {"stream": said}


async def test_a_stream_that_is_ahead_outgrown_lost_or_holed_is_named_by_its_first_difference(whole: Whole) -> None:
    await publish_what_is_not_of_the_log(whole.stream)
    assert await differences(whole.registry) == {"stream": "the stream is at 11, the log only at 10"}
    await organisations(await whole.registry.person(), 3)
    await whole.registry.follow()
    said = "position 11 differs between stream and log in ce-id, ce-source"
    assert await differences(whole.registry) == {"stream": said}
    await whole.stream.delete_stream("REGISTRY")
    assert await differences(whole.registry) == {"stream": "there is no stream, and nobody makes it: does a relay run?"}
    await relayed(whole.registry, whole.stream)
    await whole.stream.purge_stream("REGISTRY", seq=3)
    said = "the stream holds 11 of the 13 messages it counts, from 3 on"
    assert await differences(whole.registry) == {"stream": said}


async def test_in_depth_every_message_is_compared(whole: Whole) -> None:
    await whole.damage("update event set state = replace(state::text, '기관', '기구')::json where position = 2")
    assert "stream" not in await differences(whole.registry)
    said = "position 2 differs between stream and log in state hash"
    assert (await differences(whole.registry, deep=True))["stream"] == said


async def test_a_foreign_message_is_found_at_the_end_and_in_depth_in_the_midst(
    registry: Running, stream: JetStreamContext, wire: Client
) -> None:
    clerk = await registry.person()
    await organisations(clerk, 2)
    await relayed(registry, stream)
    await publish_what_is_not_of_the_log(stream)
    await organisations(clerk, 1)
    await registry.follow()
    said = "position 3 differs between stream and log in ce-id, ce-source"
    for deep in (False, True):
        assert await differences(registry, deep=deep) == {"stream": said}
    await organisations(clerk, 1)
    await registry.follow()
    await publish_what_is_of_the_log(registry, wire, 3)
    assert await differences(registry) == {}
    assert await differences(registry, deep=True) == {"stream": said}


async def test_a_tail_that_was_recorded_again_after_a_restore_is_found(whole: Whole) -> None:
    await whole.damage("update event set recorded_at = recorded_at + interval '1 second' where position = 10")
    await whole.damage("update log_head set recorded_at = recorded_at + interval '1 second'")
    said = "position 10 differs between stream and log in time"
    assert await differences(whole.registry) == {"stream": said}


async def test_an_empty_stream_of_an_empty_log_agrees_in_depth(registry: Running, wire: Client) -> None:
    await make_streams(wire, await registry.house.log.generation())
    found = await findings(registry, deep=True)
    assert {each.outcome for each in found.values()} == {"agrees"}, found
    assert found["stream"].sentence == "0 messages, none to compare"


async def test_facts_that_wait_for_a_follower_that_does_not_run_are_named(whole: Whole) -> None:
    await organisations(await whole.registry.person(), 1)
    await relayed(whole.registry, whole.stream)
    place = await whole.first("select position from follower where name = 'view.organisation'")
    said = f"view.organisation is at position {place}, position 11 waits for it, and nothing comes: "
    assert await differences(whole.registry) == {"followers": f"{said}does `registry follow` run?"}


async def test_a_follower_that_never_began_is_named(whole: Whole) -> None:
    await whole.damage("delete from follower where name = 'process.renewals'")
    said = "process.renewals is at position 0, position 3 waits for it, and nothing comes: "
    assert await differences(whole.registry) == {"followers": f"{said}does `registry follow` run?"}


async def test_a_follower_that_comes_nearer_is_given_time(whole: Whole) -> None:
    await organisations(await whole.registry.person(), 1)
    await relayed(whole.registry, whole.stream)

    async def in_a_moment() -> None:
        await asyncio.sleep(2 * LOOK_EVERY_SECONDS)
        await whole.registry.follow()

    following = asyncio.create_task(in_a_moment())
    found = await findings(whole.registry)
    await following
    assert found["followers"].outcome == "agrees", found["followers"]


@dataclass
class Remembered:
    """A whole registry, two of whose records have snapshots: one written as it grew, one after it was loaded."""

    whole: Whole
    grown: UUID
    loaded: UUID


@pytest.fixture
async def remembered(whole: Whole) -> Remembered:
    async with desk_at(whole.database, snapshot_every=5) as desk:
        grown, loaded = await desk.opened(), await desk.opened()
        for number in range(5):
            await desk.alias(grown, f"이름 {number}")
        for number in range(3):
            await desk.alias(loaded, f"이름 {number}")
    async with desk_at(whole.database, snapshot_every=5) as another:
        await another.alias(loaded, "새 이름")
    await whole.registry.follow()
    await relayed(whole.registry, whole.stream)
    return Remembered(whole, grown, loaded)


async def test_snapshots_of_records_are_what_their_facts_make(remembered: Remembered) -> None:
    found = await findings(remembered.whole.registry)
    assert {each.outcome for each in found.values()} == {"agrees"}, found
    said = "2 snapshots are what their facts make, 0 of another program are not used"
    assert found["snapshots"].sentence == said
    await remembered.whole.damage(
        "update snapshot set format = 'organisation:of-yesterday' where stream = $1", remembered.grown
    )
    await remembered.whole.damage("update snapshot set state = '{}' where stream = $1", remembered.grown)
    found = await findings(remembered.whole.registry)
    said = "1 snapshots are what their facts make, 1 of another program are not used"
    assert found["snapshots"] == Finding("snapshots", "agrees", said)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "set state = jsonb_set(state::jsonb, '{office}', '\"elsewhere\"')::json",
            "its snapshot of version 5 differs in office",
        ),
        ("set version = 4", "its snapshot of version 4 differs in _version, "),
        ("set version = 9", "its snapshot is of version 9, its facts end at 6"),
        ("set state = '[]'", "it cannot be replayed up to its snapshot: "),
    ],
)
async def test_a_snapshot_that_its_facts_do_not_make_is_named(remembered: Remembered, damage: str, said: str) -> None:
    await remembered.whole.damage(f"update snapshot {damage} where stream = $1", remembered.grown)
    found = await differences(remembered.whole.registry)
    assert list(found) == ["snapshots"]
    assert found["snapshots"].startswith(f"record {remembered.grown}: {said}")


@dataclass
class Amid:
    """A database in which something happens once a snapshot begins to read records."""

    database: Database
    happens: Callable[[], Awaitable[object]]

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        return await self.database.fetch(sql, *arguments)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["AmidTransaction"]:
        async with self.database.transaction() as transaction:
            yield AmidTransaction(transaction, self.happens)


@dataclass
class AmidTransaction:
    """Its transactions."""

    transaction: Transaction
    happens: Callable[[], Awaitable[object]]

    async def execute(self, sql: str, *arguments: object) -> None:
        await self.transaction.execute(sql, *arguments)

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        if sql == FACTS and arguments[:2] == (BEFORE_ALL, 0):
            await self.happens()
        return await self.transaction.fetch(sql, *arguments)


async def test_a_view_that_is_built_anew_meanwhile_gives_no_false_alarm(whole: Whole) -> None:
    house = whole.registry.house

    async def built_anew() -> None:
        await rebuild(AGREEMENTS, canonical, house.log, house.rows)

    check = replace(house.fsck, database=Amid(house.rows, built_anew))
    found = [each for each in await check.run(silence) if each.outcome != "agrees"]
    assert found == [Finding("view.agreement", "not_looked_at", "it was built anew meanwhile: run this again")]
    assert await differences(whole.registry) == {}


async def test_a_registry_at_work_gives_no_false_alarm(registry: Running, stream: JetStreamContext) -> None:
    async with at_work(registry), running(relay_of(registry)):
        for _ in range(6):
            assert await differences(registry, deep=True) == {}
    assert await registry.house.log.head() > 20


@asynccontextmanager
async def at_work(registry: Running) -> AsyncIterator[None]:
    """People record and views follow, without a pause."""
    clerk, ended = await registry.person(), asyncio.Event()

    async def work() -> None:
        while not ended.is_set():
            await asyncio.gather(*(organisations(clerk, 2) for _ in range(4)))
            await registry.follow()

    await organisations(clerk, 1)
    await registry.follow()
    task = asyncio.create_task(work())
    try:
        yield
    finally:
        ended.set()
        await task
