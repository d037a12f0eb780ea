"""Takes commands: lets the rules decide on what has happened, and records the facts."""

import asyncio
from collections.abc import Iterable

import structlog

from registry.application.records import Loan, Records
from registry.application.request import CommandRequest
from registry.application.work import UnitOfWork
from registry.kernel.actors import SYSTEM
from registry.kernel.commands import HANDLERS, Order
from registry.kernel.errors import Conflict, KeyReused, Refusal, Unavailable
from registry.kernel.facts import Recorded
from registry.kernel.ports import Clock, Log, Policy, Receipt

ATTEMPTS = 8
FIRST_PAUSE_SECONDS = 0.005
logger = structlog.get_logger(__name__)


class Application:
    """Handles commands: borrows what they change, lets the rules decide, records the facts."""

    def __init__(self, log: Log, clock: Clock, policy: Policy, records: Records | None = None) -> None:
        """Use the given log, clock and policy; `records` keeps in memory what was loaded or changed last."""
        self._log = log
        self._clock = clock
        self._policy = policy
        self.records = records or Records(log)

    async def run(self, request: CommandRequest) -> Receipt:
        """Handle one command; its receipt, or the Refusal that it met (then nothing was recorded).

        The same id with the same content gets the same receipt again, whatever has happened since.
        """
        self._policy.permit(request.by, request.command.name)
        return await self._run(request)

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
            except KeyReused:
                # Done before, by an earlier version that put the same order in other words.
                logger.warning("process.done_before", command=order.id, name=order.command.name)
            except Conflict as lost:
                if lost.code != "record.stale":
                    raise
                # A lost race is no fact that cannot be taken: the process tries again instead of stopping.
                raise Unavailable("process.contended", ko=lost.ko, en=lost.en) from lost

    async def _run(self, request: CommandRequest) -> Receipt:
        """Try until nobody is faster. What was refused on account of memory is decided anew from the log."""
        digest = request.digest()
        anew = False
        attempt = 1
        while True:
            async with self.records.lend(request.target, anew=anew) as loan:
                try:
                    return await self._attempt(request, digest, loan)
                except Unavailable:
                    raise
                except Refusal as refusal:
                    answered = await self._log.answered(request.by.name, request.id, digest)
                    if answered is not None:
                        logger.info("command.answered_again", command=request.id, position=answered.position)
                        return answered
                    # Stale before it was sent is If-Match: that stays so. Stale afterwards is a race.
                    faster = loan.decided and isinstance(refusal, Conflict) and refusal.code == "record.stale"
                    if loan.from_memory:
                        anew = True
                    elif not faster or attempt == ATTEMPTS:
                        raise
            if not loan.from_memory:
                # Processes that met once should not meet again at every step: the command's own id spreads them.
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt * (0.5 + request.id.int % 1000 / 1000))
                attempt += 1

    async def _attempt(self, request: CommandRequest, digest: bytes, loan: Loan) -> Receipt:
        work = UnitOfWork(self._log, self._policy, request, self._clock.now(), self._clock.today(), loan)
        await HANDLERS[type(request.command)](request.command, request.record, work)
        loan.decided = True
        receipt = await self._log.append(work.act(digest))
        if not receipt.repeated:
            loan.keep(work.changed.values())
        return receipt
