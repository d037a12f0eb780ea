"""Everything that follows the log, and what becomes of a part that cannot go on."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from registry.bootstrap.house import PATIENCE_SECONDS, open_house
from registry.bootstrap.slices import PUBLISHED, VIEWS
from registry.follower import Follower, note, why
from registry.house import House
from registry.kernel.errors import Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Database
from registry.process import renewals
from registry.projector import Projector
from registry.receipts import Receipts
from registry.relay import Relay
from registry.settings import Settings
from registry.store.leadership import Leadership
from registry.store.mapper import canonical, fact_of, state_of

RESTART_SECONDS = 5
INSIST_SECONDS = 0.5
logger = structlog.get_logger(__name__)


class Part(Protocol):
    """Something that runs for good; it returns only when it is `stopped` until a person has looked."""

    stopped: str | None

    async def run(self) -> None:
        """Run for good."""


@dataclass
class Following:
    """Views, the renewal process, relay and receipts, side by side."""

    settings: Settings

    async def run(self, until: asyncio.Event) -> None:
        """Follow until told to stop; a part that cannot go on is an alarm, and the others go on."""
        async with open_house(self.settings, connections=2 * len(VIEWS) + 8, patience=PATIENCE_SECONDS) as house:
            parts = self._parts(house)
            tasks = [asyncio.create_task(keep_going(name, part, house.rows), name=name) for name, part in parts.items()]
            logger.info("following.started", parts=list(parts))
            await until.wait()
            await end(tasks)
            logger.info("following.ended")

    def _parts(self, house: House) -> dict[str, Part]:
        parts: dict[str, Part] = {}
        for view in VIEWS:
            parts[view.table] = Projector(view, canonical).follower(house.log, house.rows)
        parts[renewals.NAME] = renewal_process(house)
        parts["relay"] = relay_of(house, self.settings)
        parts["receipts"] = Receipts(house.application, self.settings.nats_url, house.rows)
        return parts


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: a library's wait_for may swallow one cancellation (before Python 3.12)."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=INSIST_SECONDS)


async def keep_going(name: str, part: Part, database: Database) -> None:
    """Run a part for good. What it cannot take stops it, visibly; any other failure is noted and tried again."""
    while True:
        try:
            if not isinstance(part, Follower):
                await note(database, name)
            await part.run()
            if not isinstance(part, Follower):
                await note(database, name, stopped=part.stopped)
        except Exception as error:
            logger.exception("following.part_failed", part=name, exc_info=error)
            await _note_failure(database, name, error)
            await asyncio.sleep(RESTART_SECONDS)
        else:
            return


async def _note_failure(database: Database, name: str, error: Exception) -> None:
    try:
        await note(database, name, failing=f"{type(error).__name__}: {why(error)}")
    except Unavailable as lost:
        logger.warning("following.failure_not_noted", part=name, why=lost.code)


def renewal_process(house: House) -> Follower:
    """The follower that opens renewal cases."""

    async def react(facts: Sequence[Recorded]) -> None:
        for recorded in facts:
            await house.application.carry_out(renewals.react(recorded), because=recorded)

    name, version, slices = renewals.NAME, renewals.VERSION, renewals.SLICES
    return Follower(name, house.log, house.rows, react=react, version=version, batch=100, slices=slices)


def relay_of(house: House, settings: Settings) -> Relay:
    """The relay of this process."""
    leadership = Leadership(settings.database_url)
    return Relay(house.log, house.rows, leadership, settings.nats_url, PUBLISHED, fact_of, state_of)
