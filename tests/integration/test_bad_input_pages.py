"""The pages show nothing to strangers, take forms from their own pages only, and keep what was typed wrongly."""

import asyncio
import contextlib
import html
import io
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import httpx
import pytest
import structlog
from fastapi.routing import iter_route_contexts
from registry import bootstrap
from registry.web.app import pages

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Running
from tests.integration.test_event_log import speaking_to
from tests.integration.test_main_job import drafted, registered

QUARTER = timedelta(minutes=15)
OURS = {"Sec-Fetch-Site": "same-origin"}
ELSEWHERE: tuple[dict[str, str], ...] = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://registry.test"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "http://evil.test"},
    {"Origin": "http://registry.test.evil.test"},
    {"Origin": "http://evil.test/registry.test"},
    {"Origin": "http://registry.test@evil.test"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Origin": ""},
    {},
)
# What anybody may open: how to sign in, the API's description (no records in it), the styles.
OPEN = {("GET", "/sign-in"), ("GET", "/sign-in/{secret}"), ("GET", "/docs"), ("GET", "/")}
# What needs no session, because it makes, ends or does without one.
SIGNING = {("POST", "/sign-in/{secret}"), ("POST", "/sign-out"), ("POST", "/language")}


@dataclass
class Browser:
    """Somebody's browser with a session, or without one."""

    registry: Running
    session: str | None = None
    lang: str = "ko"

    @property
    def cookie(self) -> dict[str, str]:
        session = f"; moa_session={self.session}" if self.session else ""
        return {"Cookie": f"moa_lang={self.lang}{session}"}

    async def get(self, path: str) -> httpx.Response:
        return await self.registry.client.get(path, headers=self.cookie)

    async def post(
        self, path: str, form: dict[str, str] | None = None, headers: dict[str, str] = OURS
    ) -> httpx.Response:
        answer = await self.registry.client.post(path, data=form or {}, headers={**self.cookie, **headers})
        self.registry.client.cookies.clear()
        return answer


async def signed_in(registry: Running, role: str = "staff", lang: str = "ko") -> Browser:
    access = registry.house.access
    link = await access.issue_link(role, "busanjin", valid=QUARTER)  # type: ignore[arg-type]
    return Browser(registry, await access.spend_link(link), lang)


def routes() -> list[tuple[str, str]]:
    """Every method and address of the pages, asked of the application itself."""
    found = [
        (method, str(context.path))
        for context in iter_route_contexts(pages().routes)
        for method in sorted(context.methods or {"GET"})
        if method != "HEAD" and context.path != "/static"
    ]
    assert len(found) >= 20
    return found


def filled(path: str, record: str = "00000000-0000-4000-8000-000000000000") -> str:
    return re.sub(r"\{[^}]*\}", record, path)


def organisation_form(**other: str) -> dict[str, str]:
    return {
        "command_id": str(uuid4()),
        "name_ko": "부산진구",
        "name_en": "Busanjin-gu",
        "kind": "local_government",
        "country": "KR",
        "region": "KR-26",
        "business_number": "",
        **other,
    }


async def test_no_page_shows_anything_to_somebody_who_is_not_signed_in(registry: Running) -> None:
    clerk = await registry.person()
    party = await registered(clerk, "부산진구")
    mou = await drafted(clerk, [party, await registered(clerk, "베이징 시청구", "CN")])
    await registry.follow()
    head = await registry.house.log.head()
    ended = await signed_in(registry)
    assert ended.session
    await registry.house.access.end_session(ended.session)
    for browser in (Browser(registry), Browser(registry, "x" * 43), Browser(registry, clerk.token), ended):
        for method, path in routes():
            if (method, path) in OPEN | SIGNING:
                continue
            for record in (mou, party, "7"):
                address = filled(path, record)
                if method == "GET":
                    answer = await browser.get(address)
                    assert (answer.status_code, answer.headers.get("Location")) == (303, "/sign-in"), address
                else:
                    answer = await browser.post(address, organisation_form())
                    assert answer.status_code == 401, address
                assert "부산진구" not in answer.text
                assert "의료관광" not in answer.text
    for _, path in OPEN:
        answer = await Browser(registry).get(filled(path, "x"))
        assert "부산진구" not in answer.text
        assert "의료관광" not in answer.text
    assert await registry.house.log.head() == head


async def test_what_is_open_to_strangers_is_there_and_is_all(registry: Running) -> None:
    assert set(routes()) >= OPEN | SIGNING
    for path in ("/agreements", "/organisations", "/reminders", "/mail", "/agreements/new", "/organisations/new"):
        assert ("GET", path) in routes()
    assert (await Browser(registry).get("/static/moa.css")).status_code == 200
    for outside in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/%00",
    ):
        assert (await Browser(registry).get(outside)).status_code in {303, 404}, outside


