"""Bad input over the API gets a clear refusal in Korean and English, and nothing is recorded."""

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registry.bootstrap import OFFERED
from registry.kernel.commands import Opening

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Person, Running
from tests.integration.test_main_job import drafted, organisation, registered

HANGUL = re.compile("[가-힣]")
NOBODY = "00000000-0000-4000-8000-000000000000"
_HOUR = timedelta(hours=1)
Wrong = tuple[str, str]


@dataclass
class Scene:
    """A clerk, two organisations and a drafted MOU; three facts, and there they stay."""

    registry: Running
    clerk: Person
    busanjin: str
    xicheng: str
    mou: str

    async def refuses(self, answer: httpx.Response, status: int, code: str, *wrong: Wrong) -> dict[str, Any]:
        """A problem in both languages with exactly these field errors, and the log where it was."""
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        assert problem["code"] == code
        assert problem["type"] == f"urn:moa:problem:{code}"
        assert problem["status"] == status
        assert problem["request"] == answer.headers["X-Request-Id"]
        assert (problem["detail"], problem["title"]) == (problem["message"]["ko"], problem["message"]["en"])
        for message in (problem["message"], *(error["message"] for error in problem.get("errors", ()))):
            assert HANGUL.search(message["ko"]), message
            assert message["en"], message
            assert not HANGUL.search(message["en"]), message
        found = [(error["field"], error["code"]) for error in problem.get("errors", ())]
        assert sorted(found) == sorted(wrong)
        assert await self.registry.house.log.head() == 3
        return problem

    def draft(self, **other: object) -> dict[str, object]:
        """The body of a draft that would be taken, with something else in it."""
        return {
            "number": "7",
            "year": 2025,
            "kind": "mou",
            "titles": [{"lang": "ko", "text": "우호 협약"}],
            "parties": [{"organisation": self.busanjin}, {"organisation": self.xicheng}],
        } | other

    async def send(self, body: bytes, *, content_type: str = "application/json") -> httpx.Response:
        """The bytes as they are, as a new organisation."""
        headers = {
            "Authorization": f"Bearer {self.clerk.token}",
            "Idempotency-Key": str(uuid4()),
            "Content-Type": content_type,
        }
        return await self.clerk.client.post("/api/v1/organisations", content=body, headers=headers)


@pytest.fixture
async def scene(registry: Running) -> Scene:
    clerk = await registry.person("staff", "busanjin")
    busanjin, xicheng = await registered(clerk, "부산진구"), await registered(clerk, "베이징 시청구", "CN")
    return Scene(registry, clerk, busanjin, xicheng, await drafted(clerk, [busanjin, xicheng]))


async def test_an_unknown_field_is_refused_by_name(scene: Scene) -> None:
    answer = await scene.clerk.post("/organisations", organisation("영등포구") | {"colour": "red"})
    problem = await scene.refuses(answer, 422, "request.invalid", ("colour", "extra_forbidden"))
    assert problem["errors"][0]["message"] == {
        "ko": "알 수 없는 항목입니다. 빼고 보내 주세요.",
        "en": "There is no such field: leave it out.",
    }
    nested = organisation("영등포구") | {"names": [{"lang": "ko", "text": "영등포구", "size": 1}]}
    answer = await scene.clerk.post("/organisations", nested)
    await scene.refuses(answer, 422, "request.invalid", ("names.0.size", "unexpected_keyword_argument"))


async def test_every_field_error_comes_at_once(scene: Scene) -> None:
    body = {
        "number": "",
        "year": 1492,
        "kind": "treaty",
        "titles": [{"lang": "Korean", "text": "  "}],
        "fields": "관광",
        "parties": [{"organisation": "부산진구"}, 7],
        "signed_on_paper": {"on": "어제"},
        "nonsense": None,
    }
    await scene.refuses(
        await scene.clerk.post("/agreements", body),
        422,
        "request.invalid",
        ("number", "string_pattern_mismatch"),
        ("year", "greater_than_equal"),
        ("kind", "literal_error"),
        ("titles.0.lang", "string_pattern_mismatch"),
        ("titles.0.text", "text.empty"),
        ("fields", "tuple_type"),
        ("parties.0.organisation", "uuid_parsing"),
        ("parties.1", "dataclass_type"),
        ("signed_on_paper.on", "date.unreadable"),
        ("nonsense", "extra_forbidden"),
    )


