"""The library's recorder interfaces, spoken to our store: its append, its reading SQL, its bell, its checkpoints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from queue import SimpleQueue
from threading import get_ident
from typing import Any
from uuid import UUID, uuid4

import msgspec
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from registry.follower.place import ADVANCE, BEGIN, PLACE
from registry.kernel.errors import Conflict, Invalid
from registry.kernel.ports import Act, Receipt, Row
from registry.store.log import AFTER, HISTORY
from registry.store.mapper import canonical
from registry.store.prepared import Encoded, Prepared, prepare

from tests.integration.library.bridge import Bridge

PAGE = 500
TRACKING_VERSION = 1


def prepared(events: Sequence[StoredEvent]) -> Prepared:
    """The events as one act under a command id of its own, each building on the version before its first."""
    command, target = uuid4(), _id(events[0])
    bare = prepare(Act(command, "service:library", "library", b"l" * 32, target, (), (), correlation=command))
    facts = [Encoded(_id(e), e.originator_version + 1, e.topic, canonical(e.state.decode())) for e in events]
    return replace(bare, version=facts[-1].version, facts=facts)


def _id(event: StoredEvent) -> UUID:
    assert isinstance(event.originator_id, UUID)
    return event.originator_id


def _event(row: Row) -> StoredEvent:
    return StoredEvent(row["stream"], row["version"] - 1, row["topic"], _state(row))


def _notification(row: Row) -> Notification:
    return Notification(row["stream"], row["version"] - 1, row["topic"], _state(row), row["position"])


def _state(row: Row) -> bytes:
    return msgspec.json.decode(row["state"], type=str).encode()


class LogAggregateRecorder(AggregateRecorder):
    """Streams of the log."""

    def __init__(self, *replicas: Bridge) -> None:
        """Write through the replicas by turns, one a thread; read through the first."""
        self._replicas = replicas
        self._turns = count()
        self._chosen: dict[int, Bridge] = {}

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append them whole or not at all; IntegrityError when one of them is not the next of its stream."""
        self._append(stored_events)
        return None

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """A stream, narrowed after it was read: the log itself always reads whole histories."""
        rows = self._fetch(HISTORY, originator_id)
        found = [event for event in map(_event, rows) if _within(event.originator_version, gt, lte)]
        return (found[::-1] if desc else found)[:limit]

    def _append(self, events: Sequence[StoredEvent]) -> Receipt | None:
        if not events:
            return None
        bridge = self._mine()
        try:
            return bridge.run(bridge.appender.enter(prepared(events)))
        except (Conflict, Invalid) as refused:  # Invalid: one call with the same event twice
            raise IntegrityError(str(refused)) from refused

    def _mine(self) -> Bridge:
        return self._chosen.setdefault(get_ident(), self._replicas[next(self._turns) % len(self._replicas)])

    def _fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        reader = self._replicas[0]
        return reader.run(reader.database.fetch(sql, *arguments))


def _within(number: int, gt: int | None, lte: int | None) -> bool:
    return (gt is None or number > gt) and (lte is None or number <= lte)


class LogApplicationRecorder(LogAggregateRecorder, ApplicationRecorder):
    """The log as a whole; a notification's id is its position."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Append them and say where they stand."""
        receipt = self._append(stored_events)
        last = receipt.position if receipt else 0
        return list(range(last - len(stored_events) + 1, last + 1))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """A stretch of the log, a page at a time until `limit` of the wanted topics are found."""
        after = (start or 0) - (1 if inclusive_of_start else 0)
        found: list[Notification] = []
        while len(found) < limit and (rows := self._fetch(AFTER, after, limit)):
            found += [n for n in map(_notification, rows) if _wanted(n, topics) and _within(n.id, None, stop)]
            after = rows[-1]["position"]
        return found[:limit]

    def max_notification_id(self) -> int | None:
        """The head's position; None for an empty log."""
        reader = self._replicas[0]
        return reader.run(reader.log.head()) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Everything after `gt`, and then whatever comes."""
        return LogSubscription(self, self._replicas[0], gt, topics)


def _wanted(notification: Notification, topics: Sequence[str]) -> bool:
    return not topics or notification.topic in topics


@dataclass(frozen=True)
class End:
    """Nothing more comes; `why` when that was not asked for."""

    why: BaseException | None = None


class LogSubscription(Subscription[ApplicationRecorder]):
    """Follows the log as our followers do: woken by the bell, reading what comes after its place."""

    def __init__(self, recorder: LogApplicationRecorder, reader: Bridge, gt: int | None, topics: Sequence[str]) -> None:
        """Begin at once, as the library's own subscriptions do."""
        super().__init__(recorder, gt, topics)
        self._reader = reader
        self._found: SimpleQueue[Notification | End] = SimpleQueue()
        self._following = reader.start(self._follow())

    def stop(self) -> None:
        """Wake whoever waits, with nothing more to say."""
        super().stop()
        self._following.cancel()
        self._found.put(End())

    def __next__(self) -> Notification:
        """The next one, waited for; StopIteration once it was stopped."""
        found = End() if self._has_been_stopped else self._found.get()
        if isinstance(found, Notification):
            return found
        raise found.why or StopIteration

    async def _follow(self) -> None:
        try:
            async with self._reader.log.moved() as wakes:
                async for _ in wakes:
                    await self._catch_up()
        except Exception as fault:
            self._found.put(End(fault))
            raise

    async def _catch_up(self) -> None:
        while rows := await self._reader.database.fetch(AFTER, self._last_notification_id or 0, PAGE):
            for notification in map(_notification, rows):
                if _wanted(notification, self._topics):
                    self._found.put(notification)
            self._last_notification_id = rows[-1]["position"]


class CheckpointTrackingRecorder(TrackingRecorder):
    """A follower's checkpoint a tracked application, moved on by compare and set."""

    def __init__(self, bridge: Bridge) -> None:
        """Keep the checkpoints where the followers keep theirs."""
        self._bridge = bridge

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move the checkpoint on; IntegrityError when it stands there or further already."""
        self._bridge.run(self._advance(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        """Where the checkpoint stands; None when there is none."""
        rows = self._bridge.run(self._bridge.database.fetch(PLACE, application_name))
        return rows[0]["position"] if rows else None

    async def _advance(self, tracking: Tracking) -> None:
        name, to = tracking.application_name, tracking.notification_id
        async with self._bridge.database.transaction() as transaction:
            await transaction.execute(BEGIN, name, TRACKING_VERSION)
            place = (await transaction.fetch(PLACE, name))[0]
            seen = TRACKING_VERSION, place["build"], place["position"]
            if place["position"] >= to or not await transaction.fetch(ADVANCE, name, *seen, to):
                raise IntegrityError(f"{name} stands at {place['position']}")
