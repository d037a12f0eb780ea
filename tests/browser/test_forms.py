"""A form keeps what was typed, says what is wrong beside each field, and records once however often it is sent."""

from playwright.sync_api import Locator, expect

from tests.browser.clerk import Clerk, Organisation
from tests.browser.story import GYEONGGI, SIGNED


def test_a_bad_organisation_form_comes_back_as_it_was_typed(clerk: Clerk) -> None:
    page = clerk.page
    page.goto("/organisations/new")
    page.get_by_label("영문 이름").fill("Nowhere Hospital")
    page.get_by_label("국가").select_option("몽골")
    page.get_by_label("지역 코드").fill("울란바토르")
    page.get_by_role("button", name="기관 등록").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_text(
        [
            "유형: 필수 항목입니다. 입력하거나 골라 주세요.",
            "한글 이름: 필수 항목입니다. 입력하거나 골라 주세요.",
            "지역 코드: 형식이 맞지 않습니다. 예시를 확인해 주세요.",
        ]
    )
    expect(page).to_have_title("오류: 기관 등록 - 모아 협약 대장")
    expect(page.get_by_label("영문 이름")).to_have_value("Nowhere Hospital")
    expect(page.get_by_label("국가")).to_have_value("MN")
    region = page.get_by_label("지역 코드")
    expect(region).to_have_attribute("aria-invalid", "true")
    expect(region).to_have_accessible_description(
        "ISO 3166-2 코드. 예: KR-26(부산광역시) 형식이 맞지 않습니다. 예시를 확인해 주세요."
    )
    summary.get_by_role("link", name="지역 코드").click()
    expect(region).to_be_focused()
    assert registered(clerk, "Nowhere Hospital") == 0


def test_a_bad_agreement_form_keeps_its_parties(clerk: Clerk, mou: str) -> None:
    page = clerk.page
    clerk.fill_draft("두 번 나온 당사자", GYEONGGI.ours.name, GYEONGGI.ours.name, number="42")
    clerk.row(2).get_by_label("구분").fill("상대 측")
    page.get_by_role("button", name="협약 등록").click()
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(
        ["당사자 2: 같은 기관이 두 번 들어 있습니다."]
    )
    expect(clerk.row(2)).to_have_accessible_description("같은 기관이 두 번 들어 있습니다.")
    expect(clerk.row(2).get_by_label("구분")).to_have_value("상대 측")
    expect(page.get_by_label("관리번호")).to_have_value("42")
    clerk.row(2).get_by_label("기관", exact=True).select_option(GYEONGGI.theirs.name)
    clerk.send("협약 등록", done="협약을 초안으로 등록하였습니다.")


def test_a_refused_step_keeps_what_was_typed_and_changes_nothing(clerk: Clerk, mou: str) -> None:
    page = clerk.page
    page.goto(mou)
    before = clerk.history.all_text_contents()
    form = clerk.act("협약 기간 기록")
    form.get_by_label("시작일 필수").fill("2025-06-10")
    form.get_by_label("종료일", exact=True).fill("2024-06-10")
    form.get_by_role("button", name="기간 기록", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("종료일(2024-06-10)이 시작일(2025-06-10)보다 빠릅니다.")
    expect(form.get_by_label("종료일", exact=True)).to_have_value("2024-06-10")
    page.goto(mou)
    expect(clerk.history).to_have_text(before)


def test_a_double_click_records_once(clerk: Clerk, mou: str) -> None:
    clerk.page.goto("/organisations/new")
    fill(clerk, Organisation("두번누름병원", kind="병원")).dblclick()
    expect(clerk.heading).to_have_text("두번누름병원")
    assert registered(clerk, "두번누름병원") == 1

    clerk.draft("두 번 누른 서명", GYEONGGI.ours.name, GYEONGGI.theirs.name)
    form = clerk.act("서명 기록")
    form.get_by_label("서명한 당사자").select_option(GYEONGGI.ours.name)
    form.get_by_label("서명일").fill(SIGNED.isoformat())
    form.get_by_role("button", name="서명 기록").dblclick()
    expect(clerk.page.get_by_role("status").filter(has_text="서명을 기록하였습니다.")).to_be_visible()
    expect(clerk.history).to_have_text(["경기도 서명", "대장에 등록: 두 번 누른 서명, 당사자 2곳"])


def test_going_back_and_sending_again_records_once(clerk: Clerk) -> None:
    clerk.page.goto("/organisations/new")
    fill(clerk, Organisation("되돌아간병원", kind="병원")).click()
    expect(clerk.heading).to_have_text("되돌아간병원")
    address = clerk.record
    clerk.page.go_back()
    expect(clerk.heading).to_have_text("기관 등록")
    fill(clerk, Organisation("되돌아간병원", kind="병원")).click()
    expect(clerk.heading).to_have_text("되돌아간병원")
    assert clerk.record == address
    assert registered(clerk, "되돌아간병원") == 1

    clerk.page.go_back()
    clerk.page.go_back()
    fill(clerk, Organisation("새로적은병원", kind="병원")).click()
    expect(clerk.page.get_by_role("alert")).to_contain_text("이미 다른 내용을 등록하였습니다.")
    expect(clerk.page.get_by_label("한글 이름")).to_have_value("새로적은병원")
    clerk.page.get_by_role("button", name="기관 등록").click()
    expect(clerk.heading).to_have_text("새로적은병원")
    assert registered(clerk, "새로적은병원") == 1


def fill(clerk: Clerk, organisation: Organisation) -> Locator:
    """Fill the form that is shown; its button."""
    clerk.page.get_by_label("한글 이름").fill(organisation.name)
    clerk.page.get_by_label("유형").select_option(organisation.kind)
    return clerk.page.get_by_role("button", name="기관 등록")


def registered(clerk: Clerk, name: str) -> int:
    """How many organisations of that name the list finds."""
    clerk.page.goto(f"/organisations?q={name}")
    return clerk.page.get_by_role("rowheader").filter(has_text=name).count()
