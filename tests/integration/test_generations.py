"""After an alarm a person begins a new generation: the stream is made anew under it, and the facts stay as they are."""

import asyncio
import json
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest
from click.testing import Result
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from registry import bootstrap
from registry.cli.main import face
from registry.kernel.errors import Forbidden, Invalid
from registry.relay.comparison import Standing
from registry.relay.lead import Lead
from registry.relay.stream import Stream
from registry.settings import Settings
from registry.store.generations import begin_generation
from typer.testing import CliRunner

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.relaying import (
    agrees,
    lead_on,
    level,
    organisations,
    publish_what_is_not_of_the_log,
    relay_of,
    relayed,
    running,
    sequence,
    stops,
    stream,
    why,
    wire,
)
from tests.integration.test_event_log import speaking_to, until

__all__ = ["stream", "wire"]
WHY = "2026-11-24 백업을 복원함"
STORED = "select position, stream, version, topic, state::text, metadata::text, recorded_at from event order by 1"


async def told(settings: Settings, *arguments: str, answer: str | None = None) -> Result:
    """What the command line says."""
    app = face(lambda: bootstrap.open_house(settings))
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments), answer)


async def generation_of(stream: JetStreamContext) -> UUID | None:
    """The one that the stream names; None while it is being made anew."""
    try:
        metadata = (await stream.stream_info("REGISTRY")).config.metadata or {}
    except NotFoundError:
        return None
    return UUID(metadata["moa-generation"])


