"""Those that follow the log: none beyond it, none standing still, and none for whom facts wait in vain."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from registry.fsck.findings import Differs
from registry.kernel.ports import Rows

PATIENCE_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.25
# A follower that is further than the log; $1 the head.
FOLLOWER_AHEAD = "select name, position from follower where position > $1 order by name limit 1"
# A part that stands still until a person has looked.
FOLLOWER_STOPPED = "select name, stopped from follower where stopped is not null order by name limit 1"
# Where the followers are.
PLACES = "select name, version, position from follower where position is not null"
# The first fact of some slices after a position; $1 the position, $2 the slices.
NEXT = """
    select position from event where position > $1 and split_part(topic, '.', 1) = any($2) order by position limit 1
"""


@dataclass(frozen=True)
class Followed:
    """One that must follow the log, in which version, and the slices whose facts it takes."""

    name: str
    version: int
    slices: tuple[str, ...]


@dataclass(frozen=True)
class Behind:
    """A follower's position, and that of the first fact that waits for it."""

    name: str
    position: int
    waits: int


async def check_followers(followed: Sequence[Followed], now: Rows, snapshot: Rows, head: int) -> str:
    """Differs where one claims to be further than the log, stands still, or does not come to a fact of its own.

    One that is behind is given time; facts of others it need not have passed over. A view of another version is not
    looked at here: it may be being built anew.
    """
    for row in await snapshot.fetch(FOLLOWER_AHEAD, head):
        raise Differs(f"{row['name']} is at position {row['position']}, the head is at {head}")
    for row in await snapshot.fetch(FOLLOWER_STOPPED):
        raise Differs(f"{row['name']} stands still at {row['stopped']}")
    waited = 0.0
    behind = first = await _behind(followed, now, snapshot)
    while behind and waited < PATIENCE_SECONDS:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        waited += LOOK_EVERY_SECONDS
        places = await _places(now)
        behind = [each for each in behind if places.get(each.name, (0, 0))[1] == each.position]
    for each in behind:
        raise Differs(
            f"{each.name} is at position {each.position}, position {each.waits} waits for it, and nothing comes: "
            "does `registry follow` run?"
        )
    coming = f"; {len(first)} were behind and came nearer" if first else ""
    return f"no follower stands still or is beyond position {head}{coming}"


async def _behind(followed: Sequence[Followed], now: Rows, snapshot: Rows) -> list[Behind]:
    """Those for whom facts wait; one that has never begun is at position 0."""
    found, places = [], await _places(now)
    for each in followed:
        version, position = places.get(each.name, (each.version, 0))
        if version == each.version:
            waiting = await snapshot.fetch(NEXT, position, each.slices)
            found += [Behind(each.name, position, row["position"]) for row in waiting]
    return found


async def _places(rows: Rows) -> dict[str, tuple[int, int]]:
    """Version and position of each."""
    return {row["name"]: (row["version"], row["position"]) for row in await rows.fetch(PLACES)}
