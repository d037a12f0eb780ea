"""The store keeps what the eventsourcing library asks of every recorder: its own reusable cases run against it.

The cases are the library's, word for word (`eventsourcing.tests.persistence`); what differs stands in the bridge:

- Versions: the log counts a record's facts from 1, the cases partly from 0. The bridge writes version n as n + 1
  and says so by `INITIAL_VERSION = 0`, the knob that the cases have for it.
- States: the cases store bytes, the log canonical JSON. The bridge stores them as a JSON string, so they must be
  UTF-8, and it reads rows, not facts: the mapper would refuse topics that are not in the table.
- Command ids: the cases have none. Each `insert_events` is an act under a fresh one.
- Conflicts: a version that is taken is our `Conflict`. One version twice in an act cannot be said through the port
  `Log`, which counts an act's facts itself; the bridge enters it below the port, and the table's key refuses it.
- Narrowing: `gt`, `lte`, `desc`, `stop` and `topics` are applied to what the log's own queries answer.
- A tracked application is a follower's checkpoint, which holds the last position only, and moves forward only.

Not run, and why:

- `ProcessRecorderTestCase` (`test_insert_select`, `test_has_tracking_id`, `test_raises_when_lower_inserted_later`,
  `test_performance`): it records events and a tracking position in one transaction. Here a process gives commands
  under ids that derive from their cause and moves its checkpoint afterwards; a second run changes nothing.
- `InfrastructureFactoryTestCase`, and the cases of mapper, transcoder, cipher and compressor: they test the parts of
  the library that the store replaces, through its environment variables.
"""

from collections.abc import Iterator

import pytest
from eventsourcing.persistence import AggregateRecorder, ApplicationRecorder, TrackingRecorder
from eventsourcing.tests import persistence

from tests.conftest import RegistryDatabase
from tests.integration.library.bridge import Bridge, bridge
from tests.integration.library.recorders import (
    CheckpointTrackingRecorder,
    LogAggregateRecorder,
    LogApplicationRecorder,
)


class OnOurStore:
    """Every case gets an empty log and a bridge to it."""

    INITIAL_VERSION = 0
    bridge: Bridge

    @pytest.fixture(autouse=True)
    def _bridged(self, registry_database: RegistryDatabase) -> Iterator[None]:
        with bridge(registry_database.url) as self.bridge:
            yield


class TestAggregateRecorder(OnOurStore, persistence.AggregateRecorderTestCase):
    def create_recorder(self) -> AggregateRecorder:
        return LogAggregateRecorder(self.bridge)


class TestApplicationRecorder(OnOurStore, persistence.ApplicationRecorderTestCase[LogApplicationRecorder]):
    def create_recorder(self) -> LogApplicationRecorder:
        return LogApplicationRecorder(self.bridge)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIds(OnOurStore, persistence.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        return LogApplicationRecorder(self.bridge)


class OnTwoReplicas(OnOurStore):
    """The same, with the writing threads spread over two replicas of the registry."""

    other: Bridge

    @pytest.fixture(autouse=True)
    def _bridged_twice(self, _bridged: None, registry_database: RegistryDatabase) -> Iterator[None]:
        with bridge(registry_database.url) as self.other:
            yield


class TestApplicationRecorderOnTwoReplicas(
    OnTwoReplicas, persistence.ApplicationRecorderTestCase[LogApplicationRecorder]
):
    def create_recorder(self) -> LogApplicationRecorder:
        return LogApplicationRecorder(self.bridge, self.other)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleavingNotificationIdsOnTwoReplicas(
    OnTwoReplicas, persistence.NonInterleavingNotificationIDsBaseCase
):
    def create_recorder(self) -> ApplicationRecorder:
        return LogApplicationRecorder(self.bridge, self.other)


class TestTrackingRecorder(OnOurStore, persistence.TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return CheckpointTrackingRecorder(self.bridge)