async def test_a_malformed_address_and_a_malformed_body_are_told_together(scene: Scene) -> None:
    answer = await scene.clerk.post("/agreements/7/sign", {"on": "soon"})
    await scene.refuses(
        answer,
        422,
        "request.invalid",
        ("record", "uuid_parsing"),
        ("organisation", "missing"),
        ("on", "date_parsing"),
    )


async def test_wrong_types_are_refused(scene: Scene) -> None:
    for field, value, code in (
        ("number", 7, "string_type"),
        ("number", None, "string_type"),
        ("year", "soon", "int_parsing"),
        ("year", 2025.5, "int_from_float"),
        ("year", [2025], "int_type"),
        ("kind", {"mou": True}, "literal_error"),
        ("titles", {}, "tuple_type"),
        ("titles", [], "too_short"),
        ("titles", [None], "dataclass_type"),
        ("parties", "both", "tuple_type"),
        ("stated_parties", "two", "int_parsing"),
        ("parent", 5, "uuid_type"),
        ("fields", ["x" * 301], "string_too_long"),
        ("office", "../etc", "string_pattern_mismatch"),
    ):
        answer = await scene.clerk.post("/agreements", scene.draft(**{field: value}))
        assert answer.status_code == 422, (field, value)
        where = (
            {"titles": "titles.0", "fields": "fields.0"}.get(field, field) if value in ([None], ["x" * 301]) else field
        )
        await scene.refuses(answer, 422, "request.invalid", (where, code))


async def test_numbers_that_are_none_or_too_large_are_refused(scene: Scene) -> None:
    for number, code in (
        ("NaN", "finite_number"),
        ("Infinity", "finite_number"),
        ("-Infinity", "finite_number"),
        ("1e400", "finite_number"),
        ("9" * 30, "less_than_equal"),
        ("-1", "greater_than_equal"),
    ):
        body = json.dumps(scene.draft(year="YEAR")).replace('"YEAR"', number).encode()
        headers = {"Authorization": f"Bearer {scene.clerk.token}", "Idempotency-Key": str(uuid4())}
        sent = {**headers, "Content-Type": "application/json"}
        answer = await scene.clerk.client.post("/api/v1/agreements", content=body, headers=sent)
        await scene.refuses(answer, 422, "request.invalid", ("year", code))


async def test_a_body_that_is_no_json_is_refused(scene: Scene) -> None:
    for body in (
        b"{",
        b"names=%EB%B6%80",
        b"\xff\xfe\xfd{}",
        '{"kind": "\ubd80"}'.encode("cp949"),
        b'{"kind": ' + b"9" * 5000 + b"}",
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"[" * 100_000,
    ):
        await scene.refuses(await scene.send(body), 400, "request.unreadable")


async def test_json_that_is_no_object_is_refused(scene: Scene) -> None:
    for body in (b"[]", b"[1, 2]", b'"words"', b"7", b"true", b"null"):
        await scene.refuses(await scene.send(body), 422, "request.invalid", ("", "model_attributes_type"))
    await scene.refuses(await scene.send(b""), 422, "request.invalid", ("", "missing"))
    as_text = await scene.send(json.dumps(organisation("영등포구")).encode(), content_type="text/plain")
    await scene.refuses(as_text, 422, "request.invalid", ("", "model_attributes_type"))


