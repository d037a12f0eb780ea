"""Whoever follows the log reads only so many bytes of it at once, however large the facts, and leaves none out."""

import random
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from registry.kernel.ports import Log, Write
from registry.kernel.values import Text
from registry.store.log import RELAYED_BYTES
from registry.store.reading import MOST_BYTES

from tests.integration.conftest import Running
from tests.integration.test_event_log import act, registered
from tests.integration.test_followers import notebook

COUNT = 80
LARGEST = 262_144
SYLLABLES = [chr(number) for number in range(0xAC00, 0xD7A4)]
EVEN = (Text("ko", "가" * 300),) * 260
# Does not compress.
UNEVEN = tuple(Text("ko", "".join(random.Random(n).choices(SYLLABLES, k=300))) for n in range(260))  # noqa: S311


def as_many(most: int) -> range:
    """How many of them have so many bytes, with the one that goes beyond."""
    return range(most // LARGEST, most // 240_000 + 2)


@pytest.fixture(params=[EVEN, UNEVEN], ids=["compressed", "not-compressed"])
async def log(registry: Running, request: pytest.FixtureRequest) -> Log:
    """A log of 80 facts of 240 KB, each of a record of its own."""
    log = registry.house.log
    for _ in range(COUNT):
        record = uuid4()
        await log.append(act(Write(record, 0, (replace(registered(record), names=request.param),))))
    return log


async def test_a_stretch_ends_where_it_has_enough_and_the_next_begins_there(log: Log) -> None:
    position, sizes = 0, list[int]()
    while (stretch := await log.stretch(position, 4000)).facts:
        assert [recorded.position for recorded in stretch.facts] == list(range(position + 1, stretch.through + 1))
        assert stretch.full == (stretch.through < COUNT)
        sizes.append(len(stretch.facts))
        position = stretch.through
    assert position == COUNT
    assert all(size in as_many(MOST_BYTES) for size in sizes[:-1]), sizes
    assert len(sizes) > 1


async def test_facts_of_other_slices_do_not_count(log: Log) -> None:
    stretch = await log.stretch(0, 4000, ("agreement",))
    assert (stretch.facts, stretch.through, stretch.full) == ([], COUNT, False)
    assert (await log.stretch(0, COUNT, ("agreement",))).full


async def test_one_fact_is_read_whatever_its_size(log: Log) -> None:
    stretch = await log.stretch(COUNT - 1, 1)
    assert ([recorded.position for recorded in stretch.facts], stretch.full) == ([COUNT], True)


async def test_a_follower_takes_them_all_without_waiting_for_the_log_to_move(registry: Running, log: Log) -> None:
    book = await notebook(registry)
    follower = book.follower(batch=4000)
    await follower.prepare()
    while await follower.step(follower.batch):
        pass
    assert book.seen == list(range(1, COUNT + 1))


async def test_the_relay_reads_as_many(log: Log) -> None:
    entries = await log.entries(0, 1000)
    assert len(entries) in as_many(RELAYED_BYTES)
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    assert len(await log.entries(COUNT - 1, 1000)) == 1


async def test_a_build_reads_as_many(log: Log) -> None:
    last: tuple[UUID, int] | None = None
    read, sizes = list[int](), list[int]()
    while (shelf := await log.shelf("organisation", COUNT, last, 2000)).last is not None:
        read += [recorded.position for recorded in shelf.facts]
        sizes.append(shelf.looked)
        last = shelf.last
    assert sorted(read) == list(range(1, COUNT + 1))
    assert all(size in as_many(MOST_BYTES) for size in sizes[:-1]), sizes
    assert len(sizes) > 1
