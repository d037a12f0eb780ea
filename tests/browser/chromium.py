"""A real Chromium, and what it must not do: complain in its console, or leave the origin."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "No Chromium: install one with `apt-get install chromium`, or name it in MOA_CHROMIUM."
PATIENCE = 10_000  # milliseconds


def chromium() -> str:
    """Where Chromium is; AssertionError with the command that installs it when there is none."""
    given = os.environ.get("MOA_CHROMIUM")
    found = shutil.which(given) if given else next(filter(None, map(shutil.which, NAMES)), None)
    assert found, MISSING
    return found


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What a browser window said and asked beyond showing our pages: it should be nothing."""

    origin: str
    averted: bool = False
    said: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._see)

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """While a test puts something of its own into the page."""
        self.averted = True
        yield
        self.averted = False

    def _hear(self, message: ConsoleMessage) -> None:
        # A refusal shown as a page has its status; the browser logs it, and nothing is wrong with the page.
        refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        page = message.page
        if not self.averted and not (refused and page and message.location["url"] == page.url):
            self.said.append(f"{message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        address = urlsplit(request.url)
        if f"{address.scheme}://{address.netloc}" != self.origin and address.scheme != "data":
            self.left.append(request.url)


@contextmanager
def window(browser: Browser, origin: str, *, javascript: bool = True) -> Iterator[tuple[Page, Watch]]:
    """A window of somebody who has not signed in yet; at its end nothing was complained of and nobody else asked."""
    context: BrowserContext = browser.new_context(
        base_url=origin,
        java_script_enabled=javascript,
        viewport={"width": 1280, "height": 900},
        locale="ko-KR",
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    watch = Watch(origin)
    context.on("page", watch.over)
    try:
        yield context.new_page(), watch
    finally:
        context.close()
    assert not watch.said, watch.said
    assert not watch.left, watch.left
