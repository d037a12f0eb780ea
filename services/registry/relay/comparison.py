"""Compares the stream with the log, by the stream's last message: before going on, and now and then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.envelope import source
from registry.kernel.facts import Entry
from registry.relay.messages import RECORDED_AT, STATE_HASH, state_hash

# Where the log stands, and which generations it has had, the oldest first.
LOG_STANDS = """
    select position, generation, array(select id from generation order by number) as generations from log_head
"""


class Disagreement(Exception):
    """The stream holds something that the log does not: a person must look before anything goes on."""


@dataclass(frozen=True)
class Standing:
    """How the stream stands. Its generation is None before the relay has written one into its metadata."""

    first: int
    last: int
    count: int
    generation: UUID | None
    atomic: bool


@dataclass(frozen=True)
class LogStanding:
    """How the log stands; `generations` are all that it has had."""

    head: int
    generation: UUID
    generations: Sequence[UUID]


def outlived(stream: Standing, log: LogStanding) -> bool:
    """Is the stream one of an earlier generation of this log, which a person has ended?"""
    *ended, current = log.generations
    return log.generation == current and stream.generation in ended


def compare_extent(stream: Standing, log: LogStanding) -> None:
    """Disagreement when the stream is another log's, ahead of the log, or not whole."""
    last = stream.last
    if stream.generation not in {None, log.generation}:
        raise Disagreement(
            f"position {last}: the stream is of generation {stream.generation}, the log of {log.generation}"
        )
    if last > log.head:
        raise Disagreement(f"the stream is at {last}, the log only at {log.head}: was a backup restored?")
    if last and stream.count == 0:
        raise Disagreement(f"the stream lost its last message ({last})")
    if stream.count != last:
        raise Disagreement(
            f"the stream holds {stream.count} of the {last} messages up to position {last}, from {stream.first} on"
        )


def compare_message(position: int, headers: Mapping[str, str], entry: Entry, generation: UUID) -> None:
    """Disagreement when a message is not the one about this fact.

    A message of a relay that wrote no state hash or time yet is compared by the rest.
    """
    expected = {
        "Nats-Msg-Id": str(entry.position),
        "ce-id": f"{entry.record}:{entry.version}",
        "ce-source": source(generation),
    }
    later = {STATE_HASH: state_hash(entry.state), RECORDED_AT: entry.recorded_at.isoformat()}
    expected |= {name: value for name, value in later.items() if name in headers}
    different = [name for name, value in expected.items() if headers.get(name) != value]
    if different:
        raise Disagreement(f"position {position} differs between stream and log in {', '.join(different)}")