async def test_a_form_that_another_site_sent_changes_nothing(registry: Running) -> None:
    browser = await signed_in(registry)
    link = await registry.house.access.issue_link("staff", "busanjin", valid=QUARTER)
    posts = [path for method, path in routes() if method == "POST"]
    assert len(posts) >= 8
    for path in posts:
        for headers in ELSEWHERE:
            answer = await browser.post(filled(path, link), organisation_form(lang="en"), headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert "access.other_site" in answer.text
            assert "다른 사이트에서 보낸 요청은 받지 않습니다." in answer.text
            assert "Set-Cookie" not in answer.headers
    assert await registry.house.log.head() == 0
    assert (await browser.get("/agreements")).status_code == 200
    assert await registry.house.access.open_link(link) is not None


async def test_a_form_of_our_own_is_taken_with_either_header(registry: Running) -> None:
    browser = await signed_in(registry)
    for number, headers in enumerate((OURS, {"Sec-Fetch-Site": "none"}, {"Origin": "http://registry.test"}), start=1):
        answer = await browser.post("/organisations", organisation_form(), headers=headers)
        assert answer.status_code == 303, headers
        assert await registry.house.log.head() == number


async def test_opening_a_link_does_not_spend_it_and_spending_it_works_once_even_in_a_race(registry: Running) -> None:
    link = await registry.house.access.issue_link("staff", "busanjin", valid=QUARTER)
    stranger = Browser(registry)
    for _ in range(3):
        assert (await stranger.get(f"/sign-in/{link}")).status_code == 200
        assert (await registry.client.head(f"/sign-in/{link}")).status_code in {200, 405}
    answers = await asyncio.gather(*(stranger.post(f"/sign-in/{link}") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + [401] * 7
    won = next(answer for answer in answers if answer.status_code == 303)
    assert won.headers["Location"] == "/agreements"
    cookie = won.headers["Set-Cookie"]
    session = re.match(r"moa_session=([^;]+);", cookie)
    assert session
    assert {part.strip().lower() for part in cookie.split(";")[1:]} >= {"httponly", "samesite=strict", "path=/"}
    assert (await Browser(registry, session[1]).get("/agreements")).status_code == 200
    for answer in (await stranger.get(f"/sign-in/{link}"), await stranger.post(f"/sign-in/{link}")):
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers


async def test_a_link_that_has_expired_opens_nothing(registry: Running, registry_database: RegistryDatabase) -> None:
    link = await registry.house.access.issue_link("staff", "busanjin", valid=QUARTER)
    async with speaking_to(registry_database.owner_url) as owner:
        await owner.execute("update credential set expires_at = now() - interval '1 second'")
    for secret in (link, "x", "%00", "%ff", "가" * 100, "x" * 5000):
        for answer in (
            await Browser(registry).get(f"/sign-in/{secret}"),
            await Browser(registry).post(f"/sign-in/{secret}"),
        ):
            assert answer.status_code == 401
            assert "Set-Cookie" not in answer.headers


async def test_signing_out_ends_the_session_everywhere(registry: Running) -> None:
    browser = await signed_in(registry)
    assert (await browser.get("/agreements")).status_code == 200
    answer = await browser.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert (await browser.get("/agreements")).headers["Location"] == "/sign-in"
    assert (await browser.post("/sign-out")).status_code == 303


async def test_choosing_a_language_never_leads_elsewhere(registry: Running) -> None:
    browser = Browser(registry)
    for back in (
        "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "http://evil.test", "https:evil.test",
        "javascript:alert(1)", "/\t/evil.test", "/\n/evil.test", "\t//evil.test", " //evil.test",
        "/\r\nSet-Cookie: a=b", "//[", "//[::1", "/\x00/evil.test", "//a℀b", "evil.test",
        "/%0d%0aSet-Cookie:%20a=b", "/../..//evil.test", "/agreements//evil.test", "//registry.test@evil.test", "",
        "/\u2028/evil.test", "/" + "x" * 5_000,
    ):  # fmt: skip
        answer = await browser.post("/language", {"lang": "en", "back": back})
        assert answer.status_code == 303, back
        location = answer.headers["Location"]
        assert location.startswith("/"), back
        assert not location.startswith(("//", "/\\")), back
        assert urlsplit(urljoin("http://registry.test/language", location)).netloc == "registry.test", back
        assert answer.headers.get_list("Set-Cookie") == [answer.headers["Set-Cookie"]]
        assert answer.headers["Set-Cookie"].startswith("moa_lang=en;")
    kept = await browser.post("/language", {"lang": "en", "back": "/agreements?q=부산&state=in_force"})
    assert kept.headers["Location"] == "/agreements?q=%EB%B6%80%EC%82%B0&state=in_force"
    other = await browser.post("/language", {"lang": "xx<script>", "back": "/"})
    assert other.headers["Set-Cookie"].startswith("moa_lang=ko;")


async def test_no_secret_is_ever_in_a_log_line(registry: Running) -> None:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        bootstrap.configure_logs("debug")
        try:
            link = await registry.house.access.issue_link("staff", "busanjin", valid=QUARTER)
            spent = await registry.house.access.issue_link("staff", "busanjin", valid=QUARTER)
            clerk = await registry.person()
            browser = await signed_in(registry)
            await Browser(registry).get(f"/sign-in/{link}")
            session = (await Browser(registry).post(f"/sign-in/{spent}")).headers["Set-Cookie"].split(";")[0][12:]
            await Browser(registry).post(f"/sign-in/{spent}")
            await Browser(registry, session).get("/agreements?q=비밀스러운검색어")
            await Browser(registry).post(f"/sign-in/{link}", headers={"Sec-Fetch-Site": "cross-site"})
            await browser.post("/organisations", organisation_form(name_ko="", region="비밀스러운지역"))
            await registered(clerk, "이름이긴기관")
            await clerk.post("/organisations", {"kind": "비밀스러운종류"})
            await clerk.get("/agreements?limit=비밀스러운한도")
            await registry.client.get("/api/v1/agreements", headers={"Authorization": "Bearer moa_stolen-token"})
            await registry.client.get("/agreements", headers={b"X-Request-Id": "비밀스러운번호".encode()})
        finally:
            structlog.reset_defaults()
    lines = written.getvalue().splitlines()
    assert len(lines) >= 12
    assert all(json.loads(line)["event"] for line in lines)
    assert len(session) == len(browser.session or "") == len(link) == 43
    for secret in (link, spent, session, clerk.token, browser.session, "비밀", "이름이긴기관", "moa_stolen"):
        assert str(secret) not in written.getvalue()


async def test_a_wrong_form_keeps_what_was_typed_and_names_every_mistake_in_the_readers_language(
    registry: Running,
) -> None:
    typed = {
        "name_ko": '부산진구 "청" <b>',
        "name_en": "Busanjin & co",
        "kind": "hospital",
        "country": "KR",
        "region": "CN-11",
        "business_number": "12-3",
    }
    said = {
        "ko": (
            "지역 코드가 국가 코드와 맞지 않습니다. 예: 국가 KR, 지역 KR-26.",
            "번호가 올바르지 않습니다. 자릿수와 숫자를 다시 확인해 주세요.",
        ),
        "en": (
            "The region is not in the country: with country KR a region reads KR-26.",
            "This number cannot be right: check its length and its digits.",
        ),
    }
    for lang, messages in said.items():
        browser = await signed_in(registry, lang=lang)
        form = organisation_form(**typed)
        answer = await browser.post("/organisations", form)
        assert answer.status_code == 422
        assert f'<html lang="{lang}"' in answer.text
        assert "<b>" not in answer.text
        shown = html.unescape(answer.text)
        for value in (
            form["command_id"],
            *(typed[name] for name in ("name_ko", "name_en", "region", "business_number")),
        ):
            assert f'value="{html.escape(value)}"'.replace("&quot;", "&#34;") in answer.text, value
        assert re.search(r'value="hospital"[^>]*\b(checked|selected)\b', answer.text)
        for message in messages:
            assert message in shown, lang
        for message in said["en" if lang == "ko" else "ko"]:
            assert message not in shown, lang
    assert await registry.house.log.head() == 0


async def test_a_wrong_act_on_an_agreement_shows_the_agreement_again(registry: Running) -> None:
    clerk, browser = await registry.person(), await signed_in(registry)
    parties = [await registered(clerk, "부산진구"), await registered(clerk, "시청구", "CN")]
    mou = await drafted(clerk, parties)
    await registry.follow()
    head = await registry.house.log.head()
    for form, status in (
        ({"organisation": "", "on": "어제", "place": "제1회의실"}, 422),
        ({"organisation": str(uuid4()), "on": "2025-06-10", "place": "제1회의실"}, 409),
        ({"organisation": parties[0], "on": "2025-06-10", "place": "제1회의실", "expected_version": "7"}, 409),
    ):
        answer = await browser.post(f"/agreements/{mou}/record-signature", {"command_id": str(uuid4()), **form})
        assert answer.status_code == status, form
        assert 'value="제1회의실"' in answer.text
        assert "의료관광 교류 협약" in answer.text
    other = await signed_in(registry, role="auditor")
    assert (await other.get("/organisations/new")).status_code == 403
    refused = await other.post("/organisations", organisation_form())
    assert refused.status_code == 403
    assert "access.role_may_not" in refused.text
    assert await registry.house.log.head() == head


async def test_a_double_click_records_once(registry: Running) -> None:
    browser, form = await signed_in(registry), organisation_form()
    answers = await asyncio.gather(*(browser.post("/organisations", form) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert await registry.house.log.head() == 1
    changed = await browser.post("/organisations", {**form, "name_ko": "영등포구"})
    assert changed.status_code == 422
    assert "command.key_reused" in changed.text
    assert await registry.house.log.head() == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_nonsense_makes_a_page_fail(registry: Running, method: str) -> None:
    clerk, browser = await registry.person(), await signed_in(registry)
    party = await registered(clerk, "부산진구")
    mou = await drafted(clerk, [party, await registered(clerk, "시청구", "CN")])
    await registry.follow()
    digits = "9" * 5000
    queries = (
        f"at={digits}", "at=-1", "at=x", "at=%00", "q=%00", "q=%ff", "q=" + "%25" * 500, f"y={digits}&n=1&after={mou}",
        f"y=2025&n=%00&after={mou}", "y=2025&n=1&after=x", f"y=%D9%A3&n=1&after={mou}", f"after_name=%00&after={mou}",
        "done=%3Cscript%3E", "state=x", "at=1&at=2",
    )  # fmt: skip
    key = str(uuid4())
    forms: tuple[dict[str, str], ...] = (
        {},
        {"command_id": "x"},
        {"command_id": key, f"parties.{digits}.organisation": party},
        {
            "command_id": key,
            "parties..organisation": party,
            "parties.-1.placeholder": "x",
            "parties.٣.placeholder": "x",
        },
        {"command_id": key, "year": digits, "number": "\x00", "title_ko": "\x00", "more_parties": "1"},
        {"command_id": key, "organisation": digits, "on": "9" * 20, "place": "\x00", "expected_version": digits},
        {"command_id": key, "start": "0001-01-01", "end": "9999-12-31", "length_years": digits, "notice_months": "1e9"},
        {"command_id": key, "name_ko": "x" * 10_000, "kind": "\x00", "country": "kr", "region": "\ufffd" * 50},
        {"command_id": key, "signed_on_paper": "yes", "signed_on_paper.on": digits, "provenance.source": "x" * 5000},
    )
    bodies = (
        ("application/x-www-form-urlencoded", b"command_id=%00&name_ko=%ff%fe&%ff=%ff"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(3000))),
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nonsense"),
        *(
            (
                f"multipart/form-data; boundary=x; charset={charset}",
                b'--x\r\nContent-Disposition: form-data; name="command_id"\r\n\r\n' + key.encode()
                + b'\r\n--x\r\nContent-Disposition: form-data; name="name_ko"\r\n\r\n\\ud800\xff\r\n--x--\r\n',
            )
            for charset in ("unicode_escape", "idna", "punycode", "hex", "none-such", "utf-16", "utf-7")
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="command_id"; filename="a"\r\n\r\nx\r\n--x--\r\n',
        ),
        ("application/x-www-form-urlencoded", b"x" * 10_485_760),
    )  # fmt: skip
    head = await registry.house.log.head()
    for each, path in routes():
        if each != method:
            continue
        for record in (mou, party, "%00"):
            address = filled(path, record)
            if method == "GET":
                for query in queries:
                    answer = await browser.get(f"{address}?{query}")
                    assert answer.status_code < 500 or "notifier.unreachable" in answer.text, f"{address}?{query}"
                continue
            if path in {"/sign-out", "/language"}:
                continue
            for form in forms:
                answer = await browser.post(address, form)
                assert answer.status_code in {200, 303, 401, 404, 409, 422}, (address, form)
            for kind, body in bodies:
                headers = {**browser.cookie, **OURS, "Content-Type": kind}
                answer = await registry.client.post(address, content=body, headers=headers)
                assert answer.status_code < 500, (address, kind)
                if len(body) > 1_048_576 and "sign-in" not in path and record == mou:
                    assert (answer.status_code, "request.too_large" in answer.text) == (413, True), address
    assert await registry.house.log.head() == head


@pytest.mark.parametrize("moment", ["as_of=2025-06-09", "known_at=2025-06-09T10:00:00Z"])
async def test_a_page_asked_for_a_past_moment_says_that_it_shows_the_present_only(
    registry: Running, moment: str
) -> None:
    answer = await (await signed_in(registry)).get(f"/agreements?{moment}")
    assert (answer.status_code, "현재 내용만" in answer.text) == (422, True)
