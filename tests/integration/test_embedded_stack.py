"""The one-machine stack comes up in order, goes on with its data, and leaves no process behind."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import asyncpg
import httpx
import pytest

from deploy.embedded.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).resolve().parents[2]
COMES_UP_WITHIN = 60.0
ENDS_WITHIN = 30.0

PLAN = """
import os, sys
from deploy.embedded.services import Command, Plan, Service, readyz
from deploy.embedded.settings import Settings
from deploy.embedded.stack import run

def plan(settings, told):
    def argv(*words):
        return (sys.executable, os.environ["STAND_IN"], *words)
    registry, notifier = settings.ports.registry, settings.ports.notifier
    return Plan(
        migrations=(
            Command("registry-migrate", argv("migrate", "registry"), told.registry),
            Command("notifier-migrate", argv("migrate", "notifier"), told.notifier),
        ),
        services=(
            Service("registry", argv("serve", "registry"), told.registry, readyz(registry)),
            Service("follower", argv("follow", "follower"), told.registry),
            Service("notifier", argv("serve", "notifier"), told.notifier, readyz(notifier)),
        ),
        welcome=Command("registry-link", argv("link", "registry"), told.registry),
    )

sys.exit(run(Settings.from_environment(os.environ), plan))
"""

STAND_IN = """
import http.server, json, os, signal, sys, time
from pathlib import Path

deed, name = sys.argv[1:]
trouble = os.environ.get("STAND_IN_TROUBLE", "")
diary = Path(os.environ["STAND_IN_DIARY"])

def note(words):
    with diary.open("a") as file:
        file.write(words + "\\n")

def end(*_):
    note(f"{name} stopped")
    os._exit(0)

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        waits = trouble == f"{name} waits for a person"
        self.send_response(503 if waits else 200)
        self.end_headers()
        if waits:
            self.wfile.write(b'{"ready":false,"missing":["relay stopped at position 7 differs"]}')
            return
        told = {key: value for key, value in os.environ.items() if key.startswith("MOA_")}
        self.wfile.write(json.dumps(told).encode())
    def log_message(self, *_):
        pass

if trouble == f"{deed} {name} fails":
    print("the disk said no", file=sys.stderr)
    sys.exit(3)
if deed == "migrate":
    note(f"{name} migrated")
elif deed == "link":
    print("http://127.0.0.1/sign-in#once")
else:
    signal.signal(signal.SIGTERM, end)
    if trouble == f"{name} is stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(f"{name} started")
    if deed == "follow":
        while True:
            time.sleep(1)
    port = int(os.environ[f"MOA_{name.upper()}_PORT"])
    http.server.ThreadingHTTPServer.allow_reuse_address = True
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


@pytest.fixture
def new_place() -> Iterator[Path]:
    """Make a folder that the unprivileged user may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    """Make a MOA_HOME whose databases are there already: making them takes the longest."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        with EmbeddedPostgres(Path(folder), durable=False):
            pass
        yield Path(folder)


@pytest.fixture
def place(new_place: Path, made_home: Path) -> Path:
    """Make a folder with a MOA_HOME in which nobody has signed in yet."""
    copy(made_home, new_place / "home")
    return new_place


def test_the_first_run_brings_everything_up_and_greets_with_a_sign_in_link(
    new_place: Path,
) -> None:
    with Stack(new_place) as stack:
        assert stack.said("first sign-in: http://127.0.0.1/sign-in#once")
        for service in (stack.registry, stack.notifier):
            assert stack.said(f"http://127.0.0.1:{service}/")
            assert httpx.get(f"http://127.0.0.1:{service}/readyz").status_code == 200
    assert stack.exit_code == 0
    assert sorted(stack.diary[:2]) == ["notifier migrated", "registry migrated"]
    assert sorted(stack.diary[2:5]) == ["follower started", "notifier started", "registry started"]