async def test_characters_that_nobody_can_read_are_refused(scene: Scene) -> None:
    for escaped, code in (
        (r"\u0000", "text.control_character"),
        (r"\u0007", "text.control_character"),
        (r"\ud800", "string_unicode"),
        (r"\udfff\ud800", "string_unicode"),
    ):
        body = json.dumps(organisation("영등포구")).replace('"text": "', f'"text": "{escaped}a')
        await scene.refuses(await scene.send(body.encode()), 422, "request.invalid", ("names.0.text", code))
    for name in (r"\ud800", r"\u0000"):
        body = json.dumps(organisation("영등포구")).replace('"kind"', f'"{name}": 1, "kind"')
        answer = await scene.send(body.encode())
        assert answer.status_code in {400, 422}, answer.text
        await scene.refuses(
            answer,
            answer.status_code,
            answer.json()["code"],
            *((error["field"], error["code"]) for error in answer.json().get("errors", ())),
        )


async def test_a_body_of_10_mb_is_refused_however_it_comes(scene: Scene) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1_048_576

    headers = {
        "Authorization": f"Bearer {scene.clerk.token}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
    }
    whole = await scene.clerk.client.post("/api/v1/organisations", content=b" " * 10_485_760, headers=headers)
    assert whole.request.headers["Content-Length"] == "10485760"
    await scene.refuses(whole, 413, "request.too_large")
    chunked = await scene.clerk.client.post("/api/v1/organisations", content=pieces(), headers=headers)
    assert chunked.request.headers["Transfer-Encoding"] == "chunked"
    await scene.refuses(chunked, 413, "request.too_large")


async def test_a_record_that_is_not_there_is_not_found(scene: Scene) -> None:
    signature = {"organisation": scene.busanjin, "on": "2025-06-10"}
    unknown = await scene.clerk.post(f"/agreements/{NOBODY}/sign", signature)
    await scene.refuses(unknown, 404, "record.unknown")
    of_another_slice = await scene.clerk.post(f"/agreements/{scene.busanjin}/sign", signature)
    await scene.refuses(of_another_slice, 404, "record.unknown")
    for slice_, code in (
        ("agreements", "agreement.unknown"),
        ("organisations", "organisation.unknown"),
        ("renewals", "renewal.unknown"),
        ("partnerships", "partnership.unknown"),
        ("delegations", "delegation.unknown"),
    ):
        await scene.refuses(await scene.clerk.get(f"/{slice_}/{NOBODY}"), 404, code)
        malformed = await scene.clerk.get(f"/{slice_}/7")
        await scene.refuses(malformed, 422, "request.invalid", ("record", "uuid_parsing"))


async def test_an_agreement_needs_two_different_registered_parties(scene: Scene) -> None:
    one = scene.draft(parties=[{"organisation": scene.busanjin}])
    answer = await scene.clerk.post("/agreements", one)
    await scene.refuses(answer, 422, "request.invalid", ("parties", "agreement.two_parties_at_least"))
    several = scene.draft(
        parties=[
            {"organisation": scene.busanjin},
            {"organisation": scene.busanjin},
            {"organisation": NOBODY},
            {"organisation": scene.mou},
            {},
            {"organisation": scene.xicheng, "placeholder": "시청구"},
        ],
        parent=NOBODY,
    )
    await scene.refuses(
        await scene.clerk.post("/agreements", several),
        422,
        "request.invalid",
        ("parties.1", "agreement.party_twice"),
        ("parties.2.organisation", "agreement.party_unknown"),
        ("parties.3.organisation", "agreement.party_unknown"),
        ("parties.4", "agreement.party_unclear"),
        ("parties.5", "agreement.party_unclear"),
        ("parent", "agreement.parent_unknown"),
    )


async def test_a_stranger_cannot_sign(scene: Scene) -> None:
    answer = await scene.clerk.post(f"/agreements/{scene.mou}/sign", {"organisation": NOBODY, "on": "2025-06-10"})
    problem = await scene.refuses(answer, 409, "agreement.not_a_party")
    assert problem["message"] == {
        "ko": "이 기관은 협약의 당사자가 아닙니다. 당사자 목록에 있는 기관을 골라 주세요.",
        "en": "This organisation is not a party to the agreement: choose one of its parties.",
    }


