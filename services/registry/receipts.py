"""What the notifier reports becomes a command; a repeated report changes nothing."""

import asyncio
from contextlib import suppress
from uuid import UUID

import nats
import structlog
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig
from pydantic import ValidationError

from contracts.receipts import ReminderReportV1
from contracts.subjects import NOTIFIER_STREAM, NOTIFIER_SUBJECTS
from registry.application import Application, CommandRequest
from registry.follower import why
from registry.kernel.actors import SYSTEM
from registry.kernel.errors import Conflict, NotFound, Refusal, Unavailable
from registry.kernel.ports import Database
from registry.renewal.commands import RecordReminder, case_id

CONSUMER = "registry-receipts"
RETRY_SECONDS = 2.0
# A report whose case is not there after so many tries is set aside.
MOST_TRIES = 1000
# Sets a report aside; $1 stream, $2 sequence, $3 why.
PARK = "insert into parked (source, sequence, why, at) values ($1, $2, $3, now()) on conflict do nothing"
logger = structlog.get_logger(__name__)


class Receipts:
    """Follows the notifier's reports for good."""

    stopped: str | None = None

    def __init__(self, application: Application, nats_url: str, database: Database) -> None:
        """Commands go to `application`; what cannot be taken is listed in `database`."""
        self._application = application
        self._nats_url = nats_url
        self._database = database

    async def run(self) -> None:
        """Take reports for good, through lost connections."""
        while True:
            try:
                await self._connected()
            except (Unavailable, nats.errors.Error, OSError, TimeoutError) as lost:
                logger.warning("receipts.waiting", why=type(lost).__name__)
                await asyncio.sleep(1)

    async def _connected(self) -> None:
        client = await nats.connect(self._nats_url, name="receipts", max_reconnect_attempts=3, error_cb=_mention)
        try:
            stream = client.jetstream()
            config = ConsumerConfig(durable_name=CONSUMER, ack_policy=AckPolicy.EXPLICIT, ack_wait=30)
            subscription = await stream.pull_subscribe(
                NOTIFIER_SUBJECTS, durable=CONSUMER, stream=NOTIFIER_STREAM, config=config
            )
            while True:
                try:
                    messages = await subscription.fetch(50, timeout=5)
                except nats.errors.TimeoutError:
                    continue
                for message in messages:
                    await self._take(message)
        finally:
            with suppress(nats.errors.Error):
                await client.close()

    async def _take(self, message: Msg) -> None:
        try:
            report = ReminderReportV1.model_validate_json(message.data)
            outcome = await self._application.run(_request(report, message.headers or {}))
        except (NotFound, Unavailable, Conflict) as later:
            if isinstance(later, NotFound) and message.metadata.num_delivered >= MOST_TRIES:
                await self._park(message, later)
                return
            logger.warning("receipts.later", why=later.code)
            await message.nak(delay=RETRY_SECONDS)
        except (ValidationError, Refusal) as poison:
            await self._park(message, poison)
        else:
            await message.ack_sync()
            logger.info(
                "receipts.recorded",
                report=str(report.id),
                outcome=report.outcome,
                position=outcome.position,
                repeated=outcome.repeated,
            )

    async def _park(self, message: Msg, poison: Exception) -> None:
        """List what cannot be taken, so that the reports behind it go on; it stays in the stream."""
        sequence = message.metadata.sequence.stream
        async with self._database.transaction() as transaction:
            await transaction.execute(PARK, NOTIFIER_STREAM, sequence, why(poison)[:500])
        logger.error("receipts.parked", sequence=sequence, why=why(poison))
        await message.term()


async def _mention(error: Exception) -> None:
    """Say what the client met in the background; whoever waits for an answer meets it too."""
    logger.warning("receipts.connection", error=type(error).__name__)


def _request(report: ReminderReportV1, headers: dict[str, str]) -> CommandRequest:
    command = RecordReminder(
        report=report.id,
        outcome=report.outcome,
        rule=report.rule,
        deadline=report.deadline,
        recipient_office=report.recipient.office,
        recipient_role=report.recipient.role,
        channel=report.channel,
        on=report.on,
        at=report.at,
    )
    return CommandRequest(
        command,
        SYSTEM,
        report.id,
        _correlation(headers) or report.id,
        target=case_id(report.agreement, report.cycle),
    )


def _correlation(headers: dict[str, str]) -> UUID | None:
    """What the report came of; None when it does not say so in a way that can be read."""
    try:
        return UUID(headers.get("moa-correlation", ""))
    except ValueError:
        return None
