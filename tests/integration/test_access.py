"""Who may do what to whose records, and that no secret is kept."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest
from registry.access.credentials import SESSION_HOURS, TOKEN_DAYS, Access
from registry.access.policy import TablePolicy
from registry.application import CommandRequest
from registry.bootstrap import OFFERED
from registry.clock import SystemIds
from registry.kernel.actors import SYSTEM, Actor, Role
from registry.kernel.commands import HANDLERS, Command
from registry.kernel.errors import Forbidden, Unauthenticated

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.test_event_log import NOON, Sundial, speaking_to
from tests.integration.test_main_job import organisation

ANYBODY = UUID(int=1)
SLICES = ("organisation", "agreement", "partnership", "delegation", "renewal")
# Whose records each role may change, per slice: nobody's (no entry), its own office's, or any office's.
MAY: dict[Role, dict[str, str]] = {
    "staff": dict.fromkeys(("organisation", "agreement", "partnership", "delegation"), "own"),
    "auditor": {},
    "administrator": dict.fromkeys(("organisation", "agreement", "partnership", "delegation"), "any"),
    "service": {},
    "system": {"renewal": "any"},
}


def test_every_role_and_every_slice_stands_in_the_table() -> None:
    assert set(MAY) == set(get_args(Role))
    assert {command.name.partition(".")[0] for command in HANDLERS} == set(SLICES)


@pytest.mark.parametrize("role", get_args(Role))
def test_each_role_runs_what_the_table_says_on_its_own_and_on_other_offices_records(role: Role) -> None:
    actor = Actor(role, "busanjin", ANYBODY)
    for command in HANDLERS:
        reach = MAY[role].get(command.name.partition(".")[0])
        told = tuple(TablePolicy().may(actor, command.name, office) for office in (None, "busanjin", "yeongdeungpo"))
        assert told == (reach is not None, reach is not None, reach == "any"), command.name


def test_a_refusal_says_whether_it_is_the_role_or_the_office() -> None:
    for actor, office, code in (
        (Actor("auditor", "busanjin", ANYBODY), "busanjin", "access.role_may_not"),
        (Actor("service", "busanjin", ANYBODY), None, "access.role_may_not"),
        (Actor("staff", "busanjin", ANYBODY), "yeongdeungpo", "access.other_office"),
    ):
        with pytest.raises(Forbidden) as refused:
            TablePolicy().permit(actor, "agreement.sign", office)
        assert refused.value.code == code


def test_a_command_that_nobody_was_given_is_nobodys() -> None:
    for role in get_args(Role):
        for command in ("treaty.sign", "agreements.sign", "agreement", "", "xagreement.sign"):
            assert not TablePolicy().may(Actor(role, "busanjin", ANYBODY), command)


async def test_the_desk_itself_refuses_before_it_looks_at_anything(registry: Running) -> None:
    for role in get_args(Role):
        for command in HANDLERS:
            if command.name.partition(".")[0] in MAY[role]:
                continue
            actor = Actor(role, "busanjin", ANYBODY)
            with pytest.raises(Forbidden):
                await registry.house.application.run(_request(command, actor))
    assert await registry.house.log.head() == 0


def test_commands_from_inside_are_not_offered_to_anybody() -> None:
    assert {command.name.partition(".")[0] for command in OFFERED} == set(SLICES) - {"renewal"}
    assert not any(TablePolicy().may(SYSTEM, command.name) for command in OFFERED)


async def test_an_administrator_may_act_for_any_office(registry: Running) -> None:
    administrator = await registry.person("administrator", "moa")
    body = organisation("영등포구") | {"office": "yeongdeungpo"}
    record = (await administrator.post("/organisations", body)).json()["id"]
    assert (await registry.house.log.history(UUID(record)))[0].office == "moa"
    clerk = await registry.person("staff", "yeongdeungpo")
    alias = {"alias": {"lang": "en", "text": "Yeongdeungpo-gu"}}
    assert (await clerk.post(f"/organisations/{record}/state-alias", alias)).status_code == 200
    stranger = await registry.person("staff", "moa")
    refused = await stranger.post(f"/organisations/{record}/state-alias", alias)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.other_office")


async def test_an_auditor_reads_every_offices_records(registry: Running) -> None:
    await (await registry.person("staff", "yeongdeungpo")).post("/organisations", organisation("영등포구"))
    await registry.follow()
    for role in ("auditor", "service", "staff", "administrator"):
        found = await (await registry.person(role, "busanjin")).get("/organisations")
        assert [row["name_ko"] for row in found.json()["items"]] == ["영등포구"]
        assert len((await (await registry.person(role, "busanjin")).get("/events")).json()) == 1


async def test_the_log_names_a_role_and_an_account_and_never_a_token(registry: Running) -> None:
    clerk = await registry.person()
    await clerk.post("/organisations", organisation("부산진구"))
    actor = await registry.house.access.by_token(clerk.token)
    line = (await clerk.get("/events")).json()[0]
    assert (line["actor"], line["office"]) == (f"staff:{actor.account}", "busanjin")
    assert clerk.token not in str(line)


async def test_only_hashes_of_secrets_are_kept(registry: Running, registry_database: RegistryDatabase) -> None:
    access = registry.house.access
    token = await access.issue_token("staff", "busanjin")
    link = await access.issue_link("staff", "busanjin", valid=timedelta(minutes=15))
    session = await access.spend_link(await access.issue_link("staff", "busanjin", valid=timedelta(minutes=15)))
    async with speaking_to(registry_database.superuser_url) as owner:
        hashes = {bytes(row["hash"]): row["kind"] for row in await owner.fetch("select hash, kind from credential")}
        tables = ("account", "credential", "event", "command", "reserved")
        kept = [await owner.fetch(f"select * from {table}") for table in tables]  # noqa: S608 (constant names)
        everything = str([dict(row) for rows in kept for row in rows])
    for secret, kind in ((token, "token"), (link, "link"), (session, "session")):
        assert hashes[hashlib.sha256(secret.encode()).digest()] == kind
        assert secret not in everything
        assert secret.removeprefix("moa_") not in everything
    assert token.startswith("moa_")
    assert {len(token) - 4, len(link), len(session)} == {43}


async def test_each_secret_is_good_for_its_own_purpose_only(registry: Running) -> None:
    access = registry.house.access
    token = await access.issue_token("staff", "busanjin")
    link = await access.issue_link("staff", "busanjin", valid=timedelta(minutes=15))
    session = await access.spend_link(await access.issue_link("staff", "busanjin", valid=timedelta(minutes=15)))
    for secret, recognise in (
        (link, access.by_token),
        (session, access.by_token),
        (token, access.by_session),
        (link, access.by_session),
        (token, access.spend_link),
        (session, access.spend_link),
        ("", access.by_token),
        ("\ud800", access.by_token),
    ):
        with pytest.raises(Unauthenticated):
            await recognise(secret)
    assert await access.open_link(token) is None
    assert (await access.by_token(token)).role == "staff"


async def test_each_secret_ends_when_it_should(registry: Running) -> None:
    clock = Sundial([NOON])
    access = Access(registry.house.access.database, clock, SystemIds())
    token = await access.issue_token("staff", "busanjin")
    link, late = [await access.issue_link("staff", "busanjin", valid=timedelta(minutes=15)) for _ in range(2)]
    session = await access.spend_link(link)
    second = timedelta(seconds=1)
    for secret, recognise, lasts in (
        (session, access.by_session, timedelta(hours=SESSION_HOURS)),
        (token, access.by_token, timedelta(days=TOKEN_DAYS)),
    ):
        clock.shown = [NOON + lasts - second]
        assert (await recognise(secret)).office == "busanjin"
        clock.shown = [NOON + lasts]
        with pytest.raises(Unauthenticated):
            await recognise(secret)
    clock.shown = [NOON + timedelta(minutes=15) - second]
    found = await access.open_link(late)
    assert found is not None
    assert found[1] == NOON + timedelta(minutes=15)
    clock.shown = [NOON + timedelta(minutes=15)]
    assert await access.open_link(late) is None
    with pytest.raises(Unauthenticated) as spent:
        await access.spend_link(late)
    assert spent.value.code == "access.link_spent"


async def test_signing_out_revokes_that_session_and_no_other(registry: Running) -> None:
    access = registry.house.access
    links = [await access.issue_link("staff", "busanjin", valid=timedelta(minutes=15)) for _ in range(2)]
    one, other = [await access.spend_link(link) for link in links]
    await access.end_session(one)
    with pytest.raises(Unauthenticated):
        await access.by_session(one)
    assert (await access.by_session(other)).role == "staff"
    await access.end_session(one)
    await access.end_session("nobody's")


async def test_a_link_and_its_session_are_the_same_account(registry: Running) -> None:
    access = registry.house.access
    link = await access.issue_link("auditor", "busanjin", valid=timedelta(minutes=15))
    opened = await access.open_link(link)
    assert opened is not None
    assert await access.by_session(await access.spend_link(link)) == opened[0]
    assert replace(opened[0], account=ANYBODY) == Actor("auditor", "busanjin", ANYBODY)


def _request(command: type[Command], actor: Actor) -> CommandRequest:
    return CommandRequest(command.model_construct(), actor, uuid4(), uuid4(), target=uuid4())
