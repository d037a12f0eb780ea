"""The one place where ports meet adapters, and where the parts run together."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import structlog
import uvicorn

from notifier.api import make_api
from notifier.clock import SystemClock
from notifier.database import Database
from notifier.delivery import Delivery
from notifier.delivery.letter import Stationery
from notifier.delivery.maildir import Maildir
from notifier.delivery.smtp import Smtp
from notifier.errors import Refusal, Unavailable
from notifier.health import Ailment, Health
from notifier.inbox import Inbox
from notifier.listing import Listing
from notifier.metrics import Reading
from notifier.mirror import Mirror
from notifier.receipts import Receipts
from notifier.recipients import AddressBook
from notifier.reminders import Planner, Reminders
from notifier.settings import Settings
from notifier.store import Store
from notifier.wire import Registry, Wire
from notifier.working_days import KoreanHolidays

SECONDS_TO_FINISH = 2

log = structlog.get_logger("notifier")


@dataclass(frozen=True)
class Desk:
    """What the command line and the service share: the database, and questions about it."""

    settings: Settings
    database: Database
    clock: SystemClock
    mirror: Mirror
    store: Store
    planner: Planner

    @classmethod
    def over(cls, settings: Settings, database: Database) -> "Desk":
        """A desk over an open database."""
        mirror = Mirror(database)
        planner = Planner(mirror, KoreanHolidays(), trial=settings.today)
        return cls(settings, database, SystemClock(settings.today), mirror, Store(database), planner)

    @property
    def listing(self) -> Listing:
        """What is due and what was sent."""
        return Listing(self.planner, self.store)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Open the database for as long as the desk is needed."""
    database = await Database.open(settings.database)
    try:
        yield Desk.over(settings, database)
    finally:
        await database.close()


def delivery(settings: Settings) -> Smtp | Maildir:
    """The mail server where one is set, else the Maildir; Refusal for a mail server with a chosen day."""
    return Smtp.at(settings.smtp) if settings.smtp else Maildir(settings.mail_folder)


@dataclass
class Service:
    """The whole notifier in one event loop: inbox, reminders, receipts and the HTTP face."""

    desk: Desk
    wire: Wire
    delivery: Delivery
    mailbox: Maildir | None
    bearer: str
    health: Health = field(default_factory=Health)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def clock(self) -> SystemClock:
        """Which day it is."""
        return self.desk.clock

    @property
    def listing(self) -> Listing:
        """What is due and what was sent."""
        return self.desk.listing

    async def ailments(self) -> dict[str, Ailment]:
        """What does not work: what the parts say, and what the database and the mail folder say now."""
        found = dict(self.health.ailments)
        try:
            if pending := await self.desk.database.pending():
                found["database"] = Ailment(
                    f"데이터베이스가 준비되지 않았습니다({', '.join(pending)}). `notifier migrate`를 실행하십시오.",
                    f"The database is not up to date ({', '.join(pending)}); run `notifier migrate`.",
                )
            if self.mailbox:
                await asyncio.to_thread(self.mailbox.prepare)
        except Unavailable as failure:
            found[failure.code.partition(".")[0]] = Ailment(failure.ko, failure.en)
        return found

    async def reading(self) -> Reading:
        """Figures for the metrics."""
        figures = await self.desk.store.figures()
        today = self.clock.today()
        due = await self.listing.due(today, today)
        well = not await self.ailments()
        return Reading(figures, len(due), await self._lag(figures.position), well, self.clock.now())

    async def run(self) -> None:
        """Run every part until a signal asks to stop."""
        server = _Server(
            uvicorn.Config(
                make_api(self),
                host=self.desk.settings.host,
                port=self.desk.settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=SECONDS_TO_FINISH,
            )
        )
        tasks = [asyncio.create_task(self.watch(name, part)) for name, part in self._parts().items()]
        loop = asyncio.get_running_loop()
        for asked in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(asked, server.ask_to_stop)
        log.info("notifier.started", port=self.desk.settings.port, today=self.clock.today().isoformat())
        try:
            await server.serve()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=SECONDS_TO_FINISH)
            await self.wire.close()
            log.info("notifier.stopped")

    def _parts(self) -> dict[str, Coroutine[None, None, None]]:
        settings, desk = self.desk.settings, self.desk
        reminders = Reminders(
            desk.planner,
            desk.store,
            self.delivery,
            desk.clock,
            book=AddressBook(settings.mail_domain),
            stationery=Stationery(settings.sender, settings.mail_domain, settings.registry),
        )
        inbox = Inbox(desk.mirror, Registry(self.wire), desk.clock, self.health, self.moved)
        receipts = Receipts(desk.store, self.wire, desk.clock)
        return {
            "inbox": inbox.run(),
            "reminders": reminders.run(self.health, self.moved, self.settled),
            "receipts": receipts.run(self.health, self.settled),
        }

    async def watch(self, name: str, part: Coroutine[None, None, None]) -> None:
        """Run a part; one that dies is logged, and /readyz says so."""
        self.health.expect(name)
        try:
            await part
        except Exception as failure:
            log.exception("part.died", part=name, error=type(failure).__name__)
            self.health.ill(
                name,
                f"{name} 작업이 멈췄습니다({type(failure).__name__}). 기록을 보고 다시 시작하십시오.",
                f"The part {name} died ({type(failure).__name__}); see the log and start again.",
            )

    async def _lag(self, position: int) -> int | None:
        try:
            return max(0, (await self.wire.stream()).state.last_seq - position)
        except Unavailable:
            return None


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to us: it would raise them again and so skip the goodbye."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def ask_to_stop(self) -> None:
        """Finish open requests, then stop; asked again, stop at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


async def serve(settings: Settings) -> None:
    """Run the notifier until SIGTERM or Ctrl-C; Refusal when it cannot as it is set up."""
    carrier = delivery(settings)
    wire, bearer = Wire(settings.nats), settings.bearer
    refuse_port_in_use(settings)
    async with open_desk(settings) as desk:
        mailbox = carrier if isinstance(carrier, Maildir) else None
        await Service(desk, wire, carrier, mailbox, bearer).run()


def refuse_port_in_use(settings: Settings) -> None:
    """Refusal when somebody listens on our port already; uvicorn would only exit."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as failure:
            raise Refusal(
                "settings.port_in_use",
                ko=f"{settings.host}:{settings.port}을(를) 쓸 수 없습니다({failure.strerror})."
                " MOA_NOTIFIER_PORT를 다른 번호로 바꾸십시오.",
                en=f"{settings.host}:{settings.port} cannot be used ({failure.strerror});"
                " set MOA_NOTIFIER_PORT to another port.",
            ) from None
