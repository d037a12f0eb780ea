"""Whoever cannot see, point or wait is served as well: axe-core on every page, and the keyboard alone."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.axe import stumbling_blocks
from tests.browser.clerk import Clerk
from tests.browser.conftest import Findings, Windows
from tests.browser.story import GYEONGGI

Visit = Callable[[Clerk], object]
SEND = "main .moa-form .krds-btn.primary"


def at(path: str) -> Visit:
    """Open an address."""
    return lambda clerk: clerk.page.goto(path)


def refused_form(path: str, form: str = SEND) -> Visit:
    """Send a form without what it needs, past what the browser itself would check."""

    def visit(clerk: Clerk) -> None:
        clerk.page.goto(path)
        clerk.page.locator(form).first.evaluate("button => { button.form.noValidate = true }")
        clerk.page.locator(form).first.click()
        expect(clerk.page.locator(".moa-errors")).to_be_visible()

    return visit


def only_mail(clerk: Clerk) -> None:
    clerk.page.goto("/mail")
    clerk.page.locator("main table a").last.click()
    expect(clerk.page.locator(".moa-mail")).to_be_visible()


def party_of(mou: str) -> Visit:
    def visit(clerk: Clerk) -> None:
        clerk.page.goto(mou)
        clerk.page.locator("main table a").first.click()
        expect(clerk.page.locator("#agreements")).to_be_visible()

    return visit


def test_an_empty_registry_has_no_stumbling_block(empty_pages: Findings) -> None:
    assert {page: found for page, found in empty_pages.items() if found} == {}


@pytest.fixture
def drafts(clerk: Clerk, mou: str) -> dict[str, str]:
    """A draft that awaits signatures, one with a placeholder, and one signed on paper on a day nobody knows."""
    draft = clerk.draft("서명을 기다리는 협약", GYEONGGI.ours.name, GYEONGGI.theirs.name)
    clerk.fill_draft("긴" * 200, GYEONGGI.ours.name)
    clerk.row(2).get_by_label("가칭").fill("몽골 보건부")
    clerk.row(2).get_by_label("역할").fill("상대 부처")
    clerk.send("협약 등록", done="협약을 초안으로 등록하였습니다.")
    placeholder = clerk.record
    expect(clerk.page.get_by_text("가칭으로 적은 당사자")).to_be_visible()
    clerk.fill_draft("종이로 체결한 협약", GYEONGGI.ours.name, GYEONGGI.theirs.name)
    clerk.page.locator("label", has_text="이미 체결되었습니다.").click()
    clerk.page.get_by_label("문서", exact=True).fill("공약 이행 자료")
    clerk.send("협약 등록", done="체결된 협약을 등록하였습니다.")
    return {"draft": draft, "placeholder": placeholder, "paper": clerk.record}


def test_no_page_has_a_stumbling_block(clerk: Clerk, at_window: Windows, mou: str, drafts: dict[str, str]) -> None:
    visits = {
        "register": at("/agreements"),
        "register, nothing found": at("/agreements?q=nowhere&state=signed"),
        "agreement form": at("/agreements/new"),
        "agreement form, refused": refused_form("/agreements/new", "main .moa-buttons button"),
        "agreement in force": at(mou),
        "agreement, draft": at(drafts["draft"]),
        "agreement, placeholder": at(drafts["placeholder"]),
        "agreement, on paper": at(drafts["paper"]),
        "agreement, refused": refused_form(drafts["draft"]),
        "organisations": at("/organisations"),
        "organisations, nothing found": at("/organisations?q=nowhere"),
        "organisation": party_of(mou),
        "organisation form": at("/organisations/new"),
        "organisation form, refused": refused_form("/organisations/new"),
        "reminders": at("/reminders"),
        "mailbox": at("/mail"),
        "mail": only_mail,
        "no such page": at("/nowhere"),
        "no such agreement": at("/agreements/00000000-0000-4000-8000-000000000000"),
    }
    assert blocks(clerk, visits) == {}

    auditor = at_window()
    auditor.sign_in("auditor")
    assert blocks(auditor, {"agreement, to an auditor": at(mou), "not for auditors": at("/agreements/new")}) == {}

    link = clerk.stack.link()
    stranger = at_window()
    assert blocks(stranger, {"sign in": at("/sign-in"), "confirm": at(link)}) == {}
    at_window().page.goto(link)
    stranger.page.locator("main button").click()
    assert blocks(stranger, {"spent link": at(link)}) == {}


def blocks(clerk: Clerk, visits: dict[str, Visit]) -> dict[str, list[str]]:
    """What is wrong with the pages, in either language and at either width."""
    found: dict[str, list[str]] = {}
    languages: tuple[Literal["ko", "en"], ...] = ("ko", "en")
    for language in languages:
        clerk.speak(language)
        for name, visit in visits.items():
            visit(clerk)
            assert clerk.page.locator("html").get_attribute("lang") == language
            found[f"{name} ({language})"] = stumbling_blocks(clerk.page, clerk.watch)
    clerk.speak("ko")
    return {name: wrong for name, wrong in found.items() if wrong}


def test_the_skip_link_leads_past_the_menu(clerk: Clerk) -> None:
    page = clerk.page
    page.goto("/agreements")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="본문 바로가기")).to_be_focused()
    expect(page.get_by_role("link", name="본문 바로가기")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="협약 등록")).to_be_focused()


def test_an_agreement_is_registered_and_signed_by_keyboard_alone(clerk: Clerk, mou: str) -> None:
    keys = Keyboard(clerk)
    clerk.page.goto("/agreements/new")
    keys.to("title_ko").write("글쇠로만 등록한 협약")
    keys.to("parties.0.organisation").choose(GYEONGGI.ours.name)
    keys.to("parties.1.organisation").choose(GYEONGGI.theirs.name)
    keys.to_button("협약 등록").press()
    expect(clerk.heading).to_have_text("글쇠로만 등록한 협약")

    keys.to("record_signature-organisation").choose(GYEONGGI.ours.name)
    keys.to("record_signature-on").write_day("2025", "06", "10")
    keys.to_button("서명 기록").press()
    expect(clerk.history.first).to_have_text("경기도 서명")


class Keyboard:
    """Somebody who has no mouse: Tab until the focus is there, then keys."""

    def __init__(self, clerk: Clerk) -> None:
        self._page = clerk.page

    def to(self, field: str) -> "Keyboard":
        """Tab to the field of that id."""
        return self._tab_until("id => document.activeElement.id === id", field)

    def to_button(self, name: str) -> "Keyboard":
        """Tab to the button in the page's body that says so."""
        return self._tab_until(
            "name => document.activeElement.matches('main button') && document.activeElement.innerText.trim() === name",
            name,
        )

    def write(self, words: str) -> None:
        """Type."""
        self._page.keyboard.insert_text(words)

    def write_day(self, year: str, month: str, day: str) -> None:
        """Type a day in the order that the browser's own field has: month, day, year."""
        for part in (month, day, year):
            self._page.keyboard.type(part)

    def choose(self, label: str) -> None:
        """Arrow down through a list to the choice."""
        chosen = self._page.locator(":focus option:checked")
        for _ in range(100):
            if chosen.inner_text() == label:
                return
            self._page.keyboard.press("ArrowDown")
        raise AssertionError(label)

    def press(self) -> None:
        """Press what has the focus."""
        self._page.keyboard.press("Enter")

    def _tab_until(self, there: str, what: str) -> "Keyboard":
        for _ in range(100):
            self._page.keyboard.press("Tab")
            if self._page.evaluate(there, what):
                return self
        raise AssertionError(what)
