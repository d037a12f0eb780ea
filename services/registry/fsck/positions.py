"""The log itself: positions from 1 to the head without gaps, and a recording time that never goes back."""

from datetime import datetime
from uuid import UUID

from registry.fsck.findings import Differs, Progress
from registry.kernel.ports import Rows

PAGE = 20_000
# The log's order, page by page; $1 after which position, $2 how many.
POSITIONS = "select position, recorded_at from event where position > $1 order by position limit $2"
# The generation that was begun last.
CURRENT = "select id from generation order by number desc limit 1"


async def check_positions(rows: Rows, head: int, recorded_at: datetime, progress: Progress) -> str:
    """Differs at the first gap, at a time that goes back, or where the head is not the last position."""
    last, latest = 0, None
    while page := await rows.fetch(POSITIONS, last, PAGE):
        for row in page:
            if row["position"] != last + 1:
                raise Differs(f"position {last + 1} is missing: the next one is {row['position']}")
            if latest is not None and row["recorded_at"] < latest:
                raise Differs(f"position {row['position']} was recorded before position {last}")
            last, latest = row["position"], row["recorded_at"]
        progress("positions", min(last, head), head)
    if last != head:
        raise Differs(f"the head is at {head}, the last position is {last}")
    if latest is not None and recorded_at < latest:
        raise Differs(f"the head's time is before that of position {last}")
    return f"{head} positions without a gap"


async def check_generation(rows: Rows, generation: UUID) -> str:
    """Differs when the head names another generation than the one begun last."""
    begun = [row["id"] for row in await rows.fetch(CURRENT)]
    if begun != [generation]:
        raise Differs(f"the head is of generation {generation}, the one begun last is {begun[0] if begun else 'none'}")
    return f"generation {generation}"
