"""The whole stack in a process of its own, Chromium, and people at its windows; for this package only.

Both end with the package: Playwright's loop must not be left running for tests that bring their own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser import story
from tests.browser.axe import stumbling_blocks
from tests.browser.chromium import running_browser, window
from tests.browser.clerk import Clerk
from tests.browser.stack import RunningStack, running_stack

Windows = Callable[..., Clerk]
Findings = dict[tuple[str, str], list[str]]


@pytest.fixture(scope="package")
def stack() -> Iterator[RunningStack]:
    """The stack, on a day on which a reminder of the story is due."""
    with running_stack(story.TODAY) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with running_browser() as running:
        yield running


@pytest.fixture(scope="package")
def badge(stack: RunningStack, browser: Browser) -> str:
    """The session of a member of staff, begun once for all tests: a link takes a while to issue."""
    with window(browser, stack.url) as (page, watch):
        clerk = Clerk(page, watch, stack)
        clerk.sign_in()
        return clerk.badge()


@pytest.fixture(scope="package")
def empty_pages(stack: RunningStack, browser: Browser, badge: str) -> Findings:
    """What is wrong with the pages of a registry in which nothing is registered yet: looked at before anything is."""
    found = {}
    with window(browser, stack.url) as (page, watch):
        clerk = Clerk(page, watch, stack)
        clerk.show(badge)
        for language in ("ko", "en"):
            clerk.speak(language)
            for path in ("/agreements", "/organisations", "/reminders", "/mail", "/agreements/new"):
                page.goto(path)
                found[path, language] = stumbling_blocks(page, watch)
    return found


@pytest.fixture
def at_window(stack: RunningStack, browser: Browser, empty_pages: Findings) -> Iterator[Windows]:
    """Open a window of Chromium; at the end of the test nothing may have been complained of in any."""
    with ExitStack() as windows:

        def opened(*, javascript: bool = True) -> Clerk:
            page, watch = windows.enter_context(window(browser, stack.url, javascript=javascript))
            return Clerk(page, watch, stack)

        yield opened


@pytest.fixture
def clerk(at_window: Windows, badge: str) -> Clerk:
    """A member of staff who has signed in."""
    someone = at_window()
    someone.show(badge)
    return someone


@pytest.fixture(scope="package")
def mou(stack: RunningStack, browser: Browser, badge: str, empty_pages: Findings) -> str:
    """The address of an MOU in force, with its reminder in its history."""
    with window(browser, stack.url) as (page, watch):
        someone = Clerk(page, watch, stack)
        someone.show(badge)
        address = story.conclude(someone, story.GYEONGGI)
        story.reminded(someone, story.GYEONGGI, "busanjin")
        return address
