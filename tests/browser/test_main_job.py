"""A member of staff does the whole job at the browser: from the sign-in link to the reminder, and out again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import story
from tests.browser.conftest import Windows

ANOTHER_ROUND = 6_000  # milliseconds: the notifier looks every five seconds
READABLE = ("/", "/agreements", "/agreements?q=시청", "/agreements/new", "/organisations", "/reminders", "/mail")


@pytest.mark.parametrize(
    ("mou", "office", "javascript"),
    [(story.BUSANJIN, "busanjin", True), (story.YEONGDEUNGPO, "yeongdeungpo", False)],
    ids=["with JavaScript", "without JavaScript"],
)
def test_from_the_sign_in_link_to_the_reminder(
    at_window: Windows, mou: story.Memorandum, office: str, javascript: bool
) -> None:
    clerk = at_window(javascript=javascript)
    page = clerk.page
    clerk.sign_in(office=office)
    address = story.conclude(clerk, mou)
    expect(page.get_by_text("해지통보가 2028. 3. 8.까지 상대방에게 도달해야 합니다.")).to_be_visible()

    story.reminded(clerk, mou, office)
    expect(clerk.history).to_have_text(mou.history(office))

    clerk.search(mou.theirs.name[2:5])
    row = page.get_by_role("row").filter(has_text=mou.title)
    expect(page.get_by_role("status")).to_have_text("검색 결과 1건")
    expect(row).to_contain_text(re.compile(rf"{mou.ours.name}\s*{mou.theirs.name}\s*발효"))
    expect(row).to_contain_text("D-90")
    clerk.search("없는 기관")
    expect(page.get_by_role("status")).to_have_text("검색 결과 0건")

    page.wait_for_timeout(ANOTHER_ROUND if javascript else 0)
    page.goto("/mail")
    mails = page.get_by_role("link", name=mou.title)
    expect(mails).to_have_count(1)
    mails.click()
    expect(clerk.heading).to_have_text(f"[모아] 해지통보 기한 2028-03-08 (90일 남음): {mou.title}")
    expect(page.get_by_label("본문")).to_contain_text(f"{clerk.stack.url}{address}")
    page.goto("/reminders")
    sent = page.get_by_role("region", name="보낸 알림").get_by_role("row").filter(has_text=mou.title)
    expect(sent).to_have_count(1)

    page.goto(address)
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(f"{clerk.stack.url}{address}")
    expect(clerk.heading).to_have_text(mou.english)
    expect(page.get_by_text("Entered into force")).to_be_visible()

    badge = clerk.badge()
    clerk.sign_out()
    for kept in ("", badge):  # whoever kept the session has nothing
        clerk.show(kept)
        for path in (*READABLE, address):
            page.goto(path)
            expect(page).to_have_url(f"{clerk.stack.url}/sign-in")
            expect(page.get_by_role("main")).not_to_contain_text(mou.title)


def test_a_link_signs_in_once_and_opening_it_does_not_spend_it(at_window: Windows) -> None:
    clerk = at_window()
    link = clerk.stack.link()
    for _ in range(2):
        clerk.page.goto(link)
        expect(clerk.heading).to_have_text("로그인 확인")
    clerk.page.get_by_role("button", name="이 정보로 로그인").click()
    expect(clerk.heading).to_have_text("협약 대장")
    late = at_window()
    late.page.goto(link)
    expect(late.page.get_by_role("alert")).to_contain_text("이 링크는 사용할 수 없습니다.")
    late.page.goto("/agreements")
    expect(late.page).to_have_url(f"{late.stack.url}/sign-in")
