"""Anybody may ask what held on a day and what the registry knew at an instant, and hears what is not certain."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from registry.kernel.facts import Recorded
from registry.kernel.ports import Transaction
from registry.organisation.projection import VIEW
from registry.projector import Projector
from registry.store.mapper import canonical

from tests.conftest import RegistryDatabase
from tests.integration.conftest import Person, Running
from tests.integration.test_event_log import speaking_to
from tests.integration.test_main_job import drafted, organisation, registered

TERM = {"start": "2025-06-17", "end": "2028-06-16", "renewal": "tacit", "period": {"years": 3}, "notice": {"months": 3}}


@dataclass
class Told:
    """An MOU that was drafted, signed by both and put in force, and when each step was recorded."""

    clerk: Person
    parties: list[str]
    mou: str
    recorded: list[str]

    async def asked(self, path: str | None = None, **query: str) -> httpx.Response:
        terms = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        return await self.clerk.get(f"{path or f'/agreements/{self.mou}'}?{terms}")


@pytest.fixture
async def told(registry: Running) -> Told:
    clerk = await registry.person()
    parties = [await registered(clerk, "부산진구"), await registered(clerk, "베이징 시청구", "CN")]
    mou = await drafted(clerk, parties)
    for party, day in zip(parties, ("2025-06-09", "2025-06-10"), strict=True):
        await clerk.post(f"/agreements/{mou}/sign", {"organisation": party, "on": day})
    await clerk.post(f"/agreements/{mou}/enter-into-force", {"on": "2025-06-17", "term": TERM})
    await registry.follow()
    lines = (await clerk.get(f"/agreements/{mou}/events")).json()
    return Told(clerk, parties, mou, [line["recorded_at"] for line in lines])


async def test_each_day_shows_what_held_on_it(told: Told) -> None:
    seen = {}
    for day in ("1999-12-31", "2025-06-08", "2025-06-09", "2025-06-10", "2025-06-16", "2025-06-17", "2099-01-01"):
        answer = await told.asked(as_of=day)
        assert (answer.status_code, answer.headers["Registry-As-Of"]) == (200, day)
        assert (answer.headers["Registry-Uncertain"], "ETag" in answer.headers) == ("", False)
        assert int(answer.headers["Registry-Position"]) >= 8
        seen[day] = answer.json()["state"]
    assert list(seen.values()) == ["drafted", "drafted", "part_signed", "signed", "signed", "in_force", "in_force"]


async def test_what_was_known_at_an_instant_is_what_the_present_then_was(told: Told, registry: Running) -> None:
    states = []
    for recorded_at in told.recorded:
        answer = await told.asked(known_at=recorded_at)
        assert answer.status_code == 200
        states.append((answer.json()["version"], answer.json()["state"], answer.headers["Registry-Position"]))
    # A signature and its completion are recorded together, and so are entry into force and term.
    assert states == [
        (1, "drafted", "3"),
        (2, "part_signed", "4"),
        (4, "signed", "6"),
        (4, "signed", "6"),
        (6, "in_force", "8"),
        (6, "in_force", "8"),
        (6, "in_force", "9"),
    ]


async def test_both_together_tell_what_was_then_known_of_a_day(told: Told) -> None:
    signed = told.recorded[3]
    assert (await told.asked(as_of="2025-06-09", known_at=signed)).json()["state"] == "part_signed"
    assert (await told.asked(as_of="2099-01-01", known_at=signed)).json()["state"] == "signed"
    assert (await told.asked(as_of="2099-01-01", known_at=told.recorded[-1])).json()["state"] == "in_force"


async def test_yesterdays_answer_stays_when_more_is_learned(told: Told, registry: Running) -> None:
    instant = told.recorded[-1]
    before = [(await told.asked(as_of=day, known_at=instant)).json() for day in ("2025-06-08", "2025-06-12")]
    alias = {"alias": {"lang": "en", "text": "Busanjin-gu"}}
    await told.clerk.post(f"/organisations/{told.parties[0]}/state-alias", alias)
    await registry.follow()
    after = [(await told.asked(as_of=day, known_at=instant)).json() for day in ("2025-06-08", "2025-06-12")]
    assert after == before
    then = await told.asked(f"/organisations/{told.parties[0]}", known_at=instant)
    now = await told.asked(f"/organisations/{told.parties[0]}")
    assert (then.json()["aliases"], len(now.json()["aliases"])) == ([], 1)


async def test_an_agreements_parties_bear_the_names_that_were_known_then(told: Told) -> None:
    parties = (await told.asked(as_of="2025-06-10", known_at=told.recorded[3])).json()["parties"]
    assert [(party["name_ko"], party["country"]) for party in parties] == [("부산진구", "KR"), ("베이징 시청구", "CN")]


async def test_what_had_not_begun_or_was_not_known_is_not_there_yet(told: Told) -> None:
    first = (await told.clerk.get("/events?limit=1")).json()[0]["recorded_at"]
    early = await told.asked(known_at=first)
    assert (early.status_code, early.json()["code"]) == (404, "record.not_yet")
    unknown = await told.asked(f"/agreements/{uuid4()}", as_of="2025-06-10")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "agreement.unknown")


async def _partnership(told: Told, registry: Running, **stated: Any) -> str:
    body = {"kind": "sister", "organisations": told.parties, **stated}
    answer = await told.clerk.post("/partnerships", body)
    assert answer.status_code == 201, answer.text
    await registry.follow()
    return f"/partnerships/{answer.json()['id']}"


async def test_between_the_first_and_the_last_day_that_a_source_can_mean_it_is_not_certain(
    told: Told, registry: Running
) -> None:
    path = await _partnership(told, registry, since="2019-05")
    position = str(await registry.house.log.head())
    answers = [await told.asked(path, as_of=day) for day in ("2019-04-30", "2019-05-30", "2019-05-31")]
    assert [(a.status_code, a.json().get("code")) for a in answers] == [
        (404, "record.not_yet"),
        (404, "record.perhaps_not_yet"),
        (200, None),
    ]
    lapsed = await told.clerk.post(f"{path}/lapse", {"why": "코로나19", "on": "2020"})
    assert lapsed.status_code == 200, lapsed.text
    await registry.follow()
    lapse = str(int(position) + 1)
    seen = []
    for day in ("2019-12-31", "2020-06-01", "2020-12-31"):
        answer = await told.asked(path, as_of=day)
        seen.append((answer.json()["state"], answer.headers["Registry-Uncertain"]))
    assert seen == [("active", ""), ("active", lapse), ("lapsed", "")]


async def test_what_is_undated_surely_holds_from_the_day_it_was_recorded(told: Told, registry: Running) -> None:
    path = await _partnership(told, registry)
    today = datetime.now(UTC) + timedelta(hours=9)
    assert (await told.asked(path, as_of="1990-01-01")).json()["code"] == "record.perhaps_not_yet"
    assert (await told.asked(path, as_of=f"{today:%Y-%m-%d}")).status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"as_of": "2025-13-01"}, "query.as_of_wrong"),
        ({"as_of": "20250601"}, "query.as_of_wrong"),
        ({"as_of": ""}, "query.as_of_wrong"),
        ({"as_of": "٢٠٢٥-٠٦-٠١"}, "query.as_of_wrong"),
        ({"known_at": "2025-06-09"}, "query.known_at_wrong"),
        ({"known_at": "2025-06-09T10:00:00"}, "query.known_at_wrong"),
        ({"known_at": "2025-06-09T25:00:00Z"}, "query.known_at_wrong"),
        ({"known_at": "0001-01-01T00:00:00+14:00"}, "query.known_at_wrong"),
        ({"known_at": "2025-06-09T10:00:00+99:99"}, "query.known_at_wrong"),
        ({"known_at": "9999-12-31T23:59:59-14:00"}, "query.known_at_wrong"),
        ({"known_at": "9999-12-31T00:00:00Z"}, "query.known_at_ahead"),
        ({"known_at": "0001-01-01T00:00:00Z"}, "query.known_at_too_early"),
        ({"known_at": "1999-01-01T00:00:00Z", "as_of": "2025-06-09"}, "query.known_at_too_early"),
    ],
)
async def test_a_moment_that_cannot_be_answered_is_refused(told: Told, query: dict[str, str], code: str) -> None:
    answer = await told.asked(**query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_that_there_are_can_be_asked(told: Told, day: str) -> None:
    answer = await told.asked(as_of=day)
    assert (answer.status_code, answer.json()["version"]) == (200, 1 if day.startswith("0") else 6)


async def test_an_offset_whose_plus_was_not_escaped_is_understood(told: Told) -> None:
    instant = datetime.fromisoformat(told.recorded[0]) + timedelta(hours=9)
    answer = await told.clerk.get(f"/agreements/{told.mou}?known_at={instant:%Y-%m-%dT%H:%M:%S.%f}+09:00")
    assert (answer.status_code, answer.json()["state"]) == (200, "drafted")


@pytest.mark.parametrize("listed", ["agreements", "organisations", "partnerships", "delegations", "renewals"])
async def test_a_list_says_that_a_past_moment_can_be_asked_of_one_record_only(told: Told, listed: str) -> None:
    answer = await told.asked(f"/{listed}", as_of="2025-06-10")
    assert answer.status_code == 422
    assert answer.json()["message"]["en"] == "as_of and known_at can be asked of one record only, not of a list."
    [wrong] = answer.json()["errors"]
    assert (wrong["field"], wrong["code"]) == ("as_of", "query.only_of_one")


async def test_every_kind_of_record_can_be_asked(told: Told, registry: Running) -> None:
    delegation = await told.clerk.post("/delegations", {"titles": [{"lang": "ko", "text": "대표단"}]})
    await registry.follow()
    [case] = (await told.clerk.get("/renewals")).json()["items"]
    for path in (f"/renewals/{case['id']}", f"/delegations/{delegation.json()['id']}"):
        now = (await told.asked(path)).json()
        instant = (await told.clerk.get("/events?limit=200")).json()[-1]["recorded_at"]
        then = await told.asked(path, as_of="2025-06-10", known_at=instant)
        assert (then.status_code, then.json()) == (200, now)


async def test_a_view_that_has_not_come_that_far_says_so(registry: Running) -> None:
    clerk = await registry.person()
    mine = await registered(clerk, "부산진구")
    await registry.follow()
    await clerk.post(f"/organisations/{mine}/state-alias", {"alias": {"lang": "en", "text": "Busanjin-gu"}})
    instant = (await clerk.get("/events")).json()[-1]["recorded_at"]
    answer = await clerk.get(f"/organisations/{mine}?known_at={quote(instant)}")
    assert (answer.status_code, answer.json()["code"]) == (503, "view.behind")
    assert "Retry-After" in answer.headers


async def _only_agreements_follow(registry: Running) -> None:
    (follower,) = (follower for follower in registry.followers if follower.name == "view.agreement")
    while await follower.step(follower.batch):
        pass


async def test_a_past_answer_bears_no_names_before_the_view_that_has_them_has_come_that_far(
    told: Told, registry: Running
) -> None:
    shown = await registry.house.log.head()
    parties = [await registered(told.clerk, "중구"), told.parties[0]]
    path = f"/agreements/{await drafted(told.clerk, parties, '2')}"
    instant = (await told.clerk.get("/events?limit=200")).json()[-1]["recorded_at"]
    await _only_agreements_follow(registry)
    known = await told.asked(path, known_at=instant)
    assert (known.status_code, known.json()["code"]) == (503, "view.behind")
    held = await told.asked(path, as_of="2099-01-01")
    assert (held.status_code, held.json()["code"]) == (404, "record.not_yet")
    assert (await told.asked(as_of="2099-01-01")).headers["Registry-Position"] == str(shown)
    await registry.follow()
    for answer in (await told.asked(path, known_at=instant), await told.asked(path, as_of="2099-01-01")):
        assert [party["name_ko"] for party in answer.json()["parties"]] == ["중구", "부산진구"]


async def test_facts_that_concern_no_organisation_are_not_waited_for_in_the_view_of_organisations(
    told: Told, registry: Running
) -> None:
    path = f"/agreements/{await drafted(told.clerk, told.parties, '2')}"
    instant = (await told.clerk.get("/events?limit=200")).json()[-1]["recorded_at"]
    head = await registry.house.log.head()
    await _only_agreements_follow(registry)
    for query in ({"known_at": instant}, {"as_of": "2099-01-01"}):
        answer = await told.asked(path, **query)
        assert (answer.status_code, answer.headers["Registry-Position"]) == (200, str(head))
        assert [party["name_ko"] for party in answer.json()["parties"]] == ["부산진구", "베이징 시청구"]


async def test_an_instant_is_the_last_position_that_was_recorded_by_then(
    registry: Running, registry_database: RegistryDatabase
) -> None:
    clerk = await registry.person()
    for number in range(7):
        await clerk.post("/organisations", organisation(f"기관 {number}"))
    rows = await registry.house.rows.fetch("select position, recorded_at from event order by position")
    tick = timedelta(microseconds=1)
    async with speaking_to(registry_database.url) as runner:
        for row in rows:
            for instant in (row["recorded_at"] - tick, row["recorded_at"], row["recorded_at"] + tick):
                wanted = max((r["position"] for r in rows if r["recorded_at"] <= instant), default=0)
                assert await runner.fetchval("select position_at($1)", instant) == wanted


async def test_a_runner_killed_amid_a_batch_leaves_nothing_in_the_history_and_the_next_leaves_nothing_out(
    told: Told, registry: Running
) -> None:
    house = registry.house
    for number in range(30):
        await told.clerk.post("/organisations", organisation(f"기관 {number}"))
    before = await _history(registry, VIEW.history)
    one, other = (Projector(VIEW, canonical).follower(house.log, house.rows) for _ in range(2))
    fold, written = one.fold, asyncio.Event()
    assert fold is not None

    async def hang(facts: Sequence[Recorded], transaction: Transaction) -> None:
        await fold(facts, transaction)
        written.set()
        await asyncio.Event().wait()

    one.fold = hang
    killed = asyncio.create_task(one.step(10))
    await written.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    one.fold = fold
    assert await _history(registry, VIEW.history) == before
    steps = [other, one, other, one, other, one]
    for follower in (*steps, *steps):
        await follower.step(10)
    rows = await _history(registry, VIEW.history)
    assert len(rows) == len(before) + 30
    assert sorted(row["known"].lower for row in rows) == [
        1,
        2,
        *range(await house.log.head() - 29, await house.log.head() + 1),
    ]
    assert await _overlaps(registry, VIEW.history) == []


async def _history(registry: Running, table: str) -> list[Any]:
    return list(await registry.house.rows.fetch(f"select * from {table} order by id, known, effective"))  # noqa: S608


async def _overlaps(registry: Running, table: str) -> list[Any]:
    return list(
        await registry.house.rows.fetch(
            f"select a.id from {table} a join {table} b on a.id = b.id and a.ctid <> b.ctid "  # noqa: S608
            "and a.effective && b.effective and a.known && b.known"
        )
    )


async def test_two_runners_at_once_leave_one_history(told: Told, registry: Running) -> None:
    house = registry.house
    followers = [Projector(VIEW, canonical).follower(house.log, house.rows) for _ in range(2)]

    async def run(index: int) -> None:
        for _ in range(40):
            await followers[index].step(3)

    async def write() -> None:
        for _ in range(12):
            alias = {"alias": {"lang": "en", "text": f"Busanjin {uuid4().hex[:6]}"}}
            await told.clerk.post(f"/organisations/{told.parties[0]}/state-alias", alias)

    await asyncio.gather(run(0), run(1), write())
    await registry.follow()
    rows = [row for row in await _history(registry, VIEW.history) if str(row["id"]) == told.parties[0]]
    assert [len(row["state"]["aliases"]) for row in rows] == list(range(13))
    assert await _overlaps(registry, VIEW.history) == []


@pytest.mark.parametrize("view", ["view.agreement", "view.organisation"])
async def test_what_held_cannot_be_asked_while_an_earlier_version_of_a_view_that_tells_of_it_stands(
    told: Told, registry: Running, view: str
) -> None:
    async with registry.house.rows.transaction() as transaction:
        await transaction.execute("update follower set version = version - 1 where name = $1", view)
    answer = await told.asked(as_of="2025-06-10")
    assert (answer.status_code, answer.json()["code"]) == (503, "view.behind")
    [missing] = await registry.house.missing()
    assert missing.startswith(f"{view} is of an earlier version")
