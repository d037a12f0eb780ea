"""However callers, replicas and lost connections interleave, the log is one that a single caller could have made."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from registry.kernel.facts import Recorded
from registry.organisation.aggregate import Organisation
from structlog.testing import capture_logs

from tests.conftest import RegistryDatabase
from tests.integration.histories.callers import PAGE, run
from tests.integration.histories.effort import histories
from tests.integration.histories.judgement import judge, judge_order
from tests.integration.histories.programs import Program, programs
from tests.integration.histories.replicas import Replicas, replicas


@pytest.fixture
def several(registry_database: RegistryDatabase) -> Iterator[Replicas]:
    with capture_logs(), replicas(registry_database.url) as opened:
        yield opened


@histories(100)
@given(program=programs)
def test_any_interleaving_of_acts_is_one_that_a_serial_run_gives(several: Replicas, program: Program) -> None:
    several.run(_judged(program, several))


async def _judged(program: Program, several: Replicas) -> None:
    history = await run(program, several)
    log = several.each[0].log
    recorded = await log.after(history.first, PAGE)
    judge_order(recorded, history.first)
    serial = judge(recorded, history.first, history.calls)
    for replica in several.each:
        for record in history.records:
            assert _state(await replica.log.history(record)) == _state(await serial.history(record))
    assert await log.head() == serial.position


def _state(history: Sequence[Recorded]) -> tuple[object, ...] | None:
    """What the record remembers of its facts; None without any."""
    organisation: Any = None
    for recorded in history:
        organisation = recorded.fact.mutate(organisation)
    if organisation is None:
        return None
    assert isinstance(organisation, Organisation)
    return organisation.id, organisation.version, organisation.office, organisation.names
