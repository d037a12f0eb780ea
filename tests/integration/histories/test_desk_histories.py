"""However clerks, replicas, their memories and lost connections interleave, each decision is one made on what stood."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from registry.kernel.aggregates import Record
from registry.kernel.errors import KeyReused
from registry.kernel.facts import RECORDS, Recorded
from structlog.testing import capture_logs

from tests.conftest import RegistryDatabase
from tests.integration.histories.callers import PAGE
from tests.integration.histories.desks import Day, Desk, Office, offices, run
from tests.integration.histories.effort import histories
from tests.integration.histories.judgement import judge_order
from tests.integration.histories.rehearsal import Silent, judge
from tests.integration.histories.replicas import Replicas, replicas

# When a fact was decided is told by its row once it stands in the log.
NOT_COMPARED = {"_created_on", "_modified_on", "_pending_events"}


@pytest.fixture
def several(registry_database: RegistryDatabase) -> Iterator[Replicas]:
    with capture_logs(), replicas(registry_database.url) as opened:
        yield opened


@histories(80)
@given(office=offices)
def test_any_interleaving_of_commands_is_one_that_a_serial_run_gives(several: Replicas, office: Office) -> None:
    several.run(_judged(office, several))


async def _judged(office: Office, several: Replicas) -> None:
    day = await run(office, several)
    recorded = await several.each[0].log.after(day.first, PAGE)
    judge_order(recorded, day.first)
    serial = await judge(recorded, day.first, day.calls, await _silent(day, recorded))
    assert await several.each[0].log.head() == serial.position
    for desk in day.desks:
        await _judge_memory(desk, day, recorded)


async def _silent(day: Day, recorded: Sequence[Recorded]) -> list[Silent]:
    """The requests that were answered and left no fact, with the position of the answer."""
    told = {(each.actor, each.command) for each in recorded}
    found = {}
    for request in day.sent:
        key = request.by.name, request.id
        with suppress(KeyReused):
            answer = await day.desks[0].replica.log.answered(*key, request.digest())
            if answer is not None and key not in told:
                found[key] = Silent(request, answer.position)
    return list(found.values())


async def _judge_memory(desk: Desk, day: Day, recorded: Sequence[Recorded]) -> None:
    """What the desk has in memory, and what it makes of snapshots, is what the facts make."""
    records = desk.application.records
    for record in day.records:
        facts = [each for each in recorded if each.stream == record]
        if (kept := records.seen(record)) is not None:
            assert kept.pending_events == []
            assert _remembered(kept) == _remembered(_replayed(facts[: kept.version]))
        if facts:
            kind = RECORDS[facts[0].fact.topic.partition(".")[0]]
            loaded = await records.load(kind, record)
            assert loaded is not None
            assert _remembered(loaded) == _remembered(_replayed(facts))


def _replayed(facts: Sequence[Recorded]) -> Record:
    made: Any = None
    for recorded in facts:
        made = recorded.fact.mutate(made)
    assert isinstance(made, Record)
    return made


def _remembered(record: Record) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in NOT_COMPARED}