async def test_what_is_not_signed_does_not_enter_into_force(scene: Scene) -> None:
    answer = await scene.clerk.post(f"/agreements/{scene.mou}/enter-into-force", {"on": "2025-06-10"})
    await scene.refuses(answer, 409, "agreement.not_signed")


async def test_a_term_that_cannot_be_is_refused_and_the_entry_into_force_with_it(registry: Running) -> None:
    clerk = await registry.person()
    busanjin, xicheng = await registered(clerk, "부산진구"), await registered(clerk, "베이징 시청구", "CN")
    body = {
        "number": "1",
        "year": 2025,
        "kind": "mou",
        "titles": [{"lang": "ko", "text": "우호 협약"}],
        "parties": [{"organisation": busanjin}, {"organisation": xicheng}],
        "signed_on_paper": {"on": "2025-06"},
    }
    paper = (await clerk.post("/agreements", body)).json()["id"]
    head = await registry.house.log.head()
    for term, code in (
        ({"start": "2025-06-10", "end": "2025-06-09"}, "agreement.end_before_start"),
        ({"start": "2025-06-10", "end": "2028-06-09", "renewal": "tacit"}, "agreement.tacit_without_period"),
        (
            {"start": "2025-06-10", "end": "2028-06-09", "renewal": "tacit", "period": {"years": 0}},
            "agreement.tacit_without_period",
        ),
        ({"start": "2025-06-10"}, "agreement.end_and_kind_disagree"),
        ({"start": "2025-06-10", "end_kind": "indefinite", "end": "2028-06-09"}, "agreement.end_and_kind_disagree"),
    ):
        answer = await clerk.post(f"/agreements/{paper}/enter-into-force", {"on": "2025-06-10", "term": term})
        assert (answer.status_code, answer.json()["code"]) == (409, code), term
        assert HANGUL.search(answer.json()["message"]["ko"])
        assert not HANGUL.search(answer.json()["message"]["en"])
    assert await registry.house.log.head() == head
    early = await clerk.post(f"/agreements/{paper}/enter-into-force", {"on": "2025-05-31"})
    assert (early.status_code, early.json()["code"]) == (409, "agreement.in_force_before_signing")
    assert await registry.house.log.head() == head


async def test_a_version_that_is_not_the_last_is_stale(scene: Scene) -> None:
    signature = {"organisation": scene.busanjin, "on": "2025-06-10"}
    for version in ('"2"', 'W/"2"', '"0"', '"999999999"'):
        answer = await scene.clerk.post(f"/agreements/{scene.mou}/sign", signature, If_Match=version)
        problem = await scene.refuses(answer, 412, "record.stale")
        assert problem["message"]["en"] == "It stands at version 1: load it again, then try once more."
        assert problem["message"]["ko"] == "지금 버전은 1입니다. 새로 불러온 뒤 다시 시도해 주세요."
    for malformed in ("1", '"one"', '"1', "", '"-1"', '"9999999999"', '"1", "2"', "null"):
        answer = await scene.clerk.post(f"/agreements/{scene.mou}/sign", signature, If_Match=malformed)
        await scene.refuses(answer, 400, "command.version_wrong")
    taken = await scene.clerk.post(f"/agreements/{scene.mou}/sign", signature, If_Match='"1"')
    assert (taken.status_code, taken.headers["ETag"]) == (200, '"2"')


async def test_a_write_needs_a_key_of_its_own(scene: Scene) -> None:
    client, token = scene.clerk.client, {"Authorization": f"Bearer {scene.clerk.token}"}
    missing = await client.post("/api/v1/organisations", json=organisation("영등포구"), headers=token)
    await scene.refuses(missing, 400, "command.key_missing")
    for malformed in ("", "7", "not-a-uuid", "{}", "x" * 5000, "3f0c0a52-5d5e-4c0e-9a3b"):
        answer = await scene.clerk.post("/organisations", organisation("영등포구"), key=malformed or " ")
        await scene.refuses(answer, 400, "command.key_wrong")


