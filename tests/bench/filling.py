"""Fills a log fast: seeded lives, side by side as offices work, copied straight into the tables."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from registry.kernel.facts import Fact
from registry.store.mapper import canonical, state_of

from tests.bench.lives import Deed, Lives

SEED = 20251124
BEGAN = datetime(2016, 1, 1, tzinfo=UTC)
# A million facts take ten years.
APART = timedelta(seconds=300)
SIDE_BY_SIDE = 300
BATCH = 20_000

EVENT = ("position", "stream", "version", "topic", "state", "metadata", "recorded_at")
COMMAND = ("actor", "id", "request_hash", "target", "version", "position", "recorded_at")
RESERVED = ("scope", "name", "stream")
# Moves the head to where the copied rows end; $1 position, $2 recorded at.
HEAD = "update log_head set position = $1, recorded_at = $2"


@dataclass
class Rows:
    """Rows of the three tables, in log order."""

    event: list[tuple[Any, ...]] = field(default_factory=list)
    command: list[tuple[Any, ...]] = field(default_factory=list)
    reserved: list[tuple[Any, ...]] = field(default_factory=list)


def recorded_at(position: int) -> datetime:
    """When the fact at a position of a filled log was recorded."""
    return BEGAN + position * APART


class Filling:
    """Copies the same lives into any log, whole deeds only, until so many facts are there."""

    def __init__(self, seed: int = SEED) -> None:
        """Begin at position 1; of every agreement its id and the position at which it was drafted are remembered."""
        self._lives = Lives(seed)
        self.position = 0
        self.agreements: list[UUID] = []
        self.drafted_at: list[int] = []

    def fill(self, url: str, facts: int) -> None:
        """Copy at least so many facts, as a superuser; a few more, so that no deed is cut."""
        asyncio.run(self._fill(url, facts))

    async def _fill(self, url: str, facts: int) -> None:
        connection = await asyncpg.connect(url)
        try:
            deeds = self._side_by_side()
            while self.position < facts:
                rows = self._batch(deeds, min(facts, self.position + BATCH))
                # No asyncio.gather: one connection copies one table at a time.
                await connection.copy_records_to_table("event", records=rows.event, columns=EVENT)
                await connection.copy_records_to_table("command", records=rows.command, columns=COMMAND)
                await connection.copy_records_to_table("reserved", records=rows.reserved, columns=RESERVED)
            await connection.execute(HEAD, self.position, recorded_at(self.position))
        finally:
            await connection.close()

    def _batch(self, deeds: Iterator[Deed], until: int) -> Rows:
        rows = Rows()
        while self.position < until:
            self._record(next(deeds), rows)
        return rows

    def _record(self, deed: Deed, rows: Rows) -> None:
        command, moment = self._lives.id(), recorded_at(self.position + 1)
        about = {"actor": deed.actor, "command": command, "correlation": command}
        metadata = canonical({**about, "disclosure": "restricted", "office": deed.office})
        for fact in deed.facts:
            self.position += 1
            self._remember(fact)
            state = state_of(fact)
            row = (self.position, fact.originator_id, fact.originator_version, fact.topic, state, metadata, moment)
            rows.event.append(row)
        version = deed.facts[-1].originator_version
        digest = hashlib.sha256(command.bytes).digest()
        rows.command.append((deed.actor, command, digest, deed.target, version, self.position, moment))
        if deed.reserved:
            rows.reserved.append((*deed.reserved, deed.target))

    def _remember(self, fact: Fact) -> None:
        if fact.topic == "agreement.drafted":
            self.agreements.append(fact.originator_id)
            self.drafted_at.append(self.position)

    def _side_by_side(self) -> Iterator[Deed]:
        """Many lives at once, each in its own order."""
        going: list[Iterator[Deed]] = []
        while True:
            while len(going) < SIDE_BY_SIDE:
                day = (recorded_at(self.position + 1)).date()
                going.append(iter(self._lives.deeds(day)))
            place = self._lives.random.randrange(SIDE_BY_SIDE)
            deed = next(going[place], None)
            if deed is None:
                going.pop(place)
            else:
                yield deed
