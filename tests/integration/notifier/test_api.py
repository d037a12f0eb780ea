"""The registry's pages ask what is due and what was sent; nobody else learns anything."""

from collections.abc import AsyncIterator

import httpx
import pytest
from notifier.api import make_api
from notifier.ids import mail_id

from contracts.reminders import MailboxV1, MailV1, RemindersV1
from tests.integration.notifier.rig import BUSANJIN, SEVEN_DAYS_BEFORE, TOKEN, Rig

KEY = f"{BUSANJIN}:1:notice-7:2026-11-30:busanjin/renewals"
SIGNED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def face(rig: Rig) -> AsyncIterator[httpx.AsyncClient]:
    await rig.publisher.drafted()
    await rig.publisher.term_set()
    await rig.read_all()
    transport = httpx.ASGITransport(make_api(rig.service()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/api/v1/reminders", "/api/v1/mailbox", f"/api/v1/mailbox/{'0' * 32}"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
async def test_nothing_is_told_without_the_token(face: httpx.AsyncClient, path: str, header: dict[str, str]):
    answer = await face.get(path, headers=header)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "auth.required"
    assert {"ko", "en", "title", "status", "detail", "type"} <= answer.json().keys()


async def test_what_is_due_comes_with_its_day_and_reason_and_then_counts_as_sent(rig: Rig, face: httpx.AsyncClient):
    before = RemindersV1.model_validate_json((await face.get("/api/v1/reminders", headers=SIGNED)).content)
    assert before.today == SEVEN_DAYS_BEFORE
    assert [(each.rule, each.state, each.due_on.isoformat()) for each in before.due] == [
        ("notice-7", "due", "2026-11-23"),
        ("notice-0", "due", "2026-11-30"),
    ]
    assert "3개월" in before.due[0].why_ko
    await rig.reminders().round()
    after = RemindersV1.model_validate_json((await face.get("/api/v1/reminders", headers=SIGNED)).content)
    assert [each.rule for each in after.due] == ["notice-0"]
    assert [(each.key, each.state, each.mail) for each in after.sent] == [(KEY, "sent", mail_id(KEY))]


async def test_the_mailbox_shows_the_mail(rig: Rig, face: httpx.AsyncClient):
    assert (await face.get("/api/v1/mailbox", headers=SIGNED)).json() == {"mails": []}
    await rig.reminders().round()
    (listed,) = MailboxV1.model_validate_json((await face.get("/api/v1/mailbox", headers=SIGNED)).content).mails
    answer = await face.get(f"/api/v1/mailbox/{listed.id}", headers=SIGNED)
    assert MailV1.model_validate_json(answer.content) == listed
    assert "자동연장" in listed.text


@pytest.mark.parametrize("name", ["0" * 32, "nobody", "*", "..%2F..%2Fetc%2Fpasswd", "%00", "가", "[0-9]*"])
async def test_a_mail_that_is_not_there_is_not_found(rig: Rig, face: httpx.AsyncClient, name: str):
    await rig.reminders().round()
    answer = await face.get(f"/api/v1/mailbox/{name}", headers=SIGNED)
    assert answer.status_code == 404
    assert answer.json()["code"] in {"mail.unknown", "route.unknown"}


async def test_an_unknown_address_and_method_get_a_problem(face: httpx.AsyncClient):
    assert (await face.get("/nothing")).json()["code"] == "route.unknown"
    answer = await face.post("/api/v1/reminders", headers=SIGNED)
    assert (answer.status_code, answer.json()["code"]) == (405, "request.refused")


async def test_a_token_with_letters_outside_ascii_is_only_wrong(face: httpx.AsyncClient):
    answer = await face.get("/api/v1/reminders", headers=[(b"authorization", "Bearer 토큰".encode())])
    assert answer.status_code == 401


async def test_the_metrics_count(rig: Rig, face: httpx.AsyncClient):
    text = (await face.get("/metrics")).text
    assert "moa_notifier_reminders_due 1.0" in text
    assert "moa_notifier_inbox_lag 0.0" in text
    await rig.reminders().round()
    await rig.publisher.internal()
    text = (await face.get("/metrics")).text
    assert "moa_notifier_reminders_sent_total 1.0" in text
    assert "moa_notifier_reminders_due 0.0" in text
    assert "moa_notifier_inbox_lag 1.0" in text
    assert "moa_notifier_parked 0.0" in text


async def test_a_database_that_went_away_makes_it_unready_and_answers_503(rig: Rig, face: httpx.AsyncClient):
    assert (await face.get("/readyz")).status_code == 200
    await rig.database.execute("drop table migration")
    answer = await face.get("/readyz")
    assert answer.status_code == 503
    assert "notifier migrate" in answer.json()["missing"][0]["en"]
    await rig.database.execute("alter table reminder rename to elsewhere")
    answer = await face.get("/api/v1/reminders", headers=SIGNED)
    assert (answer.status_code, answer.json()["code"]) == (503, "database.unavailable")
    assert answer.headers["retry-after"] == "2"
    assert (await face.get("/healthz")).status_code == 200


async def test_a_part_that_dies_makes_it_unready_and_says_which(rig: Rig):
    async def dies() -> None:
        raise ZeroDivisionError

    service = rig.service()
    await service.watch("receipts", dies())
    transport = httpx.ASGITransport(make_api(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier.test") as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert [(each["part"], "died" in each["en"]) for each in answer.json()["missing"]] == [("receipts", True)]