async def test_a_stopped_relay_goes_on_by_itself_once_a_person_has_begun_a_generation(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    clerk, relay = await registry.person(), relay_of(registry)
    async with running(relay):
        await organisations(clerk, 3)
        await level(registry, stream)
        ended = await generation_of(stream)
        await publish_what_is_not_of_the_log(stream)
        await until(lambda: why(relay))
        async with speaking_to(registry_database.owner_url) as owner:
            before = await owner.fetch(STORED)
        said = await told(registry.settings, "relay", "new-generation", "--because", WHY, "--yes")
        assert said.exit_code == 0, said.output
        await organisations(clerk, 1)
        begun = await registry.house.log.generation()
        await until(lambda: is_of(stream, begun))
        await level(registry, stream)
        assert relay.stopped is None
    assert begun != ended
    await agrees(registry, stream)
    assert await registry.house.missing() == []
    async with speaking_to(registry_database.owner_url) as owner:
        assert (await owner.fetch(STORED))[:3] == before
        kept = await owner.fetch("select number, id, began_after, because from generation order by number")
    assert [tuple(row) for row in kept] == [(1, ended, 0, "the first"), (2, begun, 3, WHY)]


async def test_a_running_relay_notices_a_new_generation(registry: Running, stream: JetStreamContext) -> None:
    clerk, relay = await registry.person(), relay_of(registry)
    async with running(relay):
        await organisations(clerk, 3)
        await level(registry, stream)
        begun = await registry.house.relay.new_generation(WHY)
        assert (begun.number, begun.began_after) == (2, 3)

        async def made_anew() -> bool:
            return await sequence(stream) == 3 and await generation_of(stream) == begun.id

        await until(made_anew, within=5)
    assert relay.stopped is None
    await agrees(registry, stream)


async def test_a_stream_of_a_generation_that_has_ended_is_made_anew_at_the_next_start(
    registry: Running, stream: JetStreamContext
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    begun = await registry.house.relay.new_generation(WHY)

    async def made_anew() -> bool:
        return await generation_of(stream) == begun.id and await sequence(stream) == 3

    async with running(relay_of(registry)):
        await until(made_anew)
    await agrees(registry, stream)


@dataclass(frozen=True)
class Outrun(Stream):
    """JetStream for a relay that has lost its lock: after its first look, another relay makes the stream anew."""

    other: Lead
    looks: list[Standing | None]

    async def standing(self) -> Standing | None:
        found = await super().standing()
        self.looks.append(found)
        if len(self.looks) == 1:
            await self.other.drain(lambda: True)
        return found


async def test_a_relay_that_has_lost_its_lock_does_not_delete_what_its_successor_made(
    registry: Running, stream: JetStreamContext, wire: Client
) -> None:
    await organisations(await registry.person(), 3)
    await relayed(registry, stream)
    begun = await registry.house.relay.new_generation(WHY)
    late = lead_on(registry, Outrun(wire, lead_on(registry, Stream(wire)), []))
    await late.look()
    assert (late.sequence, await sequence(stream), await generation_of(stream)) == (3, 3, begun.id)
    await agrees(registry, stream)


async def test_a_log_from_before_a_generation_is_not_taken_for_it(
    registry: Running, stream: JetStreamContext, registry_database: RegistryDatabase
) -> None:
    first = await registry.house.log.generation()
    await organisations(await registry.person(), 2)
    second = (await registry.house.relay.new_generation(WHY)).id
    await relayed(registry, stream)
    async with speaking_to(registry_database.superuser_url) as superuser:
        await superuser.execute("set session_replication_role = replica")
        await superuser.execute("delete from generation where number = 2")
        await superuser.execute("update log_head set generation = $1", first)
    assert await stops(relay_of(registry)) == f"position 2: the stream is of generation {second}, the log of {first}"


async def test_a_generation_needs_a_reason(registry: Running, registry_database: RegistryDatabase) -> None:
    for nothing in ("", "  ", "x" * 501):
        with pytest.raises(Invalid) as refused:
            await begin_generation(registry_database.owner_url, nothing)
        assert refused.value.code == "generation.no_reason"
    async with speaking_to(registry_database.owner_url) as owner:
        assert await owner.fetchval("select count(*) from generation") == 1


async def test_the_services_role_cannot_begin_one_nor_rewrite_what_was_begun(
    registry_database: RegistryDatabase,
) -> None:
    with pytest.raises(Forbidden) as refused:
        await begin_generation(registry_database.url, WHY)
    assert refused.value.code == "generation.not_the_owner"
    async with speaking_to(registry_database.url) as runner:
        for sql in ("delete from generation", "update generation set because = 'x'", "truncate generation"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await runner.execute(sql)
    async with speaking_to(registry_database.owner_url) as owner:
        for sql in ("delete from generation", "update generation set because = 'x'", "truncate generation"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await owner.execute(sql)


async def test_without_a_yes_nothing_is_begun(registry: Running) -> None:
    before = await registry.house.log.generation()
    said = await told(registry.settings, "relay", "new-generation", "--because", WHY)
    assert (said.exit_code, "--yes" in said.output) == (2, True)
    assert "fills it from position 1 under the new generation" in said.output
    assert await registry.house.log.generation() == before


async def test_status_says_how_relay_log_and_stream_stand(registry: Running, stream: JetStreamContext) -> None:
    clerk = await registry.person()
    await organisations(clerk, 3)
    nobody = await status(registry)
    assert (nobody["well"], nobody["leads"], nobody["last"]) == (False, False, None)
    async with running(relay_of(registry)):
        await level(registry, stream)
        well = await status(registry)
        generation = str(await registry.house.log.generation())
        assert well == {
            "head": 3,
            "generation": generation,
            "number": 1,
            "leads": True,
            "stopped": None,
            "failing": None,
            "last": 3,
            "stream_generation": generation,
            "difference": None,
            "unreachable": None,
            "lag": 0,
            "well": True,
        }
        assert (await told(registry.settings, "relay", "status")).exit_code == 0
    await publish_what_is_not_of_the_log(stream)
    ahead = await status(registry)
    assert ahead["difference"] == "the stream is at 4, the log only at 3: was a backup restored?"
    await organisations(clerk, 2)
    differs = await status(registry)
    assert (differs["lag"], differs["difference"]) == (
        1,
        "position 4 differs between stream and log in Nats-Msg-Id, ce-id, ce-source",
    )
    shown = await told(registry.settings, "relay", "status")
    assert (shown.exit_code, "position 4 differs" in shown.output) == (1, True)


async def test_without_nats_the_doctor_and_the_relays_status_say_so(registry: Running) -> None:
    away = registry.settings.model_copy(update={"nats_url": "nats://127.0.0.1:1"})
    ill = await told(away, "doctor")
    assert (ill.exit_code, "NATS cannot be reached: check MOA_NATS_URL" in ill.output) == (1, True)
    shown = await told(away, "relay", "status")
    assert (shown.exit_code, "확인 못 함 / not looked at" in shown.output) == (1, True)


async def status(registry: Running) -> dict[str, object]:
    said = await told(registry.settings, "relay", "status", "--json")
    found: dict[str, object] = json.loads(said.stdout)
    assert said.exit_code == (0 if found["well"] else 1)
    return found


async def is_of(stream: JetStreamContext, generation: UUID) -> bool:
    return await generation_of(stream) == generation