async def test_a_key_that_was_used_for_something_else_is_refused(registry: Running) -> None:
    clerk, key = await registry.person(), uuid4()
    first = await clerk.post("/organisations", organisation("부산진구"), key=key)
    record = first.json()["id"]
    other_body = await clerk.post("/organisations", organisation("영등포구"), key=key)
    other_command = await clerk.post(
        f"/organisations/{record}/state-alias", {"alias": {"lang": "ko", "text": "진구"}}, key=key
    )
    refused_body = await clerk.post("/agreements", {**_mou_of(record, record)}, key=key)
    for answer in (other_body, other_command, refused_body):
        assert (answer.status_code, answer.json()["code"]) == (422, "command.key_reused")
        assert HANGUL.search(answer.json()["message"]["ko"])
    assert await registry.house.log.head() == 1
    somebody_else = await (await registry.person()).post("/organisations", organisation("영등포구"), key=key)
    assert somebody_else.status_code == 201
    assert somebody_else.json()["id"] != record


def _mou_of(*parties: str) -> dict[str, object]:
    return {
        "number": "1",
        "year": 2025,
        "kind": "mou",
        "titles": [{"lang": "ko", "text": "협약"}],
        "parties": [{"organisation": party} for party in parties],
    }


async def test_a_role_that_may_not_changes_nothing(scene: Scene) -> None:
    for role in ("auditor", "service"):
        person = await scene.registry.person(role, "busanjin")
        answer = await person.post("/organisations", organisation("영등포구"))
        await scene.refuses(answer, 403, "access.role_may_not")
        answer = await person.post(
            f"/agreements/{scene.mou}/sign", {"organisation": scene.busanjin, "on": "2025-06-10"}
        )
        await scene.refuses(answer, 403, "access.role_may_not")


async def test_another_offices_records_cannot_be_changed_or_begun(scene: Scene) -> None:
    stranger = await scene.registry.person("staff", "yeongdeungpo")
    signature = {"organisation": scene.busanjin, "on": "2025-06-10"}
    answer = await stranger.post(f"/agreements/{scene.mou}/sign", signature)
    problem = await scene.refuses(answer, 403, "access.other_office")
    assert problem["title"] == "This record belongs to another office (busanjin): ask that office to change it."
    for path, body in (
        ("/organisations", organisation("영등포구") | {"office": "busanjin"}),
        ("/agreements", scene.draft(office="busanjin")),
        (f"/organisations/{scene.busanjin}/state-alias", {"alias": {"lang": "ko", "text": "진구"}}),
    ):
        await scene.refuses(await stranger.post(path, body), 403, "access.other_office")


async def test_nobody_gets_in_without_a_token_that_is_good(scene: Scene, registry_database: RegistryDatabase) -> None:
    expired, revoked = [(await scene.registry.person()).token for _ in range(2)]
    await _execute(registry_database, "update credential set expires_at = now() - interval '1 second' "
                   "where hash = sha256($1)", expired.encode())  # fmt: skip
    await _execute(registry_database, "update credential set revoked_at = now() where hash = sha256($1)",
                   revoked.encode())  # fmt: skip
    link = await scene.registry.house.access.issue_link("staff", "busanjin", valid=_HOUR)
    session = await scene.registry.house.access.spend_link(
        await scene.registry.house.access.issue_link("staff", "busanjin", valid=_HOUR)
    )
    client = scene.clerk.client
    for authorization in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer moa_" + "x" * 43,
        "Bearer " + "x" * 10_000,
        f"Basic {base64.b64encode(b'moa:moa').decode()}",
        f"Token {scene.clerk.token}",
        scene.clerk.token,
        f"Bearer {expired}",
        f"Bearer {revoked}",
        f"Bearer {link}",
        f"Bearer {session}",
        f"Bearer {scene.clerk.token}x",
    ):
        headers = {} if authorization is None else {"Authorization": authorization}
        written = await client.post(
            "/api/v1/organisations",
            json=organisation("영등포구"),
            headers={**headers, "Idempotency-Key": str(uuid4())},
        )
        read = await client.get("/api/v1/agreements", headers=headers)
        for answer in (written, read):
            await scene.refuses(answer, 401, "access.not_signed_in")
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="moa"'


