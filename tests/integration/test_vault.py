"""Names live in the vault alone: kept encrypted, read by those who may for a stated reason, forgotten for good."""

import asyncio
import base64
import itertools
import json
import logging
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from registry import bootstrap
from registry.kernel.actors import Actor
from registry.kernel.errors import Refusal
from registry.kernel.ports import Errand, Person
from registry.settings import Settings
from registry.store.migrate import migrate
from structlog.testing import capture_logs

from deploy.embedded.postgres_data import program
from deploy.embedded.throwaway import ThrowawayServers
from tests.conftest import RegistryDatabase
from tests.integration.conftest import Person as Caller
from tests.integration.conftest import Running, running_registry

NAME, CONTACT = "배둘순", "doolsoon@busanjin.example"
BAE = {"name": NAME, "contact": CONTACT, "lang": "ko"}
WHY = "서명자 확인"
PG_DUMP = program("pg_dump")
_numbers = itertools.count(1)


@pytest.fixture
def empty_vault(servers: ThrowawayServers) -> Iterator[str]:
    """A database of the vault's owner without any table."""
    name = f"vault_{next(_numbers)}"
    maintenance = servers.postgres.url("postgres", "postgres")
    asyncio.run(_execute(maintenance, f"create database {name} owner moa_vault"))
    yield servers.postgres.url("moa_vault", name)
    asyncio.run(_execute(maintenance, f"drop database {name} with (force)"))


@pytest.fixture
def settings(empty_vault: str, registry_settings: Settings, servers: ThrowawayServers) -> Settings:
    """A registry's settings with a migrated vault."""
    asyncio.run(migrate(empty_vault, empty_vault, room="registry.vault"))
    key = servers.registry_env["MOA_VAULT_KEY"]
    return registry_settings.model_copy(update={"vault_database_url": empty_vault, "vault_key": key})


@pytest.fixture
async def vault(settings: Settings) -> AsyncIterator[Running]:
    """A running registry with an empty vault."""
    async with running_registry(settings) as running:
        yield running


async def _execute(url: str, sql: str, *arguments: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql, *arguments)
    finally:
        await connection.close()


