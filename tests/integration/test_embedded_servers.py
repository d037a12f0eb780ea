"""The embedded Postgres and NATS let each service do its own work, and nothing else."""

import asyncio
import json
import os
import stat
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from deploy.embedded.throwaway import ThrowawayServers, throwaway_servers

FACT = "registry.v1.open.agreement.agreement-signed.1"
FACTS = (b"first", b"second")
STARTS_WITHIN = 30.0  # under one on an idle machine


@pytest.fixture(scope="module")
def servers() -> Iterator[ThrowawayServers]:
    with throwaway_servers() as running:
        yield running


def test_both_servers_are_ready_in_seconds_and_leave_nothing_behind() -> None:
    began = time.monotonic()
    with throwaway_servers() as running:
        took = time.monotonic() - began
        home, pids = running.home.path, [running.postgres.child.pid, running.nats.child.pid]
    assert took < STARTS_WITHIN
    assert not home.exists()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_each_address_opens_its_own_database(servers: ThrowawayServers) -> None:
    told = {**servers.registry_env, **servers.notifier_env}
    where = "SELECT current_user || ' in ' || current_database()"
    assert {name: answer(told[name], where) for name in sorted(told) if "DATABASE" in name} == {
        "MOA_DATABASE_OWNER_URL": "moa_owner in registry",
        "MOA_DATABASE_URL": "moa_registry in registry",
        "MOA_NOTIFIER_DATABASE_URL": "moa_notifier in notifier",
        "MOA_VAULT_DATABASE_URL": "moa_vault in vault",
    }


def test_neither_service_is_told_what_only_the_other_needs(servers: ThrowawayServers) -> None:
    assert "MOA_VAULT_KEY" not in servers.notifier_env
    assert "MOA_DATABASE_URL" not in servers.notifier_env
    assert "MOA_NOTIFIER_DATABASE_URL" not in servers.registry_env
    assert servers.registry_env["MOA_NATS_URL"] != servers.notifier_env["MOA_NATS_URL"]


@pytest.mark.parametrize("role", ["moa_registry", "moa_owner", "moa_vault", "moa_notifier"])
@pytest.mark.parametrize("database", ["registry", "vault", "notifier", "postgres", "template1"])
def test_a_role_connects_to_no_database_but_its_own(servers: ThrowawayServers, role: str, database: str) -> None:
    own = {"moa_registry": "registry", "moa_owner": "registry"}.get(role, role[4:])
    if database == own:
        assert answer(servers.postgres.url(role, database), "SELECT 1") == 1
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            answer(servers.postgres.url(role, database), "SELECT 1")


def test_the_services_role_owns_nothing_and_may_create_nothing(servers: ThrowawayServers) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        answer(servers.registry_env["MOA_DATABASE_URL"], "CREATE TABLE mine ()")
    answer(servers.registry_env["MOA_DATABASE_OWNER_URL"], "CREATE TABLE ours ()")


def test_a_wrong_password_is_refused_even_on_the_private_socket(servers: ThrowawayServers) -> None:
    password = servers.postgres.credentials.moa_owner
    address = servers.registry_env["MOA_DATABASE_OWNER_URL"].replace(password, "guessed")
    with pytest.raises(asyncpg.InvalidPasswordError):
        answer(address, "SELECT 1")


def test_a_korean_name_has_trigrams(servers: ThrowawayServers) -> None:
    """Under LC_CTYPE=C there would be none, and every search would read every row."""
    count = "SELECT cardinality(show_trgm('부산진'))"
    assert answer(servers.registry_env["MOA_DATABASE_URL"], count) == 4


