"""The whole stack from start to stop: servers, migrations, services, greeting, watch, farewell."""

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack

import httpx

from deploy.embedded import preflight, services
from deploy.embedded.child import Child
from deploy.embedded.environment import Environments, for_a_process
from deploy.embedded.home import open_home
from deploy.embedded.lock import sole_stack
from deploy.embedded.nats_server import EmbeddedNats
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.refusal import Breakdown, Refusal, StopRequested
from deploy.embedded.screen import Screen
from deploy.embedded.services import Command, Plan, Service
from deploy.embedded.settings import Settings
from deploy.embedded.watch import Watch

SERVES_WITHIN = 60.0
MIGRATES_WITHIN = 3600.0
GREETS_WITHIN = 30.0
# How the registry and the notifier say on /readyz that a part waits for a person.
STANDS_STILL = (" stopped at ", "reading stopped")

Planner = Callable[[Settings, Environments], Plan]


def run(settings: Settings, planner: Planner = services.standard) -> int:
    """Run the stack until it is told to stop; the exit code: 0 stopped, 1 broken, 2 refused."""
    screen, watch = Screen(), Watch()
    watch.listen()
    os.umask(0o077)
    try:
        with ExitStack() as running:
            _Stack(settings, screen, watch, running).start(planner)
            watch.keep()
    except StopRequested:
        return 0
    except Refusal as refusal:
        screen.refuse(refusal)
        return refusal.exit_code
    except OSError as failure:  # a full disk, say: its own words name the file
        screen.refuse(Breakdown(f"실행을 이어갈 수 없습니다: {failure}", f"Cannot go on: {failure}"))
        return Breakdown.exit_code
    return 0