async def rows(running: Running, sql: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(running.settings.vault_database_url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def noted(running: Running) -> list[tuple[object, ...]]:
    """The access log: who by role, office, what and why."""
    return await rows(running, "select split_part(who, ':', 1), office, what, why from access_log order by id")


def dump(url: str) -> str:
    """The whole database as text."""
    return subprocess.run([PG_DUMP, "--inserts", url], check=True, capture_output=True, text=True).stdout


def found_in(text: str, secret: str) -> bool:
    """Is it there, in the clear or in one of the forms in which bytes are written?"""
    raw = secret.encode()
    forms = (secret, raw.hex(), base64.b64encode(raw).decode().rstrip("=")[:-1], secret.encode("utf-16-le").hex())
    escaped = secret.encode("unicode_escape").decode()
    return any(form.casefold() in text.casefold() for form in (*forms, escaped))


async def kept(caller: Caller, body: object = BAE, key: UUID | None = None) -> str:
    answer = await caller.post("/persons", body, key=key)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def read(caller: Caller, person: str, why: str = WHY) -> httpx.Response:
    return await caller.client.get(
        f"/api/v1/persons/{person}", params={"why": why}, headers={"Authorization": f"Bearer {caller.token}"}
    )


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert re.search("[가-힣]", answer.json()["message"]["ko"])
    assert re.search("[a-z]", answer.json()["message"]["en"])
    assert not found_in(answer.text, NAME)


async def test_a_person_is_kept_and_read_for_a_reason_and_both_are_noted(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    answer = await clerk.post("/persons", BAE)
    person = answer.json()["id"]
    assert answer.json() == {"id": person}
    assert answer.headers["Location"] == f"/api/v1/persons/{person}"
    found = await read(clerk, person)
    assert (found.status_code, found.json()) == (200, {"id": person, **BAE})
    assert found.headers["Cache-Control"] == "no-store"
    assert await noted(vault) == [("staff", "busanjin", "kept", None), ("staff", "busanjin", "read", WHY)]
    [line] = await rows(vault, "select person::text, host(origin), at is not null from access_log where what = 'read'")
    assert line == (person, "127.0.0.1", True)


async def test_a_person_without_a_contact_is_kept_too(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk, {"name": "李明月", "lang": "zh-Hans"})
    assert (await read(clerk, person)).json() == {"id": person, "name": "李明月", "contact": None, "lang": "zh-Hans"}


async def test_the_owning_office_administrators_and_auditors_read_and_nobody_else(vault: Running):
    person = await kept(await vault.person("staff", "busanjin"))
    for role, office, status, code in (
        ("staff", "busanjin", 200, None),
        ("administrator", "main", 200, None),
        ("auditor", "audit", 200, None),
        ("staff", "haeundae", 403, "access.other_office"),
        ("service", "busanjin", 403, "access.role_may_not"),
    ):
        answer = await read(await vault.person(role, office), person)
        assert (answer.status_code, answer.json().get("code")) == (status, code)
        assert found_in(answer.text, NAME) is (status == 200)
    assert_problem(await vault.client.get(f"/api/v1/persons/{person}?why=x"), 401, "access.not_signed_in")
    assert [line[0] for line in await noted(vault)] == ["staff", "staff", "administrator", "auditor"]


async def test_the_owning_office_and_administrators_keep_and_forget_and_nobody_else(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    for role, office, code in (
        ("staff", "haeundae", "access.other_office"),
        ("auditor", "audit", "access.role_may_not"),
        ("service", "busanjin", "access.role_may_not"),
    ):
        stranger = await vault.person(role, office)
        assert_problem(await stranger.post(f"/persons/{person}/forget"), 403, code)
        assert_problem(await stranger.post("/persons", {**BAE, "office": "busanjin"}), 403, code)
    assert (await read(clerk, person)).status_code == 200
    for_busanjin = await kept(await vault.person("administrator", "main"), {**BAE, "office": "busanjin"})
    assert (await clerk.post(f"/persons/{for_busanjin}/forget")).status_code == 200
    assert (await (await vault.person("administrator", "main")).post(f"/persons/{person}/forget")).status_code == 200


async def test_without_a_reason_nothing_is_read(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    missing = await clerk.get(f"/persons/{person}")
    assert_problem(missing, 422, "person.reason_needed")
    assert [each["field"] for each in missing.json()["errors"]] == ["why"]
    for blank in ("", "   ", "a\x00b", "x" * 301):
        assert_problem(await read(clerk, person, blank), 422, "request.invalid")
    assert [line[2] for line in await noted(vault)] == ["kept"]


async def test_a_reason_that_tells_of_the_person_is_refused_and_noted_without_its_words(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    for why in (f"{NAME} 님 확인", f"mail {CONTACT.upper()}"):
        assert_problem(await read(clerk, person, why), 422, "person.reason_tells_of_them")
    answer = await clerk.post(f"/persons/{person}/forget", {"why": f"{NAME} 요청"})
    assert_problem(answer, 422, "person.reason_tells_of_them")
    assert [line[2:] for line in await noted(vault)] == [
        ("kept", None),
        *[("read", "(withheld: it told of the person)")] * 3,
    ]
    assert (await read(clerk, person)).status_code == 200


async def test_a_forgotten_person_is_a_tombstone_for_everybody_and_for_good(vault: Running):
    clerk, chief = await vault.person("staff", "busanjin"), await vault.person("administrator", "main")
    person, other = await kept(clerk), await kept(clerk, {"name": "김또순", "lang": "ko"})
    answer = await clerk.post(f"/persons/{person}/forget", {"why": "본인 요청"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"id", "forgotten_at"}
    for caller in (clerk, chief, await vault.person("auditor", "audit")):
        assert_problem(await read(caller, person), 410, "person.forgotten")
    assert (await chief.post(f"/persons/{person}/forget")).json() == answer.json()
    assert await rows(
        vault,
        "select wrapped_key, nonce, ciphertext, request_mac from person where forgotten_at is not null",
    ) == [(None, None, None, None)]
    assert [line[2:] for line in await noted(vault)] == [("kept", None), ("kept", None), ("forgotten", "본인 요청")]
    assert (await read(clerk, other)).json()["name"] == "김또순"


async def test_the_same_key_gives_the_same_person_and_another_body_is_refused(vault: Running):
    clerk, key = await vault.person("staff", "busanjin"), uuid4()
    person = await kept(clerk, key=key)
    assert await kept(clerk, key=key) == person
    for body in ({**BAE, "name": "배둘선"}, {"name": NAME, "lang": "ko"}, {**BAE, "lang": "en"}):
        assert_problem(await clerk.post("/persons", body, key=key), 422, "command.key_reused")
    assert await kept(await vault.person("staff", "busanjin"), key=key) != person
    assert await kept(clerk) != person
    assert [line[2] for line in await noted(vault)] == ["kept"] * 3


async def test_the_key_of_a_forgotten_person_brings_nobody_back(vault: Running):
    clerk, key = await vault.person("staff", "busanjin"), uuid4()
    person = await kept(clerk, key=key)
    await clerk.post(f"/persons/{person}/forget")
    assert_problem(await clerk.post("/persons", BAE, key=key), 422, "person.forgotten")
    assert_problem(await read(clerk, person), 410, "person.forgotten")


async def test_forgetting_under_one_key_is_one_act(vault: Running):
    clerk, key = await vault.person("staff", "busanjin"), uuid4()
    kept_under = uuid4()
    person, other = await kept(clerk, key=kept_under), await kept(clerk)
    first = await clerk.post(f"/persons/{person}/forget", {"why": "본인 요청"}, key=key)
    assert (await clerk.post(f"/persons/{person}/forget", {"why": "본인 요청"}, key=key)).json() == first.json()
    for target, body, used in ((person, {"why": "다른 이유"}, key), (other, None, key), (other, None, kept_under)):
        answer = await clerk.post(f"/persons/{target}/forget", body, key=used)
        assert_problem(answer, 422, "command.key_reused")
    assert_problem(await clerk.post("/persons", BAE, key=key), 422, "command.key_reused")
    assert (await read(clerk, other)).status_code == 200


async def test_many_at_once_under_one_key_keep_one_person(vault: Running):
    clerk, key = await vault.person("staff", "busanjin"), uuid4()
    assert len({*await asyncio.gather(*(kept(clerk, key=key) for _ in range(8)))}) == 1
    assert await rows(vault, "select count(*) from person") == [(1,)]
    assert [line[2] for line in await noted(vault)] == ["kept"]


@asynccontextmanager
async def held(running: Running, *persons: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else's transaction that has hold of these persons."""
    connection = await asyncpg.connect(running.settings.vault_database_url)
    try:
        async with connection.transaction():
            await connection.fetch("select 1 from person where id = any($1::uuid[]) for update", persons)
            yield connection
    finally:
        await connection.close()


async def until_waiting(running: Running, sessions: int) -> None:
    """Wait until that many sessions of the vault wait for a lock."""
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while await rows(running, waiting) != [(sessions,)]:  # noqa: ASYNC110 (Postgres does not tell of it)
        await asyncio.sleep(0.02)


async def test_one_key_for_two_persons_at_once_forgets_one(vault: Running):
    clerk, key = await vault.person("staff", "busanjin"), uuid4()
    persons = [await kept(clerk), await kept(clerk)]
    async with held(vault, *persons):
        asked = [asyncio.create_task(clerk.post(f"/persons/{person}/forget", key=key)) for person in persons]
        async with asyncio.timeout(10):
            await until_waiting(vault, 2)
    assert sorted([answer.status_code for answer in await asyncio.gather(*asked)]) == [200, 422]
    assert await rows(vault, "select count(*) from person where forgotten_at is null") == [(1,)]


async def test_a_read_waits_for_a_forgetting_that_is_under_way(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    async with held(vault, person) as other:
        asked = asyncio.create_task(read(clerk, person))
        async with asyncio.timeout(10):
            await until_waiting(vault, 1)
        await other.execute(
            "update person set wrapped_key = null, nonce = null, ciphertext = null, request_mac = null,"
            " forgotten_at = now()"
        )
    assert_problem(await asked, 410, "person.forgotten")


async def test_reading_and_forgetting_at_once_leave_a_line_for_every_answer(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    answers = await asyncio.gather(
        *(read(clerk, person) for _ in range(10)),
        clerk.post(f"/persons/{person}/forget"),
        *(read(clerk, person) for _ in range(10)),
    )
    told = [answer for answer in answers if found_in(answer.text, NAME)]
    assert {answer.status_code for answer in answers} <= {200, 410}
    assert [line[2] for line in await noted(vault)] == ["kept", *["read"] * len(told), "forgotten"]


async def test_what_cannot_be_noted_is_not_answered(vault: Running):
    assert vault.house.vault is not None
    person = UUID(await kept(await vault.person("staff", "busanjin")))
    await _execute(
        vault.settings.vault_database_url, "alter table access_log add constraint broken check (false) not valid"
    )
    auditor = Errand(Actor("auditor", "audit", uuid4()), why=WHY)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await vault.house.vault.reveal(person, auditor)
    assert not found_in(f"{refused.value!r} {refused.value} {refused.value.detail}", NAME)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (None, [""]),
        ({}, ["name", "lang"]),
        ([], [""]),
        ({"name": "  ", "lang": "Korean!"}, ["name", "lang"]),
        ({"name": "a\x00b", "contact": "\ud800", "lang": "ko"}, ["name", "contact"]),
        ({"name": "x" * 301, "contact": 5, "lang": "ko"}, ["name", "contact"]),
        ({**BAE, "office": "Not An Office"}, ["office"]),
        ({**BAE, "birthday": "1970-01-01"}, ["birthday"]),
    ],
)
async def test_bad_input_is_a_problem_with_every_field_in_two_languages(vault: Running, body, fields):
    clerk = await vault.person("staff", "busanjin")
    sent = {
        "Authorization": f"Bearer {clerk.token}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
    }
    content = "" if body is None else json.dumps(body)
    answer = await vault.client.post("/api/v1/persons", content=content, headers=sent)
    assert_problem(answer, 422, "request.invalid")
    assert [each["field"] for each in answer.json()["errors"]] == fields
    assert all(re.search("[가-힣]", each["message"]["ko"]) for each in answer.json()["errors"])
    assert await rows(vault, "select count(*) from person") == [(0,)]


async def test_bad_headers_ids_and_parameters_are_problems_too(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    bearer = {"Authorization": f"Bearer {clerk.token}"}
    assert_problem(await vault.client.post("/api/v1/persons", json=BAE, headers=bearer), 400, "command.key_missing")
    assert_problem(await clerk.post("/persons", BAE, key="not-a-uuid"), 400, "command.key_wrong")
    assert_problem(await clerk.get("/persons/nobody?why=x"), 422, "request.invalid")
    assert_problem(await clerk.get(f"/persons/{uuid4()}?why=x"), 404, "person.unknown")
    assert_problem(await clerk.get(f"/persons/{uuid4()}?why=x&who=me"), 422, "query.unknown")
    assert_problem(await clerk.post(f"/persons/{uuid4()}/forget"), 404, "person.unknown")
    assert_problem(await clerk.post(f"/persons/{uuid4()}/forget", {"why": 3}), 422, "request.invalid")


async def test_no_column_of_either_database_holds_a_name_or_contact(
    vault: Running, registry_database: RegistryDatabase
):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    organisation = {"kind": "local_government", "names": [{"lang": "ko", "text": "부산진구"}], "country": "KR"}
    assert (await clerk.post("/organisations", organisation)).status_code == 201
    await vault.follow()
    await read(clerk, person)
    await read(clerk, person, f"{NAME} 확인")
    await clerk.post("/persons", {**BAE, "lang": "?"})
    before = dump(vault.settings.vault_database_url)
    assert person in before
    await clerk.post(f"/persons/{person}/forget")
    after = dump(vault.settings.vault_database_url)
    assert person in after
    for text in (before, after, dump(registry_database.superuser_url)):
        assert not found_in(text, NAME)
        assert not found_in(text, CONTACT)


@pytest.mark.parametrize(
    "planted", [NAME, f"{{{NAME}}}".encode(), NAME.encode("utf-16-le"), base64.b64encode(NAME.encode())]
)
async def test_the_scan_would_have_found_it(empty_vault: str, planted: str | bytes):
    kind = "text" if isinstance(planted, str) else "bytea"
    await _execute(empty_vault, f"create table planted (value {kind})")
    await _execute(empty_vault, "insert into planted values ($1)", planted)
    text = dump(empty_vault)
    assert found_in(text, NAME) or found_in(text, base64.b64encode(NAME.encode()).decode())


async def test_the_service_logs_requests_and_no_names(vault: Running, caplog, capfd):
    clerk = await vault.person("staff", "busanjin")
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        person = await kept(clerk)
        await read(clerk, person)
        await read(clerk, person, f"{NAME} 확인")
        await clerk.post("/persons", {**BAE, NAME: 1})
        await clerk.post("/persons", {**BAE, "lang": NAME})
        await read(await vault.person("staff", "haeundae"), person)
        await clerk.post(f"/persons/{person}/forget")
        await read(clerk, person)
    assert [line["event"] for line in lines if line["event"].startswith("person.")] == [
        "person.kept",
        "person.read",
        "person.forgotten",
    ]
    assert {line["event"] for line in lines} >= {"http.answered", "request.refused"}
    out = capfd.readouterr()
    for text in (repr(lines), caplog.text, out.out, out.err):
        assert not found_in(text, NAME)
        assert not found_in(text, CONTACT)
        assert "확인" not in text


async def test_figures_tell_no_names(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    await read(clerk, await kept(clerk))
    assert not found_in((await vault.client.get("/metrics")).text, NAME)


async def test_the_access_log_and_tombstones_cannot_be_rewritten(vault: Running):
    clerk = await vault.person("staff", "busanjin")
    person = await kept(clerk)
    await clerk.post(f"/persons/{person}/forget")
    for sql in (
        "update access_log set who = 'staff:nobody'",
        "delete from access_log",
        "truncate access_log",
        "delete from person",
        "update person set forgotten_at = null",
    ):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError)):
            await _execute(vault.settings.vault_database_url, sql)


async def test_another_master_key_neither_reads_nor_keeps_and_says_so(vault: Running):
    clerk, key = await vault.person("staff", "busanjin"), uuid4()
    person = await kept(clerk, key=key)
    other = base64.b64encode(bytes(32)).decode()
    async with running_registry(vault.settings.model_copy(update={"vault_key": other})) as wrong:
        stranger = Caller(wrong.client, clerk.token)
        assert_problem(await read(stranger, person), 503, "vault.locked")
        assert_problem(await stranger.post("/persons", BAE), 503, "vault.locked")
        assert_problem(await stranger.post("/persons", BAE, key=key), 503, "vault.locked")
        assert "the vault is under another master key than MOA_VAULT_KEY" in await wrong.house.missing()
    assert [line[2] for line in await noted(vault)] == ["kept"]
    assert await vault.house.missing() == []


@pytest.mark.parametrize(("key", "code"), [("", "vault.key_missing"), ("abc", "vault.key_wrong")])
async def test_a_registry_with_a_vault_and_no_usable_key_does_not_start(settings: Settings, key: str, code: str):
    unusable = settings.model_copy(update={"vault_key": key})
    with pytest.raises(Refusal, match=code):
        bootstrap.application(unusable)
    with pytest.raises(Refusal, match=code):
        async with bootstrap.open_house(unusable):
            pass


async def test_migrating_brings_up_the_vault_too_and_only_once(empty_vault: str, registry_settings: Settings):
    with_vault = registry_settings.model_copy(
        update={"vault_database_url": empty_vault, "vault_key": base64.b64encode(bytes(32)).decode()}
    )
    async with bootstrap.open_house(with_vault) as house:
        assert "the vault has no tables: run `registry migrate`" in await house.missing()
    assert await bootstrap.bring_up_to_date(with_vault) == ["vault 0001_persons.sql"]
    assert await bootstrap.bring_up_to_date(with_vault) == []


async def test_without_a_vault_the_rest_goes_on_and_persons_are_not_served(registry: Running):
    clerk = await registry.person("staff", "busanjin")
    for answer in (
        await clerk.post("/persons", BAE),
        await clerk.get(f"/persons/{uuid4()}?why=x"),
        await clerk.post(f"/persons/{uuid4()}/forget"),
    ):
        assert_problem(answer, 503, "vault.not_configured")
    assert registry.house.vault is None


async def test_the_port_keeps_and_gives_back_the_shape_it_was_given(vault: Running):
    assert vault.house.vault is not None
    clerk = Errand(Actor("staff", "busanjin", uuid4()), why=WHY)
    fields = Person(NAME, None, "ko")
    assert (
        await vault.house.vault.reveal(await vault.house.vault.keep(uuid4(), fields, "busanjin", clerk), clerk)
        == fields
    )
