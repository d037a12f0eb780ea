"""`python -m tests.browser.pictures`: take the README's pictures anew, from a stack that holds the demonstration.

The day is one on which a reminder is due. The demonstration states no term, so the pictures' clerk records one.
"""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import story
from tests.browser.chromium import running_browser, window
from tests.browser.clerk import Clerk
from tests.browser.stack import REPOSITORY, RunningStack, running_stack

DOCS = REPOSITORY / "docs"
LARGEST = 300_000  # bytes
PARTY = "시청구"


def main() -> None:
    """Start, load, record, take both pictures."""
    DOCS.mkdir(exist_ok=True)
    with (
        running_stack(story.TODAY) as stack,
        running_browser() as browser,
        window(browser, stack.url) as (page, watch),
    ):
        load_demonstration(stack)
        clerk = Clerk(page, watch, stack)
        clerk.sign_in(office="busanjin")
        clerk.search(PARTY)
        page.get_by_role("rowheader").get_by_role("link").first.click()
        clerk.enter_into_force(story.SIGNED)
        clerk.set_term(story.SIGNED, story.ENDS, "자동연장", years=3, notice_months=3)
        address = clerk.record
        clerk.wait_for(clerk.history.filter(has_text="90일 전 알림 발송"))
        take(page, address, DOCS / "history.png")
        take(page, "/agreements", DOCS / "register.png")


def load_demonstration(stack: RunningStack) -> None:
    """As `make demo` does."""
    subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--url", stack.url],
        cwd=REPOSITORY,
        env={**os.environ, "MOA_HOME": str(stack.home)},
        check=True,
    )


def take(page: Page, path: str, file: Path) -> None:
    """The whole page at a desk's width; AssertionError if the picture is too large for a README."""
    page.goto(path)
    page.screenshot(path=file, full_page=True)
    size = file.stat().st_size
    assert size < LARGEST, f"{file}: {size} bytes"


if __name__ == "__main__":
    main()