async def test_nothing_of_the_api_can_be_read_without_signing_in(scene: Scene) -> None:
    paths = (await scene.clerk.client.get("/openapi.json")).json()["paths"]
    asked = [(path, method) for path, methods in paths.items() for method in methods if path.startswith("/api/")]
    assert sum(method == "post" for _, method in asked) >= len(OFFERED)
    for path, method in asked:
        answer = await scene.clerk.client.request(method.upper(), path.replace("{record}", scene.mou))
        await scene.refuses(answer, 401, "access.not_signed_in")


async def test_a_parameter_that_means_nothing_is_refused(scene: Scene) -> None:
    for path, *strange in (
        ("/agreements?colour=red&size=5", "colour", "size"),
        ("/agreements/{mou}?as=1", "as"),
        ("/agreements/{mou}/events?limit=5", "limit"),
        ("/organisations?kind=hospital", "kind"),
        ("/renewals?q=x", "q"),
        ("/partnerships?cursor=x", "cursor"),
        ("/delegations?%EB%B6%80=1", "부"),
        ("/events?before=5", "before"),
    ):
        answer = await scene.clerk.get(path.format(mou=scene.mou))
        assert answer.status_code == 422, path
        assert answer.json()["code"] == "query.unknown", path
        assert [error["field"] for error in answer.json()["errors"]] == strange


async def test_silly_pages_are_refused(scene: Scene) -> None:
    for limit in ("0", "-1", "201", "1000", "five", "", "1e3", "5.0", "٣", "9" * 5000, "%00"):
        for path in ("/agreements", "/organisations", "/renewals", "/partnerships", "/delegations", "/events"):
            await scene.refuses(await scene.clerk.get(f"{path}?limit={limit}"), 422, "query.limit_wrong")
    for after in ("-1", "x", "9" * 19, "9" * 5000, "1.0", "%00"):
        await scene.refuses(await scene.clerk.get(f"/events?after={after}"), 422, "query.number_wrong")
    for year in ("x", "99999", "-1", "9" * 5000):
        await scene.refuses(await scene.clerk.get(f"/agreements?year={year}"), 422, "query.number_wrong")
    for words in ("%00", "a%00b", "%0d%0a"):
        for path in ("/agreements", "/organisations"):
            await scene.refuses(await scene.clerk.get(f"{path}?q={words}"), 422, "query.unreadable")
    for name in ("state", "kind", "office"):
        await scene.refuses(await scene.clerk.get(f"/agreements?{name}=%00"), 422, "query.unreadable")