def test_a_home_is_private_to_one_unprivileged_user(servers: ThrowawayServers) -> None:
    home = servers.home
    inside = [path.lstat() for path in (home.path, *home.path.rglob("*"))]
    assert {stat.S_IMODE(found.st_mode) & 0o077 for found in inside} == {0}
    assert {found.st_uid for found in inside} == {home.identity.uid}
    assert stat.S_IMODE(home.secrets.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_neither_server_runs_as_root(servers: ThrowawayServers) -> None:
    for child in (servers.postgres.child, servers.nats.child):
        assert Path(f"/proc/{child.pid}").stat().st_uid == servers.home.identity.uid != 0


def test_the_notifier_fetches_and_acknowledges_facts_and_reports(
    servers: ThrowawayServers,
) -> None:
    async def scene() -> tuple[list[bytes], int | None, str, bool | None]:
        async with stage(servers) as (_, notifier):
            reports = notifier.jetstream()
            reader = await reports.pull_subscribe("registry.v1.>", durable="notifier", stream="REGISTRY")
            facts = await reader.fetch(2, timeout=2)
            for fact in facts:
                await fact.ack_sync()
            left = (await reports.consumer_info("REGISTRY", "notifier")).num_ack_pending
            report = {"Nats-Msg-Id": "reminder-1"}
            sent = await reports.publish("notifier.v1.reminder.sent.1", b"1", headers=report)
            again = await reports.publish("notifier.v1.reminder.sent.1", b"1", headers=report)
            return [fact.data for fact in facts], left, sent.stream, again.duplicate

    assert asyncio.run(scene()) == ([b"first", b"second"], 0, "NOTIFIER", True)


@pytest.mark.parametrize(
    "subject",
    [
        FACT,
        "registry.anything",
        "$JS.API.STREAM.DELETE.REGISTRY",
        "$JS.API.STREAM.PURGE.REGISTRY",
        "$JS.API.STREAM.PURGE.NOTIFIER",
        "$JS.API.STREAM.UPDATE.REGISTRY",
        "$JS.API.STREAM.CREATE.ANOTHER",
        "$JS.API.STREAM.MSG.GET.REGISTRY",
        "$JS.API.STREAM.MSG.DELETE.REGISTRY",
        "$JS.API.DIRECT.GET.REGISTRY",
        "$JS.API.CONSUMER.CREATE.REGISTRY.another",
        "$JS.API.CONSUMER.DELETE.REGISTRY.another",
        "$JS.API.CONSUMER.MSG.NEXT.REGISTRY.another",
        "$JS.API.CONSUMER.CREATE.NOTIFIER.notifier",
        "$JS.ACK.REGISTRY.another.1.1.1.1.1",
    ],
)
def test_the_notifier_may_not_say(servers: ThrowawayServers, subject: str) -> None:
    async def scene() -> tuple[list[str], int]:
        refusals: list[str] = []
        async with stage(servers, refusals) as (registry, notifier):
            await notifier.publish(subject, b"{}", reply="_INBOX.nobody")
            await notifier.flush()
            await asyncio.sleep(0.05)
            return refusals, (await registry.stream_info("REGISTRY")).state.messages

    refusals, messages = asyncio.run(scene())
    assert len(refusals) == 1
    assert "permissions violation for publish" in refusals[0]
    assert messages == len(FACTS)


@pytest.mark.parametrize(
    "question",
    [
        "$JS.API.INFO",
        "$JS.API.STREAM.INFO.REGISTRY",
        "$JS.API.CONSUMER.INFO.REGISTRY.notifier",
        "$JS.API.CONSUMER.MSG.NEXT.REGISTRY.notifier",
        "notifier.v1.reminder.sent.2",
    ],
)
def test_an_answer_sent_to_a_facts_subject_is_not_a_fact(servers: ThrowawayServers, question: str) -> None:
    """NATS checks the subject of a request and not its reply: only the accounts keep this out."""

    async def scene() -> int:
        async with stage(servers) as (registry, notifier):
            await notifier.jetstream().pull_subscribe("registry.v1.>", durable="notifier")
            await notifier.publish(question, b"", reply=FACT)
            await notifier.flush()
            await asyncio.sleep(0.1)
            return (await registry.stream_info("REGISTRY")).state.messages

    assert asyncio.run(scene()) == len(FACTS)


@pytest.mark.parametrize("target", ["$JS.API.STREAM.PURGE.REGISTRY", FACT, "notifier.v1.reminder.sent.3"])
def test_a_consumer_that_pushes_somewhere_changes_nothing_there(servers: ThrowawayServers, target: str) -> None:
    async def scene() -> tuple[int, int]:
        async with stage(servers) as (registry, notifier):
            config = {"name": "notifier", "durable_name": "notifier", "ack_policy": "none"}
            wish = {"stream_name": "REGISTRY", "config": config | {"deliver_subject": target}}
            await notifier.request("$JS.API.CONSUMER.CREATE.REGISTRY.notifier", json.dumps(wish).encode())
            await asyncio.sleep(0.2)
            streams = [await registry.stream_info(name) for name in ("REGISTRY", "NOTIFIER")]
            return streams[0].state.messages, streams[1].state.messages

    assert asyncio.run(scene()) == (len(FACTS), 0)


def test_the_notifier_does_not_overhear_the_registry(servers: ThrowawayServers) -> None:
    async def scene() -> None:
        async with stage(servers) as (registry, notifier):
            ear = await notifier.subscribe("_INBOX.>")
            await notifier.flush()
            await registry.stream_info("REGISTRY")
            await ear.next_msg(timeout=0.1)

    with pytest.raises(nats.errors.TimeoutError):
        asyncio.run(scene())


@pytest.mark.parametrize("who", [{}, {"user": "registry", "pass": "guessed"}, {"user": "stranger", "pass": ""}])
def test_nobody_connects_without_the_password(servers: ThrowawayServers, who: dict[str, str]) -> None:
    async def scene() -> bytes:
        """Speak the protocol by hand: the library leaves a refused connection open."""
        listener, speaker = await asyncio.open_connection("127.0.0.1", servers.nats.port)
        await listener.readline()
        speaker.write(b"CONNECT " + json.dumps(who).encode() + b"\r\nPING\r\n")
        said = await listener.readline()
        speaker.close()
        await speaker.wait_closed()
        return said

    assert asyncio.run(scene()) == b"-ERR 'Authorization Violation'\r\n"


def answer(address: str, question: str) -> object:
    async def ask() -> object:
        link = await asyncpg.connect(address)
        try:
            return await link.fetchval(question)
        finally:
            await link.close()

    return asyncio.run(ask())


@asynccontextmanager
async def stage(
    servers: ThrowawayServers, refusals: list[str] | None = None
) -> AsyncIterator[tuple[JetStreamContext, Client]]:
    """Both users connected, over new streams that hold two facts and no report."""

    async def note(error: Exception) -> None:
        if refusals is not None:
            refusals.append(str(error))

    registry: Client = await nats.connect(servers.registry_env["MOA_NATS_URL"])
    notifier: Client = await nats.connect(servers.notifier_env["MOA_NATS_URL"], error_cb=note)
    owner = registry.jetstream()
    try:
        for name, subjects in (("REGISTRY", "registry.v1.>"), ("NOTIFIER", "notifier.v1.>")):
            with suppress(NotFoundError):
                await owner.delete_stream(name)
            await owner.add_stream(name=name, subjects=[subjects])
        for fact in FACTS:
            await owner.publish(FACT, fact)
        yield owner, notifier
    finally:
        await registry.close()
        await notifier.close()
