"""The stream beside the log; what is asked of JetStream goes through a port, which the relay fills."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from registry.fsck.findings import Differs, Progress
from registry.kernel.ports import Row, Rows

PATIENCE_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.25
# Where the log stands now, outside any snapshot.
HEAD = "select position from log_head"
# What the messages must be about; $1 after which position, $2 how many.
EXPECTED = """
    select position, stream, version, state, recorded_at from event where position > $1 order by position limit $2
"""


@dataclass(frozen=True)
class StreamLook:
    """How the stream stands; its generation is None where it names none."""

    first: int
    last: int
    count: int
    generation: UUID | None


@dataclass(frozen=True)
class Marks:
    """By what a message is recognised. `state_hash` and `recorded_at` are None in one from before they were told."""

    sequence: int
    event: str
    generation: UUID | None
    state_hash: str | None
    recorded_at: str | None


class StreamSide(Protocol):
    """JetStream's side of the comparison."""

    async def look(self) -> StreamLook | None:
        """How the stream stands; None when there is none, NotLookedAt when nobody answers."""

    async def mark(self, sequence: int) -> Marks | None:
        """The message at a sequence; None when it is not there."""

    def marks(self) -> AbstractAsyncContextManager[AsyncIterator[Sequence[Marks]]]:
        """Every message in order, some at a time."""


@dataclass(frozen=True)
class StreamCheck:
    """Compares extent, generation and the last message, and in depth every one."""

    side: StreamSide
    now: Rows
    snapshot: Rows
    head: int
    generation: UUID

    async def run(self, progress: Progress, *, deep: bool) -> str:
        """What was found; Differs at the first difference. A stream that a relay is filling is given time."""
        look, stalled = await self._settled()
        if look.generation not in {None, self.generation}:
            raise Differs(f"the stream is of generation {look.generation}, the log of {self.generation}")
        compared = await self._compare(min(look.last, self.head), progress) if deep else "the last one about its fact"
        head = int((await self.now.fetch(HEAD))[0]["position"])
        if look.last > head:
            raise Differs(f"the stream is at {look.last}, the log only at {head}")
        if look.count != look.last:
            raise Differs(f"the stream holds {look.count} of the {look.last} messages it counts, from {look.first} on")
        behind = max(0, self.head - look.last)
        await self._compare_last(look.last)
        if stalled:
            raise Differs(f"the stream is at {look.last}, the log at {self.head}, and nothing comes: does a relay run?")
        return f"{look.last} messages, {compared}" + (f"; {behind} to come, it is being filled" if behind else "")

    async def _settled(self) -> tuple[StreamLook, bool]:
        """The stream once it has come as far as the log had, or while it visibly comes nearer; whether nothing came."""
        begun = look = await self.side.look()
        waited = 0.0
        while (look is None or look.last < self.head) and waited < PATIENCE_SECONDS:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            waited += LOOK_EVERY_SECONDS
            look = await self.side.look()
        if look is None:
            raise Differs("there is no stream, and nobody makes it: does a relay run?")
        return look, look.last < self.head and begun is not None and look.last <= begun.last

    async def _compare_last(self, last: int) -> None:
        """With the log as it is now: it may be of a fact that the snapshot does not know."""
        if last == 0:
            return
        marks, rows = await self.side.mark(last), await self.now.fetch(EXPECTED, last - 1, 1)
        if marks is None:
            raise Differs(f"the stream lost its last message ({last})")
        if not rows:
            raise Differs(f"position {last} is in the stream and not in the log")
        self._compare_one(marks, rows[0])

    async def _compare(self, through: int, progress: Progress) -> str:
        if through == 0:
            return "none to compare"
        async with self.side.marks() as pages:
            last = 0
            async for page in pages:
                rows = await self.snapshot.fetch(EXPECTED, last, len(page))
                for marks, row in zip(page, rows, strict=False):
                    self._compare_one(marks, row)
                last = min(page[-1].sequence, through)
                progress("stream", last, through)
                if last == through:
                    return "each about its fact"
        raise Differs(f"the stream ends at {last}, though it counts {through} messages")

    def _compare_one(self, marks: Marks, row: Row) -> None:
        position = row["position"]
        wrong = {
            "sequence": marks.sequence != position,
            "ce-id": marks.event != f"{row['stream']}:{row['version']}",
            "ce-source": marks.generation != self.generation,
            "state hash": marks.state_hash not in {None, hashlib.sha256(row["state"].encode()).hexdigest()},
            "time": marks.recorded_at not in {None, row["recorded_at"].isoformat()},
        }
        if any(wrong.values()):
            names = ", ".join(name for name, differs in wrong.items() if differs)
            raise Differs(f"position {position} differs between stream and log in {names}")