async def test_a_cursor_that_is_not_ours_is_refused(scene: Scene) -> None:
    def mark(*parts: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()

    deep = base64.urlsafe_b64encode(b"[" * 20_000).decode()
    for path, good in (
        ("/agreements", ("2025", "1", NOBODY)),
        ("/organisations", ("가", NOBODY)),
        ("/renewals", ("", NOBODY)),
    ):
        wrong = [
            "x", "!", "", "%00", "가", "e30", "W10", "bnVsbA", "NQ", deep, mark(), mark(*good, 1),
            mark(*good[:-1], "x"), mark(*good[:-1], None), mark(*good[:-2], "\ud800", NOBODY),
            mark(*good[:-2], "\x00", NOBODY),
        ]  # fmt: skip
        if path == "/agreements":
            wrong += [mark(year, "1", NOBODY) for year in (10**30, 2**31, str(2**31), "9" * 5000, "x", "1.5", 1.5)]
        for cursor in wrong:
            answer = await scene.clerk.get(f"{path}?cursor={cursor}")
            await scene.refuses(answer, 422, "query.cursor_wrong")
        assert (await scene.clerk.get(f"{path}?cursor={mark(*good)}")).status_code == 200, path


async def test_a_position_that_is_none_is_refused(scene: Scene) -> None:
    for position in ("x", "-1", "", "1.0", "9223372036854775808", "9" * 5000, "0x1", "1,2"):
        answer = await scene.clerk.get("/agreements", Registry_Position=position)
        await scene.refuses(answer, 422, "request.position_wrong")
        await scene.refuses(await scene.clerk.get(f"/agreements?at={position}"), 422, "request.position_wrong")


async def test_a_position_that_is_not_reached_in_time_is_told_to_come_again(scene: Scene) -> None:
    started = time.monotonic()
    answer = await scene.clerk.get(f"/agreements/{scene.mou}", Registry_Position="9223372036854775807")
    assert time.monotonic() - started < 10
    await scene.refuses(answer, 503, "view.behind")
    assert answer.headers["Retry-After"] == "1"


async def test_a_method_that_an_address_does_not_take_is_told_apart_from_no_address(scene: Scene) -> None:
    token = {"Authorization": f"Bearer {scene.clerk.token}"}
    for method, path, allowed in (
        ("DELETE", "/organisations", "GET, POST"),
        ("PUT", f"/organisations/{scene.busanjin}", "GET"),
        ("PATCH", f"/agreements/{scene.mou}", "GET"),
        ("GET", f"/agreements/{scene.mou}/sign", "POST"),
        ("POST", f"/agreements/{scene.mou}/events", "GET"),
        ("POST", "/events", "GET"),
        ("OPTIONS", "/agreements", "GET, POST"),
        ("TRACE", "/agreements", "GET, POST"),
    ):
        answer = await scene.clerk.client.request(method, f"/api/v1{path}", headers=token)
        await scene.refuses(answer, 405, "request.no_such_method")
        assert answer.headers["Allow"] == allowed
    for path in (
        "/api",
        "/api/",
        "/api/v2/agreements",
        "/api/v1",
        "/api/v1/treaties",
        "/api/v1/agreements/x/y/z",
        "/api/%00",
    ):
        for method in ("GET", "POST", "DELETE"):
            answer = await scene.clerk.client.request(method, path, headers=token)
            if path != "/api":  # a page's address, as far as anybody knows
                await scene.refuses(answer, 404, "request.no_such_address")
            assert answer.status_code == 404


async def test_a_register_number_is_taken_once(scene: Scene) -> None:
    answer = await scene.clerk.post("/agreements", scene.draft(number="1"))
    problem = await scene.refuses(answer, 409, "agreement.number_taken")
    assert problem["message"] == {
        "ko": "이미 사용 중인 번호입니다: 1. 다른 번호를 입력해 주세요.",
        "en": "This number is taken: 1. Choose another.",
    }
    other_year = await scene.clerk.post("/agreements", scene.draft(number="1", year=2026))
    assert other_year.status_code == 201
    other_office = await scene.registry.person("staff", "yeongdeungpo")
    assert (await other_office.post("/agreements", scene.draft(number="1"))).status_code == 201


async def test_a_business_number_is_taken_once_however_it_is_written(registry: Running) -> None:
    clerk = await registry.person()
    number = [{"scheme": "kr-brn", "value": "124-81-00998"}]
    assert (await clerk.post("/organisations", organisation("가") | {"identifiers": number})).status_code == 201
    number = [{"scheme": "kr-brn", "value": "1248100998"}]
    taken = await clerk.post("/organisations", organisation("나") | {"identifiers": number})
    assert (taken.status_code, taken.json()["code"]) == (409, "organisation.kr-brn_taken")
    number = [{"scheme": "kr-brn", "value": "124810099"}]
    wrong = await clerk.post("/organisations", organisation("나") | {"identifiers": number, "region": "CN-11"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request.invalid")
    assert [(error["field"], error["code"]) for error in wrong.json()["errors"]] == [
        ("region", "organisation.region_elsewhere"),
        ("identifiers.0.value", "organisation.identifier_wrong"),
    ]
    assert await registry.house.log.head() == 1


NASTY = [10**400, -(2**63), "\x00", "\ud800", "0000-00-00", "9999-12-31", "XXXX-02-30", "2025-13-01", NOBODY, "\u202e"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(NASTY),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def plausible(  # noqa: C901 (a table of cases)
    schema: dict[str, Any], definitions: dict[str, Any]
) -> st.SearchStrategy[Any]:
    """What a JSON schema asks for, and now and then something else."""
    if "$ref" in schema:
        return st.deferred(lambda: plausible(definitions[schema["$ref"].rpartition("/")[2]], definitions))
    sound: st.SearchStrategy[Any]
    match schema:
        case {"anyOf": choices}:
            sound = st.one_of(*(plausible(choice, definitions) for choice in choices))
        case {"const": only}:
            sound = st.just(only)
        case {"enum": values}:
            sound = st.sampled_from(values)
        case {"type": "object"}:
            needed = set(schema.get("required", ()))
            fields = {name: plausible(field, definitions) for name, field in schema.get("properties", {}).items()}
            sound = st.fixed_dictionaries(
                {name: field for name, field in fields.items() if name in needed},
                optional={name: field for name, field in fields.items() if name not in needed},
            )
        case {"type": "array"}:
            sound = st.lists(
                plausible(schema.get("items", {}), definitions), min_size=schema.get("minItems", 0), max_size=3
            )
        case {"type": "integer"}:
            sound = st.integers(schema.get("minimum", -5), schema.get("maximum", 5000))
        case {"type": "boolean"}:
            sound = st.booleans()
        case {"type": "string", "pattern": pattern}:
            sound = st.from_regex(pattern)
        case {"type": "string", "format": "date"}:
            sound = st.dates().map(str)
        case {"type": "string", "format": "uuid"}:
            sound = st.sampled_from(["busanjin", "xicheng", "mou", NOBODY])
        case _:
            sound = st.text(min_size=1, max_size=10) | st.sampled_from(
                ["2025-06-10", "2025-06", "XXXX-10-12", "9999", "0001"]
            )
    return st.one_of(sound, sound, sound, sound, JUNK)


def request_for(command: Any) -> st.SearchStrategy[Any]:
    schema = command.model_json_schema()
    return st.tuples(st.just(command), plausible(schema, schema.get("$defs", {})))


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(asked=st.sampled_from(OFFERED).flatmap(request_for))
async def test_no_body_of_any_command_is_a_fault(scene: Scene, asked: tuple[Any, Any]) -> None:
    command, body = asked
    kind, _, verb = command.name.partition(".")
    known = {"busanjin": scene.busanjin, "xicheng": scene.xicheng, "mou": scene.mou}
    text = json.dumps(body)
    for name, record in known.items():
        text = text.replace(f'"{name}"', f'"{record}"')
    target = scene.mou if kind == "agreement" else scene.busanjin
    path = f"/api/v1/{kind}s" if issubclass(command, Opening) else f"/api/v1/{kind}s/{target}/{verb}"
    before = await scene.registry.house.log.head()
    headers = {
        "Authorization": f"Bearer {scene.clerk.token}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "application/json",
    }
    answer = await scene.clerk.client.post(path, content=text.encode(), headers=headers)
    assert answer.status_code < 500, text
    grown = await scene.registry.house.log.head() > before
    assert grown == answer.is_success, text


async def _execute(database: RegistryDatabase, sql: str, *arguments: object) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(sql, *arguments)
    finally:
        await connection.close()
