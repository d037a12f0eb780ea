"""People read their own writes: a view is waited for until it has reached a position."""

import asyncio
from collections.abc import Sequence

from registry.kernel.errors import Unavailable
from registry.kernel.ports import Rows

# Which of some views show everything up to a position: they stand there, or what lies between is of other slices (a
# view's checkpoint is not moved for every fact of another slice). $1 their names, $2 the position, $3 how far that
# is looked through.
REACHED = """
    select count(*) as reached from follower, log_head
    where name = any($1::text[]) and (follower.position >= $2 or (
        $2 between follower.position and least(log_head.position, follower.position + $3) and not exists (
            select 1 from event
            where event.position > follower.position and event.position <= $2
              and split_part(event.topic, '.', 1) = split_part(follower.name, '.', 2))))
"""
FAR = 2000
BOUND_SECONDS = 3.0
SHORTEST_PAUSE = 0.005
LONGEST_PAUSE = 0.1
# Each pause is so much longer than the last: a view that takes facts together is mostly there within 60 ms.
LONGER = 1.5


async def reached(rows: Rows, views: Sequence[str], position: int, *, bound: float = BOUND_SECONDS) -> None:
    """Wait until every view stands at `position` or later; Unavailable (`view.behind`) past `bound` seconds."""
    names = [f"view.{view}" for view in views]
    try:
        async with asyncio.timeout(bound):
            pause = SHORTEST_PAUSE
            while not await _have_reached(rows, names, position):
                await asyncio.sleep(pause)
                pause = min(LONGER * pause, LONGEST_PAUSE)
    except TimeoutError:
        raise Unavailable(
            "view.behind",
            ko="방금 기록한 내용을 화면에 반영하는 중입니다. 잠시 뒤 다시 열어 주세요. 기록은 안전합니다.",
            en="What you recorded is safe but not in this view yet: open it again in a moment.",
        ) from None


async def _have_reached(rows: Rows, names: Sequence[str], position: int) -> bool:
    return bool((await rows.fetch(REACHED, names, position, FAR))[0]["reached"] == len(names))
