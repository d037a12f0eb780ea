"""Reads the next stretch of the log while the last one is being worked on."""

import asyncio
from collections.abc import Sequence

from registry.kernel.ports import Log, Stretch


class Ahead:
    """One reader; at most one stretch is read ahead, and what is not asked for is dropped."""

    def __init__(self, log: Log, slices: Sequence[str] | None) -> None:
        """Read the facts of `slices`, or all."""
        self._log = log
        self._slices = slices
        self._wanted: tuple[int, int] | None = None
        self._reading: asyncio.Task[Stretch] | None = None

    async def read(self, position: int, limit: int) -> Stretch:
        """The stretch after `position`, and begin with the one that follows if this one is full."""
        if self._reading is None or self._wanted != (position, limit):
            await self.stop()
            stretch = await self._log.stretch(position, limit, self._slices)
        else:
            reading, self._reading = self._reading, None
            stretch = await reading
        if stretch.full:
            self._wanted = (stretch.through, limit)
            self._reading = asyncio.create_task(self._log.stretch(stretch.through, limit, self._slices))
        return stretch

    async def stop(self) -> None:
        """Drop what is being read."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                reading.exception()  # of no interest: it will be read again
