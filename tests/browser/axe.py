"""axe-core in the page: what somebody who cannot see or point would stumble over."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.chromium import Watch

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
DESK, PHONE = (1280, 900), (390, 844)
RUN = """() => axe.run(document, {preload: false, resultTypes: ['violations']}).then(found => found.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id} (${rule.impact}): ${node.target.join(' ')}: ${node.failureSummary}`)))"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def stumbling_blocks(page: Page, watch: Watch) -> list[str]:
    """What axe finds on the page at both widths, and how far it is wider than its window."""
    found: list[str] = []
    with watch.looking_away():
        page.evaluate(_source())
    for width, height in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        with watch.looking_away():  # axe's own styles are refused by the page's policy, and that is all right
            violations: list[Any] = page.evaluate(RUN)
        found += [f"{width} px: {violation}" for violation in violations]
        if wider := page.evaluate(WIDER):
            found.append(f"{width} px: the page is {wider} px wider than the window")
    return found
