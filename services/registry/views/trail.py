"""The audit trail: what the log itself says of a record, with the cases that watch over it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.ports import Log, Rows

# The renewal cases of an agreement; $1 its id.
CASES = "select id from view.renewal where agreement = $1::text"


@dataclass(frozen=True)
class Line:
    """One fact as the trail shows it. `effective` is when it holds in the world (EDTF or day), if it says so."""

    position: int
    record: UUID
    version: int
    topic: str
    recorded_at: datetime
    effective: str | None
    actor: str
    office: str
    command: UUID
    correlation: UUID
    causation: UUID | None
    reason: str | None
    fact: dict[str, Any]


def line(recorded: Recorded) -> Line:
    """A recorded fact as a line of the trail."""
    effective = recorded.fact.effective
    return Line(
        position=recorded.position,
        record=recorded.stream,
        version=recorded.version,
        topic=recorded.fact.topic,
        recorded_at=recorded.recorded_at,
        effective=str(effective) if effective is not None else None,
        actor=recorded.actor,
        office=recorded.office,
        command=recorded.command,
        correlation=recorded.correlation,
        causation=recorded.causation,
        reason=recorded.reason,
        fact=json.loads(recorded.stored),
    )


async def of_agreement(log: Log, rows: Rows, agreement: UUID) -> Sequence[Line]:
    """Everything that happened to an agreement and its renewal cases, in log order."""
    cases = [row["id"] for row in await rows.fetch(CASES, str(agreement))]
    histories = [await log.history(record) for record in (agreement, *cases)]
    return sorted((line(recorded) for history in histories for recorded in history), key=lambda found: found.position)


async def of_record(log: Log, record: UUID) -> Sequence[Line]:
    """Everything that happened to one record, in order."""
    return [line(recorded) for recorded in await log.history(record)]


async def after(log: Log, position: int, limit: int) -> Sequence[Line]:
    """The whole log, from after a position."""
    return [line(recorded) for recorded in await log.after(position, limit)]