class _Stack:
    """One start of the stack; whatever is entered into `running` is stopped in reverse order."""

    def __init__(self, settings: Settings, screen: Screen, watch: Watch, running: ExitStack) -> None:
        self._began = time.monotonic()
        self._settings = settings
        self._screen = screen
        self._watch = watch
        self._running = running
        self._home = open_home(settings.home, may_hold_other_files=settings.home_is_default)
        self._lock = running.enter_context(sole_stack(self._home, watch.pulse))
        self._privileged = False

    def start(self, planner: Planner) -> None:
        """Bring everything up, and say where it is."""
        self._check()
        self._running.callback(self._screen.line, "■ 모두 멈췄습니다 · all stopped")
        environments = self._start_servers()
        plan = planner(self._settings, environments)
        self._migrate(plan.migrations)
        self._start_services(plan.services)
        if plan.welcome and not self._home.welcomed.exists():
            self._welcome(plan.welcome)
        self._report()

    def _check(self) -> None:
        identity = self._home.identity
        preflight.check_data(self._settings, self._home)
        preflight.check_ports(self._settings, identity)
        preflight.check_account(self._settings, identity)
        preflight.check_programs(self._settings, identity)
        if not preflight.may_run_python(identity):
            self._privileged = True
            self._screen.notice(
                f"uid {identity.uid}이(가) 파이썬을 실행할 수 없어 registry와 notifier는 root로 실행합니다.",
                f"uid {identity.uid} cannot run this Python, so registry and notifier run as root.",
            )

    def _start_servers(self) -> Environments:
        """NATS starts beside Postgres; both are ready when this returns."""
        nats, postgres = self._start_nats(), self._start_postgres()
        if nats:
            with self._screen.step("NATS 시작", "NATS is up"):
                nats.wait_until_ready()
            self._watch.over(nats.child)
        environments = Environments.of(self._settings, self._home, postgres=postgres, nats=nats)
        environments.write(self._home)
        return environments

    def _start_nats(self) -> EmbeddedNats | None:
        if not self._settings.servers.need_nats:
            return None
        port, pulse = self._settings.ports.nats, self._watch.pulse
        nats = EmbeddedNats(self._home, port=port, inherits=(self._lock,), pulse=pulse)
        self._running.callback(nats.stop)
        nats.start()
        return nats

    def _start_postgres(self) -> EmbeddedPostgres | None:
        if not self._settings.servers.need_postgres:
            return None
        pulse = self._watch.pulse
        postgres = EmbeddedPostgres(self._home, inherits=(self._lock,), pulse=pulse)
        self._running.callback(postgres.stop)
        with self._screen.step("Postgres 시작", "Postgres is up"):
            postgres.start()
        self._watch.over(postgres.child)
        return postgres

    def _migrate(self, migrations: tuple[Command, ...]) -> None:
        """Side by side: each has its own database."""
        if not migrations:
            return
        with self._screen.step("데이터베이스 갱신", "databases migrated"), ExitStack() as started:
            children = [self._child(command) for command in migrations]
            for child in children:
                started.callback(child.stop)
                child.start()
            for child in children:
                self._finish(child, MIGRATES_WITHIN)

    def _start_services(self, wanted: tuple[Service, ...]) -> None:
        with self._screen.step("서비스 시작", "services are up"):
            children = [(service, self._child(service)) for service in wanted]
            for _, child in children:
                self._running.callback(child.stop)
                child.start()
                self._watch.over(child)
            for service, child in children:
                if service.ready_url:
                    self._wait_until_serving(child, service.ready_url)

    def _wait_until_serving(self, child: Child, url: str) -> None:
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            door = _Door(client, url)
            ready = child.wait_until(door.is_open, within=SERVES_WITHIN, pulse=self._watch.pulse)
        if not ready and not door.answers:
            raise Breakdown(
                f"{child.name}이(가) {SERVES_WITHIN:.0f}초 안에 준비되지 않았습니다({url}:"
                f" {door.last_answer}); 기록은 {child.log}에 있습니다.",
                f"{child.name} was not ready within {SERVES_WITHIN:.0f} s ({url}:"
                f" {door.last_answer}); its log is {child.log}.",
                child.tail(),
            )
        if not door.well:  # what a person must mend is mended while the stack runs, not without it
            self._screen.notice(
                f"{child.name}: 조치가 필요한 부분이 있습니다. `registry doctor`를 실행해 주세요: {door.last_answer}",
                f"{child.name} runs, but something needs a person; see `registry doctor`: {door.last_answer}",
            )

    def _report(self) -> None:
        ports, home = self._settings.ports, self._home
        mail = "MOA_SMTP_URL" if self._settings.smtp else str(home.mail)
        if self._settings.today:
            day = self._settings.today
            self._screen.notice(
                f"{day}을(를) 오늘로 계산합니다(시험 실행). 보낸 알림은 이 자료에 그대로 남습니다.",
                f"{day} counts as today (trying out). What is reminded of stays in this data.",
            )
        for label, where in (
            ("등록부 · registry", f"http://127.0.0.1:{ports.registry}/"),
            ("API", f"http://127.0.0.1:{ports.registry}/docs"),
            ("알리미 · notifier", f"http://127.0.0.1:{ports.notifier}/"),
            ("메일 · mail", mail),
            ("기록 · logs", str(home.log)),
            ("멈춤 · stop", f"Ctrl-C, kill {os.getpid()}"),
        ):
            self._screen.line(f"  {label}: {where}")
        self._screen.line(f"ready in {time.monotonic() - self._began:.1f} s")

    def _welcome(self, command: Command) -> None:
        """Print the first sign-in link; without one the stack goes on, and the next run tries."""
        child = self._child(command)
        with ExitStack() as ending:
            ending.callback(child.stop)
            child.start(stdout=subprocess.PIPE)
            code = child.wait_for_exit(within=GREETS_WITHIN, pulse=self._watch.pulse)
            link = child.output().strip() if code == 0 else ""
        if link:
            self._screen.line(f"처음 로그인 · first sign-in: {link}")
            self._home.write(self._home.welcomed, "The first sign-in link was issued.\n")
        else:
            self._screen.notice(
                f"처음 로그인 주소를 만들지 못했으니 {child.log}을(를) 보십시오.",
                f"The first sign-in link could not be made; see {child.log}.",
            )

    def _finish(self, child: Child, within: float) -> None:
        if child.wait_for_exit(within=within, pulse=self._watch.pulse) != 0:
            raise child.breakdown()

    def _child(self, program: Command | Service) -> Child:
        return Child(
            program.name,
            program.argv,
            home=self._home,
            environment=for_a_process(program.environment),
            privileged=self._privileged,
            inherits=(self._lock,),
        )


class _Door:
    """Asks a service whether it can serve, and remembers what it said."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url
        self.last_answer = "-"
        self.answers = False
        self.well = False

    def is_open(self) -> bool:
        """It can serve whole, or a part of it stands still until a person has looked, which waiting does not mend."""
        try:
            answer = self._client.get(self._url)
        except httpx.HTTPError as failure:
            self.last_answer = str(failure)
            self.answers = False
            return False
        self.last_answer = f"{answer.status_code} {answer.text[:300]}"
        self.answers, self.well = True, answer.status_code == httpx.codes.OK
        return self.well or any(words in answer.text for words in STANDS_STILL)
