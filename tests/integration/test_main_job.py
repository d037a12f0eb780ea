"""A member of staff registers organisations, drafts an MOU, and records signatures, entry into force and a term."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.integration.conftest import Person, Running


def organisation(name: str, country: str = "KR") -> dict[str, object]:
    return {"kind": "local_government", "names": [{"lang": "ko", "text": name}], "country": country}


async def registered(person: Person, name: str, country: str = "KR") -> str:
    answer = await person.post("/organisations", organisation(name, country))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def drafted(person: Person, parties: list[str], number: str = "1") -> str:
    answer = await person.post(
        "/agreements",
        {
            "number": number,
            "year": 2025,
            "kind": "mou",
            "titles": [{"lang": "ko", "text": "의료관광 교류 협약"}],
            "parties": [{"organisation": party} for party in parties],
        },
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_every_step_is_a_fact_and_the_register_shows_what_stands(registry: Running) -> None:
    clerk = await registry.person("staff", "busanjin")
    busanjin, xicheng = await registered(clerk, "부산진구"), await registered(clerk, "베이징 시청구", "CN")
    mou = await drafted(clerk, [busanjin, xicheng])
    for party in (busanjin, xicheng):
        answer = await clerk.post(f"/agreements/{mou}/sign", {"organisation": party, "on": "2025-06-10"})
        assert answer.status_code == 200, answer.text
    term = {
        "start": "2025-06-10",
        "end": "2028-06-09",
        "renewal": "tacit",
        "period": {"years": 3},
        "notice": {"months": 3},
    }
    answer = await clerk.post(f"/agreements/{mou}/enter-into-force", {"on": "2025-06-10", "term": term})
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"6"'
    assert answer.headers["Registry-Position"] == "8"

    await registry.follow()
    found = (await clerk.get("/agreements", Registry_Position="8")).json()
    assert found["count"] == 1
    assert [party["name_ko"] for party in found["items"][0]["parties"]] == ["부산진구", "베이징 시청구"]
    assert found["items"][0]["state"] == "in_force"
    assert found["items"][0]["notice_deadline"] == {"corresponding": "2028-03-09", "last_safe": "2028-03-08"}

    history = (await clerk.get(f"/agreements/{mou}/events")).json()
    assert [(line["position"], line["topic"]) for line in history] == [
        (3, "agreement.drafted"),
        (4, "agreement.party-signed"),
        (5, "agreement.party-signed"),
        (6, "agreement.signed"),
        (7, "agreement.entered-into-force"),
        (8, "agreement.term-set"),
        (9, "renewal.case-opened"),
    ]


async def test_the_same_key_again_gives_the_same_answer_and_no_second_event(registry: Running) -> None:
    clerk = await registry.person()
    key = uuid4()
    first = await clerk.post("/organisations", organisation("부산진구"), key=key)
    again = await clerk.post("/organisations", organisation("부산진구"), key=key)
    other = await clerk.post("/organisations", organisation("영등포구"), key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "command.key_reused")
    assert await registry.house.log.head() == 1


async def test_search_finds_by_part_of_a_partys_name(registry: Running) -> None:
    clerk = await registry.person()
    parties = [await registered(clerk, "부산진구"), await registered(clerk, "베이징 시청구", "CN")]
    await drafted(clerk, parties)
    await registry.follow()
    for part, count in (("시청", 1), ("관광 교류", 1), ("없는이름", 0), ("%", 0), ("text", 0)):
        found = await clerk.get(f"/agreements?q={part.replace('%', '%25')}")
        assert found.json()["count"] == count, part


async def test_search_takes_quotation_marks_and_brackets_as_people_type_them(registry: Running) -> None:
    clerk = await registry.person()
    parties = [await registered(clerk, '단 "따옴표" [주]'), await registered(clerk, "시청구", "CN")]
    await drafted(clerk, parties)
    await registry.follow()
    for part, count in (('"따옴표"', 1), ("따옴표 주", 1), ("[주]", 1), ('"없음"', 0)):
        found = await clerk.get(f"/organisations?q={quote(part)}")
        assert len(found.json()["items"]) == count, part


@pytest.mark.parametrize("name", ["\u200b", "\ufeff", "\u202eevil", "a\x7fb", "\x9b31m", "a\nBcc: x", "a\u2028b"])
async def test_a_name_is_one_line_that_people_can_see(registry: Running, name: str) -> None:
    clerk = await registry.person()
    answer = await clerk.post("/organisations", organisation(name))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "names.0.text")
