"""Programs: what several callers ask of the log, each in its own order and all at once."""

from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from tests.integration.histories.replicas import REPLICAS, Cut

RECORDS, NAMES = 3, 2
Key = Literal["fresh", "same again", "other content", "other actor"]


@dataclass(frozen=True)
class Touch:
    """Facts for one record, built on its version as the caller sees it, or on one that is `off` by so many."""

    record: int
    off: int
    facts: int


@dataclass(frozen=True)
class Step:
    """One act of a caller, and how it is sent.

    `target` may be a record that the act does not touch; `reads` are records with how far the version is off.
    `key`: under an id of its own, or one that was used before. `turns`: how long until the caller gives up; None
    waits for the answer. `again`: how often it is sent again when there was no answer.
    """

    target: int
    touches: tuple[Touch, ...]
    reads: tuple[tuple[int, int], ...]
    names: tuple[tuple[int, int], ...]
    key: Key
    turns: int | None
    again: int


@dataclass(frozen=True)
class Caller:
    """Somebody at one of the replicas, who waits for each answer or asks everything `at_once`."""

    replica: int
    at_once: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Program:
    """Everybody, and what becomes of each replica's connection."""

    callers: tuple[Caller, ...]
    cuts: tuple[tuple[Cut | None, ...], ...]


record = st.integers(0, RECORDS - 1)
off = st.sampled_from([0, 0, 0, 0, 0, -1, 1])
keys = st.sampled_from(["fresh", "fresh", "fresh", "fresh", "same again", "other content", "other actor"])


def several(one: st.SearchStrategy[tuple[int, int]], most: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    """Up to so many, mostly none."""
    return st.one_of(st.just(()), st.lists(one, max_size=most, unique_by=lambda each: each[0]).map(tuple))


def tuples_of(one: st.SearchStrategy, least: int, most: int) -> st.SearchStrategy:
    """From `least` to `most` of them."""
    return st.lists(one, min_size=least, max_size=most).map(tuple)


turns = st.sampled_from([None] * 24 + [0, 1, 3, 10])
cuts = st.sampled_from([None, None, None, "before", "after", "before, for good", "after, for good"])
# Most are at one replica: only there do acts meet in a batch.
replica = st.sampled_from([0, 0, 0, *range(1, REPLICAS)])
untroubled = st.just(((),) * REPLICAS)
plans = st.one_of(untroubled, st.tuples(*(tuples_of(cuts, 0, 4) for _ in range(REPLICAS))))
steps = st.builds(
    Step,
    target=record,
    touches=st.lists(
        st.builds(Touch, record, off, st.integers(1, 3)), min_size=1, max_size=3, unique_by=lambda touch: touch.record
    ).map(tuple),
    reads=several(st.tuples(record, off), 2),
    names=several(st.tuples(st.integers(0, NAMES - 1), record), 2),
    key=keys,
    turns=turns,
    again=st.integers(0, 2),
)
programs = st.builds(
    Program,
    callers=tuples_of(st.builds(Caller, replica, st.booleans(), tuples_of(steps, 1, 5)), 2, 8),
    cuts=plans,
)
