"""What a member of staff does on the pages, step by step, by the words they read there."""

import re
import time
from dataclasses import dataclass
from datetime import date
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Watch
from tests.browser.stack import RunningStack

REMINDED_WITHIN = 60.0
SESSION = "moa_session"
Renewal = Literal["갱신 없음", "합의 연장", "자동연장"]


@dataclass(frozen=True)
class Organisation:
    """What the form asks of one."""

    name: str
    english: str = ""
    kind: str = "지방자치단체"
    country: str = "KR"


@dataclass(frozen=True)
class Clerk:
    """Somebody at a browser window."""

    page: Page
    watch: Watch
    stack: RunningStack

    def sign_in(self, role: str = "staff", office: str = "busanjin") -> None:
        """Open a one-time link and confirm it."""
        self.page.goto(self.stack.link(role, office))
        self.page.get_by_role("button", name="이 정보로 로그인").click()
        expect(self.heading).to_have_text("협약 대장")

    def register(self, organisation: Organisation) -> str:
        """Register an organisation; the address of its page."""
        page = self.page
        page.goto("/organisations/new")
        page.get_by_label("한글 이름").fill(organisation.name)
        page.get_by_label("영문 이름").fill(organisation.english)
        page.get_by_label("유형").select_option(organisation.kind)
        page.get_by_label("국가").select_option(organisation.country)
        self.send("기관 등록", done="기관을 등록하였습니다.")
        return self.record

    def draft(self, title: str, *parties: str, english: str = "", number: str = "", fields: str = "") -> str:
        """Draft an MOU between registered parties; the address of its page."""
        self.fill_draft(title, *parties, english=english, number=number, fields=fields)
        self.send("협약 등록", done="협약을 초안으로 등록하였습니다.")
        return self.record

    def fill_draft(self, title: str, *parties: str, english: str = "", number: str = "", fields: str = "") -> None:
        """Fill the form of a new agreement and leave it there."""
        page = self.page
        page.goto("/agreements/new")
        page.get_by_label("협약명(한글)").fill(title)
        page.get_by_label("협약명(영문)").fill(english)
        page.get_by_label("협력 분야").fill(fields)
        if number:
            page.get_by_label("관리번호").fill(number)
        for n, party in enumerate(parties, 1):
            if page.get_by_role("group", name=f"당사자 {n}", exact=True).count() == 0:
                page.get_by_role("button", name="당사자 줄 추가").click()
            self.row(n).get_by_label("기관", exact=True).select_option(party)

    def row(self, n: int) -> Locator:
        """The nth row of parties in the form."""
        return self.page.get_by_role("group", name=f"당사자 {n}", exact=True)

    def sign(self, party: str, on: date, place: str = "") -> None:
        """Record a party's signature on the agreement that is shown."""
        form = self.act("서명 기록")
        form.get_by_label("서명한 당사자").select_option(party)
        form.get_by_label("서명일").fill(on.isoformat())
        form.get_by_label("서명 장소").fill(place)
        self.send("서명 기록", done="서명을 기록하였습니다.", within=form)

    def enter_into_force(self, on: date) -> None:
        """Record the first day in force."""
        form = self.act("발효 기록")
        form.get_by_label("발효일").fill(on.isoformat())
        self.send("발효 기록", done="발효를 기록하였습니다.", within=form)

    def set_term(self, start: date, end: date, renewal: Renewal, *, years: int = 0, notice_months: int = 0) -> None:
        """Record a term that ends on a stated day."""
        form = self.act("협약 기간 기록")
        form.get_by_label("시작일 필수").fill(start.isoformat())
        form.get_by_label("종료일", exact=True).fill(end.isoformat())
        form.get_by_text(renewal, exact=True).click()
        if years:
            form.get_by_role("group", name="연장 기간").get_by_label("년").fill(str(years))
        if notice_months:
            form.get_by_role("group", name="해지통보 기간").get_by_label("개월").fill(str(notice_months))
        self.send("기간 기록", done="협약 기간을 기록하였습니다.", within=form)

    def act(self, name: str) -> Locator:
        """The form of something that can be done now, opened."""
        action = self.page.get_by_role("group").filter(has=self.page.locator("summary", has_text=name))
        if action.get_attribute("open") is None:
            action.locator("summary").click()
        return action

    def send(self, button: str, *, done: str, within: Locator | None = None) -> None:
        """Press the button of a form, and read that it is done."""
        (within or self.page.get_by_role("main")).get_by_role("button", name=button, exact=True).click()
        expect(self.page.get_by_role("status").filter(has_text=done)).to_be_visible()

    def search(self, words: str) -> None:
        """Search the register."""
        self.page.goto("/agreements")
        self.page.get_by_label("번호, 협약명, 당사자").fill(words)
        self.page.get_by_role("button", name="검색", exact=True).click()
        expect(self.page).to_have_url(re.compile("q="))

    def wait_for(self, line: Locator) -> None:
        """Read the page again and again until a line stands on it, for a bounded time."""
        give_up = time.monotonic() + REMINDED_WITHIN
        while line.count() == 0:
            assert time.monotonic() < give_up, self.page.get_by_role("main").inner_text()
            self.page.wait_for_timeout(250)
            self.page.reload()

    def speak(self, language: Literal["ko", "en"]) -> None:
        """Choose the language of the pages that follow, as the switch does."""
        self.page.context.add_cookies([{"name": "moa_lang", "value": language, "url": self.stack.url}])

    def badge(self) -> str:
        """The session that this window holds."""
        return next(cookie["value"] for cookie in self.page.context.cookies() if cookie["name"] == SESSION)

    def show(self, badge: str) -> None:
        """Go on with a session that another window began."""
        self.page.context.add_cookies([{"name": SESSION, "value": badge, "url": self.stack.url}])

    def sign_out(self) -> None:
        """Leave."""
        self.page.get_by_role("button", name=re.compile("로그아웃|Sign out")).click()
        expect(self.page).to_have_url(f"{self.stack.url}/sign-in")

    @property
    def heading(self) -> Locator:
        """The title of the page."""
        return self.page.get_by_role("heading", level=1)

    @property
    def history(self) -> Locator:
        """What happened, in the words of the timeline, newest first."""
        return self.page.get_by_role("region", name="이력").locator(".moa-what")

    @property
    def record(self) -> str:
        """The path of the record that is shown."""
        return self.page.url.removeprefix(self.stack.url).partition("?")[0]
