"""Snapshots of long records beside the same records replayed: commands are decided by what they say."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from registry.fsck.findings import Differs, Progress
from registry.fsck.records import Read
from registry.fsck.views import different
from registry.kernel.facts import Recorded
from registry.kernel.ports import Row, Rows

# A snapshot's state as it is kept and as the facts make it; None when it is of another format and thus never used.
Replayed = Callable[[Sequence[Recorded], str, str], tuple[Any, Any] | None]
PAGE = 20
HOW_MANY = "select count(*) as snapshots from snapshot"
# Snapshots by record; $1 the record to begin after, $2 how many.
SNAPSHOTS = "select stream, version, format, state from snapshot where stream > $1 order by stream limit $2"
# A record's facts up to a version; $1 the record, $2 the version.
FACTS = """
    select position, stream, version, topic, state, metadata, recorded_at from event
    where stream = $1 and version <= $2 order by version
"""


async def check_snapshots(rows: Rows, read: Read, replayed: Replayed, progress: Progress) -> str:
    """Differs at the first one that a command would be decided by and that its facts do not make."""
    last, looked, unused = UUID(int=0), 0, 0
    there = int((await rows.fetch(HOW_MANY))[0]["snapshots"])
    while page := await rows.fetch(SNAPSHOTS, last, PAGE):
        for row in page:
            unused += not await _is_right(row, rows, read, replayed)
        last, looked = page[-1]["stream"], looked + len(page)
        progress("snapshots", looked, there)
    return f"{there - unused} snapshots are what their facts make, {unused} of another program are not used"


async def _is_right(row: Row, rows: Rows, read: Read, replayed: Replayed) -> bool:
    """Is this one used, and as the facts make it? Differs when it is not what they make."""
    record, version = row["stream"], row["version"]
    facts = await rows.fetch(FACTS, record, version)
    if len(facts) < version:
        raise Differs(f"record {record}: its snapshot is of version {version}, its facts end at {len(facts)}")
    try:
        states = replayed([read(fact) for fact in facts], row["format"], row["state"])
    except Exception as unfit:
        raise Differs(f"record {record}: it cannot be replayed up to its snapshot: {type(unfit).__name__}") from unfit
    if states is None:
        return False
    if states[0] != states[1]:
        raise Differs(f"record {record}: its snapshot of version {version} differs in {different(*states)}")
    return True
