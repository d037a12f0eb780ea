"""People read their own writes: a view is waited for until it has reached a position."""

import asyncio
from collections.abc import Sequence

from registry.kernel.errors import Unavailable
from registry.kernel.ports import Rows

# How far the slowest of some views has come; $1 their names.
REACHED = "select count(*) as known, min(position) as position from view.checkpoint where name = any($1::text[])"
BOUND_SECONDS = 3.0
POLL_SECONDS = 0.01


async def reached(rows: Rows, views: Sequence[str], position: int, *, bound: float = BOUND_SECONDS) -> None:
    """Wait until every view stands at `position` or later; Unavailable (`view.behind`) past `bound` seconds."""
    names = [f"view.{view}" for view in views]
    for _ in range(max(1, int(bound / POLL_SECONDS))):
        found = (await rows.fetch(REACHED, names))[0]
        if found["known"] == len(names) and found["position"] >= position:
            return
        await asyncio.sleep(POLL_SECONDS)
    raise Unavailable(
        "view.behind",
        ko="방금 기록한 내용을 화면에 반영하는 중입니다. 잠시 뒤 다시 열어 주세요. 기록은 안전합니다.",
        en="What you recorded is safe but not in this view yet: open it again in a moment.",
    )
