"""Reads the log for the relay: while the facts of one batch become messages, those of the next are fetched."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.kernel.errors import Unreadable
from registry.kernel.facts import Entry
from registry.kernel.ports import Log
from registry.relay.messages import Messages, Outgoing
from registry.relay.stream import MAX_BATCH

# After so many messages the others in this process have their turn.
TURN = 100


@dataclass
class Ahead:
    """One reader; at most one batch is fetched ahead, and what is not asked for is dropped."""

    log: Log
    _fetched: tuple[int, Sequence[Entry]] | None = field(default=None, init=False)

    async def read(self, messages: Messages, after: int) -> Sequence[Outgoing]:
        """The messages after a position, as many as one batch takes. Unreadable when the very next fact is."""
        fetched, self._fetched = self._fetched, None
        entries = fetched[1] if fetched and fetched[0] == after else await self.log.entries(after, MAX_BATCH)
        if len(entries) < MAX_BATCH:
            return await _made(messages, entries)
        following = after + MAX_BATCH
        more, made = await asyncio.gather(
            self.log.entries(following, MAX_BATCH), _made(messages, entries), return_exceptions=True
        )
        if isinstance(made, BaseException):
            raise made
        # What went wrong with them is met again when their turn comes.
        self._fetched = None if isinstance(more, BaseException) else (following, more)
        return made


async def _made(messages: Messages, entries: Sequence[Entry]) -> Sequence[Outgoing]:
    """Their messages, up to one that cannot be made."""
    made: list[Outgoing] = []
    try:
        for start in range(0, len(entries), TURN):
            for entry in entries[start : start + TURN]:
                made.append(messages.of(entry))
            await asyncio.sleep(0)
    except Unreadable:
        if not made:
            raise
    return made
