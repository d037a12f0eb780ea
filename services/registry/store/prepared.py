"""An act as the append function takes it: every fact encoded, every size checked, before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.kernel.ports import Act, Reservation
from registry.store.mapper import MAX_STATE_BYTES, NUL, canonical, state_of
from registry.store.refusals import holds_nul, too_large

# In signs, of which one is up to four bytes.
MAX_ACT_SIZE = 4 * 1024 * 1024
MAX_METADATA_BYTES = 16_384


@dataclass(slots=True)  # not frozen: one is made for every fact
class Encoded:
    """One fact to be written: of which record, as which version of it."""

    stream: UUID
    version: int
    topic: str
    state: str


@dataclass(slots=True)  # not frozen: one is made for every act
class Prepared:
    """An act, encoded. `version` is the target's after it, None when the act does not write to its target.

    `reads` are the records that it was decided by and does not write to, each with the version it must stand at.
    """

    actor: str
    command: UUID
    request_hash: bytes
    target: UUID
    version: int | None
    metadata: str
    reads: Sequence[tuple[UUID, int]]
    facts: Sequence[Encoded]
    names: Sequence[Reservation]
    size: int
    correlation: UUID
    name: str


def prepare(act: Act) -> Prepared:
    """Encode an act; Invalid when a fact or the whole is too large, or a fact holds U+0000."""
    facts = [
        _encoded(write.record, write.expected + offset, fact.stored_as, state_of(fact))
        for write in act.writes
        for offset, fact in enumerate(write.facts, start=1)
    ]
    size = sum(len(fact.state) for fact in facts)
    if size > MAX_ACT_SIZE:
        raise too_large()
    metadata = _metadata(act)
    if len(metadata.encode()) > MAX_METADATA_BYTES:
        raise too_large()
    if "\\u0000" in metadata or any("\x00" in name.scope + name.name for name in act.reservations):
        raise holds_nul()
    versions = {write.record: write.expected + len(write.facts) for write in act.writes}
    return Prepared(
        act.actor,
        act.command,
        act.request_hash,
        act.target,
        versions.get(act.target),
        metadata,
        act.reads,
        facts,
        act.reservations,
        size,
        act.correlation,
        act.name,
    )


def arrays(now: datetime | None, batch: Sequence[Prepared]) -> list[Any]:
    """The arguments of `append_batch`, in its order; see 0003_append_in_sets.sql."""
    reads = [(place, *each) for place, one in enumerate(batch, start=1) for each in one.reads]
    facts = [(place, fact) for place, one in enumerate(batch, start=1) for fact in one.facts]
    names = [(place, name) for place, one in enumerate(batch, start=1) for name in one.names]
    return [
        now,
        [one.actor for one in batch],
        [one.command for one in batch],
        [one.request_hash for one in batch],
        [one.target for one in batch],
        [one.version for one in batch],
        [one.metadata for one in batch],
        [place for place, _, _ in reads],
        [record for _, record, _ in reads],
        [version for _, _, version in reads],
        [place for place, _ in facts],
        [fact.stream for _, fact in facts],
        [fact.version for _, fact in facts],
        [fact.topic for _, fact in facts],
        [fact.state for _, fact in facts],
        [place for place, _ in names],
        [name.scope for _, name in names],
        [name.name for _, name in names],
        [name.record for _, name in names],
    ]


def _encoded(record: UUID, version: int, topic: str, state: str) -> Encoded:
    # A sign is at most four bytes: what is short enough by that needs no second look.
    if len(state) * 4 > MAX_STATE_BYTES and len(state.encode()) > MAX_STATE_BYTES:
        raise too_large()
    if "\\u0000" in state and NUL.search(state):
        raise holds_nul()
    return Encoded(record, version, topic, state)


def _metadata(act: Act) -> str:
    about: dict[str, object] = {
        "actor": act.actor,
        "command": act.command,
        "correlation": act.correlation,
        "disclosure": act.disclosure,
        "office": act.office,
    }
    if act.causation is not None:
        about["causation"] = act.causation
    if act.reason is not None:
        about["reason"] = act.reason
    return canonical(about)