@pytest.mark.parametrize("request_", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_stops_the_last_started_first_and_leaves_no_process(
    place: Path, request_: signal.Signals
) -> None:
    with Stack(place) as stack:
        assert len(processes_in(stack.home)) >= 5
        stack.send(request_)
        assert stack.wait() == 0
    assert stack.diary[-3:] == ["notifier stopped", "follower stopped", "registry stopped"]
    assert processes_in(stack.home) == []
    assert "database system is shut down" in (stack.home / "log" / "postgres.log").read_text()


def test_the_next_run_goes_on_with_the_same_data_within_five_seconds(place: Path) -> None:
    with Stack(place) as stack:
        ask(stack.told("registry")["MOA_DATABASE_OWNER_URL"], "CREATE TABLE kept AS SELECT 42 AS n")
        before = stack.told("registry")
    began = time.monotonic()
    with Stack(place, ports=stack.ports) as again:
        assert time.monotonic() - began < 5
        assert ask(again.told("registry")["MOA_DATABASE_OWNER_URL"], "SELECT n FROM kept") == 42
        assert again.told("registry") == before
        assert not again.said("first sign-in")


def test_two_stacks_do_not_disturb_each_other(place: Path) -> None:
    with Stack(place / "one") as one, Stack(place / "two") as two:
        assert one.told("registry") != two.told("registry")
        one.send(signal.SIGTERM)
        assert one.wait() == 0
        assert httpx.get(f"http://127.0.0.1:{two.registry}/readyz").status_code == 200
        assert ask(two.told("registry")["MOA_DATABASE_URL"], "SELECT 1") == 1


def test_a_second_stack_on_the_same_home_is_refused_and_harms_nothing(place: Path) -> None:
    with Stack(place) as stack:
        second = Stack(place)
        second.start()
        assert second.wait() == 2
        assert "Another stack already runs" in second.output
        assert httpx.get(f"http://127.0.0.1:{stack.registry}/readyz").status_code == 200


@pytest.mark.parametrize("name", ["registry", "follower", "notifier", "nats", "postgres"])
def test_a_process_that_dies_stops_the_stack_and_is_named(place: Path, name: str) -> None:
    with Stack(place) as stack:
        os.kill(stack.pid_of(name), signal.SIGKILL)
        assert stack.wait() == 1
    assert f"{name} stopped (SIGKILL)" in stack.output
    assert "Traceback" not in stack.output
    assert processes_in(stack.home) == []


def test_a_service_that_does_not_come_up_is_named_with_its_last_words(place: Path) -> None:
    stack = Stack(place, trouble="serve registry fails")
    stack.start()
    assert stack.wait() == 1
    assert "registry stopped (exit code 3)" in stack.output
    assert "the disk said no" in stack.output
    assert processes_in(stack.home) == []


def test_a_failed_migration_starts_no_service(place: Path) -> None:
    stack = Stack(place, trouble="migrate notifier fails")
    stack.start()
    assert stack.wait() == 1
    assert "notifier-migrate stopped (exit code 3)" in stack.output
    assert not [line for line in stack.diary if line.endswith("started")]


def test_a_missing_link_is_said_and_tried_again_on_the_next_run(place: Path) -> None:
    with Stack(place, trouble="link registry fails") as stack:
        assert stack.said("The first sign-in link could not be made")
    with Stack(place) as again:
        assert again.said("first sign-in: http")


def test_a_part_that_waits_for_a_person_does_not_take_the_stack_down(place: Path) -> None:
    with Stack(place, trouble="registry waits for a person") as stack:
        assert "registry runs, but something needs a person; see `registry doctor`" in stack.output
        assert "relay stopped at position 7 differs" in stack.output
        assert stack.is_running


def test_children_die_with_a_supervisor_that_is_killed(place: Path) -> None:
    with Stack(place) as stack:
        stack.send(signal.SIGKILL)
        stack.wait()
        assert eventually(lambda: processes_in(stack.home) == [])
    assert "database system is shut down" in (stack.home / "log" / "postgres.log").read_text()


def test_a_new_stack_waits_for_what_a_killed_one_left(place: Path) -> None:
    with Stack(place) as stack:
        stack.send(signal.SIGKILL)
        with Stack(place, ports=stack.ports) as again:
            assert again.said("ready in")


def test_a_stop_while_starting_leaves_no_process(place: Path) -> None:
    for delay in (0.2, 0.5, 0.8, 1.1):
        stack = Stack(place)
        stack.start()
        time.sleep(delay)
        stack.send(signal.SIGTERM)
        assert stack.wait() in {0, -signal.SIGTERM}  # the latter before the stack listens
        assert processes_in(stack.home) == []
        assert "Traceback" not in stack.output


def test_a_stubborn_service_is_ended_all_the_same(place: Path) -> None:
    with Stack(place, trouble="registry is stubborn") as stack:
        stack.send(signal.SIGTERM)
        assert stack.wait() == 0
    assert processes_in(stack.home) == []


def test_a_service_learns_its_own_environment_and_nothing_of_the_other(place: Path) -> None:
    with Stack(place, more={"MOA_TODAY": "2026-03-01", "MOA_LOG_LEVEL": "debug"}) as stack:
        registry, notifier = (
            httpx.get(f"http://127.0.0.1:{port}/").json() for port in (stack.registry, stack.notifier)
        )
        assert registry == stack.told("registry") | {"MOA_LOG_LEVEL": "debug"}
        assert notifier == stack.told("notifier") | {"MOA_LOG_LEVEL": "debug"}
        assert registry["MOA_TODAY"] == notifier["MOA_TODAY"] == "2026-03-01"
        assert registry["MOA_NOTIFIER_TOKEN"] == notifier["MOA_NOTIFIER_TOKEN"]
        assert "MOA_VAULT_KEY" not in notifier
        assert stat.S_IMODE((stack.home / "registry.env").stat().st_mode) == 0o600


def test_nothing_embedded_starts_for_a_server_that_is_given(place: Path) -> None:
    with Stack(place / "one") as one:
        told = one.told("registry") | one.told("notifier")
        databases = {name: told[name] for name in told if name.endswith("DATABASE_URL")}
        given = {**databases, "MOA_NATS_URL": one.told("registry")["MOA_NATS_URL"]}
        with Stack(place / "two", more=given) as two:
            assert two.told("registry")["MOA_DATABASE_URL"] == given["MOA_DATABASE_URL"]
            assert two.told("notifier")["MOA_NATS_URL"] == given["MOA_NATS_URL"]
            assert not (two.home / "postgres").exists()
            assert not (two.home / "log" / "nats.log").exists()


def test_the_embedded_postgres_serves_the_databases_that_are_not_given(place: Path) -> None:
    elsewhere = {"MOA_NOTIFIER_DATABASE_URL": "postgresql://someone@elsewhere/notes"}
    with Stack(place, more=elsewhere) as stack:
        assert ask(stack.told("registry")["MOA_VAULT_DATABASE_URL"], "SELECT 1") == 1
        assert stack.told("notifier") | elsewhere == stack.told("notifier")


@dataclass
class Stack:
    """A stack of stand-in services over the real servers, in a process of its own."""

    place: Path
    ports: tuple[int, int, int] = field(default_factory=lambda: free_ports())  # noqa: PLW0108 - defined below
    trouble: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place.mkdir(mode=0o755, exist_ok=True)
        self.home = self.place / "home"
        self.registry, self.notifier, self.nats = self.ports
        handle, name = tempfile.mkstemp(prefix="said-", dir=self.place)
        os.close(handle)
        self._said = Path(name)

    def __enter__(self) -> "Stack":
        self.start()
        assert eventually(lambda: self.said("ready in") or not self.is_running), self.output
        assert self.is_running, self.output
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_running:
            self.send(signal.SIGTERM)
        self.wait()

    def start(self) -> None:
        (self.place / "plan.py").write_text(PLAN)
        (self.place / "stand_in.py").write_text(STAND_IN)
        clean = {name: value for name, value in os.environ.items() if name[:4] != "MOA_"}
        names = ("MOA_REGISTRY_PORT", "MOA_NOTIFIER_PORT", "MOA_NATS_PORT")
        chosen = {name: str(port) for name, port in zip(names, self.ports, strict=True)}
        told = {
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path]),
            "STAND_IN": str(self.place / "stand_in.py"),
            "STAND_IN_DIARY": str(self.place / "diary"),
            "STAND_IN_TROUBLE": self.trouble,
            "MOA_HOME": str(self.home),
        }
        (self.place / "diary").touch()
        (self.place / "diary").chmod(0o666)
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", str(self.place / "plan.py")],
                env={**clean, **chosen, **told, **self.more},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        return self._process.wait(ENDS_WITHIN)

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    @property
    def output(self) -> str:
        return self._said.read_text()

    def said(self, words: str) -> bool:
        return words in self.output

    @property
    def diary(self) -> list[str]:
        return (self.place / "diary").read_text().splitlines()

    def told(self, service: str) -> dict[str, str]:
        lines = (self.home / f"{service}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def pid_of(self, name: str) -> int:
        if name in {"postgres", "nats"}:
            file = {"postgres": "postgres/postmaster.pid", "nats": "run/nats.pid"}[name]
            return int((self.home / file).read_text().split()[0])
        words = ("stand_in.py", f"\0{name}\0")
        found = [pid for pid in processes_in(self.home) if all(w in command(pid) for w in words)]
        return found[0]


def copy(made_home: Path, home: Path) -> None:
    subprocess.run(["cp", "-a", made_home, home], check=True)


def processes_in(home: Path) -> list[int]:
    """Whoever works in `home`: every process of the stack has its working folder there."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(home):
                found.append(int(entry.name))
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def eventually(holds: Callable[[], bool], within: float = COMES_UP_WITHIN) -> bool:
    give_up = time.monotonic() + within
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def free_ports() -> tuple[int, int, int]:
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for each in (one, two, three):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1], three.getsockname()[1]


def ask(address: str, question: str) -> object:
    async def scene() -> object:
        link = await asyncpg.connect(address)
        try:
            return await link.fetchval(question)
        finally:
            await link.close()

    return asyncio.run(scene())
