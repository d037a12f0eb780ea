"""The one desk at which every command is handled, whoever brings it: web, API, CLI or a process."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

import msgspec
import structlog
from structlog.contextvars import bound_contextvars

from registry.kernel.actors import SYSTEM, Actor
from registry.kernel.aggregates import Record
from registry.kernel.commands import HANDLERS, Command, Order
from registry.kernel.errors import Conflict, NotFound, Refusal, Unavailable
from registry.kernel.facts import RECORDS, Recorded
from registry.kernel.ports import Act, Clock, Log, Policy, Receipt, Reservation, Write

NAMESPACE = UUID("6d6f6100-0000-5000-8000-000000000001")
ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 0.005
logger = structlog.get_logger(__name__)

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class CommandRequest:
    """A command on its way: who brings it, under which id, for which record, seen at which version."""

    command: Command
    by: Actor
    id: UUID
    correlation: UUID
    target: UUID | None = None
    expected: int | None = None
    causation: UUID | None = None
    reason: str | None = None


class Application:
    """Handles commands: loads what they change, lets the rules decide, records the facts."""

    def __init__(self, log: Log, clock: Clock, policy: Policy) -> None:
        """Use the given log, clock and policy."""
        self._log = log
        self._clock = clock
        self._policy = policy

    async def run(self, request: CommandRequest) -> Receipt:
        """Handle one command; its receipt, or the Refusal that it met (then nothing was recorded).

        The same id with the same content gets the same receipt again, whatever has happened since.
        """
        self._policy.permit(request.by, request.command.name)
        with bound_contextvars(command=str(request.id), correlation=str(request.correlation)):
            receipt = await self._run(request)
            logger.info(
                "command.recorded",
                name=request.command.name,
                record=str(receipt.record),
                version=receipt.version,
                position=receipt.position,
                repeated=receipt.repeated,
            )
            return receipt

    async def _run(self, request: CommandRequest) -> Receipt:
        digest = _digest(request)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(request, digest)
            except Refusal as refusal:
                answered = await self._log.answered(request.by.name, request.id, digest)
                if answered is not None:
                    return answered
                somebody_was_faster = isinstance(refusal, Conflict) and refusal.code == "record.stale"
                if not somebody_was_faster or request.expected is not None or attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    async def carry_out(self, orders: Iterable[Order], *, because: Recorded) -> None:
        """Run what a process ordered on account of a fact; Unavailable when others keep changing the record."""
        for order in orders:
            request = CommandRequest(
                order.command,
                SYSTEM,
                order.id,
                because.correlation,
                target=order.target,
                causation=because.command,
            )
            try:
                await self.run(request)
            except Conflict as lost:
                if lost.code != "record.stale":
                    raise
                # A lost race is no fact that cannot be taken: the process tries again instead of stopping.
                raise Unavailable("process.contended", ko=lost.ko, en=lost.en) from lost

    async def _attempt(self, request: CommandRequest, digest: bytes) -> Receipt:
        target = request.target or uuid5(NAMESPACE, f"{request.by.name}:{request.id}")
        work = UnitOfWork(self._log, self._policy, request, self._clock.now(), self._clock.today())
        await HANDLERS[type(request.command)](request.command, target, work)
        return await self._log.append(
            Act(
                command=request.id,
                actor=request.by.name,
                office=request.by.office,
                request_hash=digest,
                target=target,
                writes=work.writes(),
                reservations=tuple(work.reservations),
                correlation=request.correlation,
                causation=request.causation,
                reason=request.reason,
            )
        )


@dataclass
class UnitOfWork:
    """One act in progress; see `registry.kernel.commands.Work`."""

    log: Log
    policy: Policy
    request: CommandRequest
    now: datetime
    today: date
    touched: dict[UUID, Record] = field(default_factory=dict)
    reservations: list[Reservation] = field(default_factory=list)

    @property
    def office(self) -> str:
        """The office of whoever brings the command."""
        return self.request.by.office

    async def load(self, kind: type[R], record: UUID) -> R:
        """The record as it stands, to change it; NotFound, Forbidden, or Conflict with If-Match."""
        if record not in self.touched:
            loaded = await self._replay(kind, record)
            self.policy.permit(self.request.by, self.request.command.name, loaded.office)
            expected = self.request.expected
            if record == self.request.target and expected is not None and expected != loaded.version:
                raise Conflict(
                    "record.stale",
                    ko=f"지금 버전은 {loaded.version}입니다. 새로 불러온 뒤 다시 시도해 주세요.",
                    en=f"It stands at version {loaded.version}: load it again, then try once more.",
                )
            self.touched[record] = loaded
        found = self.touched[record]
        if not isinstance(found, kind):
            raise _unknown(record)
        return found

    async def exists(self, kind: str, record: UUID) -> bool:
        """Is there a record of this slice under this id?"""
        return await self.log.kind(record) == kind

    async def office_of(self, kind: str, record: UUID) -> str:
        """The office that owns a record of another slice."""
        return str((await self._replay(RECORDS[kind], record)).office)

    def add(self, record: Record) -> None:
        """Take in a record that this act starts; Forbidden for another office's."""
        self.policy.permit(self.request.by, self.request.command.name, record.office)
        self.touched[record.id] = record

    def reserve(self, scope: str, name: str, record: UUID) -> None:
        """Ask for a name of its own."""
        self.reservations.append(Reservation(scope, name, record))

    def writes(self) -> tuple[Write, ...]:
        """What the touched records have to tell the log."""
        return tuple(
            Write(record.id, record.version - len(record.pending_events), tuple(record.facts))
            for record in self.touched.values()
            if record.pending_events
        )

    async def _replay(self, kind: type[R], record: UUID) -> R:
        history = await self.log.history(record)
        replayed: Any = None
        for recorded in history:
            replayed = recorded.fact.mutate(replayed)
        if not isinstance(replayed, kind):
            raise _unknown(record)
        return replayed


def _unknown(record: UUID) -> NotFound:
    return NotFound(
        "record.unknown",
        ko=f"등록된 기록이 없습니다: {record}. 주소를 확인해 주세요.",
        en=f"There is no such record: {record}. Check the address.",
    )


def _digest(request: CommandRequest) -> bytes:
    """What tells one request from another; a field that a later version adds, left at its default, changes nothing."""
    content = [
        request.command.name,
        str(request.target),
        request.command.model_dump(mode="json", exclude_defaults=True),
    ]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).digest()
