"""The processes under test: Postgres, NATS, two replicas and two followers; each can be killed and comes back."""

import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from deploy.embedded.child import Child
from deploy.embedded.environment import Environments, for_a_process
from deploy.embedded.home import Home, open_home
from deploy.embedded.nats_server import EmbeddedNats
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.preflight import may_run_python
from deploy.embedded.services import PROGRAMS
from deploy.embedded.settings import Ports, Settings

Kind = Literal["replica", "follower", "postgres", "nats", "everything"]
KINDS: tuple[Kind, ...] = ("replica", "follower", "postgres", "nats", "everything")
COMES_UP_WITHIN = 60.0
ENDS_WITHIN = 60.0
CHECKS_WITHIN = 300.0
RESTART_SECONDS = 0.2
# Below the range that Linux takes for outgoing connections: nobody takes a port while its server is down.
PORTS = range(20_000, 32_000)
REGISTRY = str(PROGRAMS / "registry")


@dataclass(frozen=True)
class Victim:
    """What to kill; `number` says which of the replicas or followers."""

    kind: Kind
    number: int = 0


@dataclass
class Stack:
    """The running processes. `doors` are the replicas' addresses.

    `errors` counts what they logged as errors; `alarms` are the errors that say that something stopped for good;
    `gave_up` says which service ended by itself, and why.
    """

    home: Home
    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    environment: dict[str, str]
    replicas: tuple[Child, ...]
    followers: tuple[Child, ...]
    doors: tuple[str, ...]
    errors: Counter[str] = field(default_factory=Counter)
    alarms: list[str] = field(default_factory=list)
    gave_up: list[str] = field(default_factory=list)

    @property
    def superuser_url(self) -> str:
        """The log's database, for whoever gathers evidence."""
        return self.postgres.url("postgres", "registry")

    def kill(self, victim: Victim) -> float:
        """`kill -9` it and wait until all of it has ended; when it was killed, in monotonic seconds."""
        children = self._children(victim)
        killed = time.monotonic()
        for child in children:
            os.kill(child.pid, signal.SIGKILL)
        for child in children:
            if child.wait_for_exit(within=ENDS_WITHIN) is None:
                raise child.breakdown()
            self._read_log(child)
        if self.postgres.child in children:
            # A new postmaster is refused while a child of the old one still holds the shared memory.
            wait_until(lambda: not working_in(self.home.postgres), "the postmaster's children have ended")
        return killed

    def revive(self, victim: Victim) -> None:
        """Start it again, on the same data and the same address; the servers first."""
        for child in self._children(victim):
            if child is self.postgres.child:
                self.postgres.start()
            elif child is self.nats.child:
                self.nats.start()
                self.nats.wait_until_ready()
            else:
                child.start()

    def look(self) -> None:
        """Start a service again that ended by itself, as a supervisor does; Breakdown for a server that did."""
        for server in (self.postgres.child, self.nats.child):
            if server.exit_code() is not None:
                raise server.breakdown()
        for service in (*self.replicas, *self.followers):
            if service.exit_code() is not None:
                self._read_log(service)
                self.gave_up.append(f"{service.name}: {service.tail(1)}")
                time.sleep(RESTART_SECONDS)
                service.start()

    def disagreements(self) -> list[str]:
        """What `registry fsck` finds to differ, or cannot look at: the operator's own check."""
        fsck = _program(self.home, "fsck", self.environment, "--deep", "--json")
        fsck.start(stdout=subprocess.PIPE)
        try:
            fsck.wait_for_exit(within=CHECKS_WITHIN)
            found = json.loads(fsck.output())
        finally:
            fsck.stop()
        return [f"{each['part']}: {each['sentence']}" for each in found if each["outcome"] != "agrees"]

    def read_logs(self) -> None:
        """Look through what the running services have logged; those that ended were read then."""
        for child in (*self.replicas, *self.followers):
            self._read_log(child)

    def _children(self, victim: Victim) -> tuple[Child, ...]:
        match victim.kind:
            case "postgres":
                return (self.postgres.child,)
            case "nats":
                return (self.nats.child,)
            case "replica":
                return (self.replicas[victim.number],)
            case "follower":
                return (self.followers[victim.number],)
            case "everything":
                return (self.postgres.child, self.nats.child, *self.replicas, *self.followers)

    def _read_log(self, child: Child) -> None:
        for line in child.log.read_text(encoding="utf-8", errors="replace").splitlines():
            said = _said(line)
            if said.get("level") != "error":
                continue
            self.errors[f"{child.name.partition('-')[0]} {said['event']}"] += 1
            if said["event"].endswith(".stopped"):
                self.alarms.append(f"{child.name}: {said['event']}: {said.get('why')}")


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Bring everything up, durable, in a folder of its own; stop and remove all of it afterwards.

    Call it in the main thread: children die with the thread that starts them.
    """
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder, ExitStack() as running:
        home = open_home(Path(folder))
        *replica_ports, nats_port = free_ports(3)
        nats = running.enter_context(EmbeddedNats(home, port=nats_port))
        postgres = running.enter_context(EmbeddedPostgres(home, settings={"max_connections": "200"}))
        wishes = Settings(home=home.path, ports=Ports(nats=nats_port))
        told = Environments.of(wishes, home, postgres=postgres, nats=nats).registry | {"MOA_LOG_LEVEL": "warning"}
        _run_to_its_end(_program(home, "migrate", told))
        replicas = tuple(
            _program(home, "serve", told | {"MOA_REGISTRY_PORT": str(port)}, number=number)
            for number, port in enumerate(replica_ports)
        )
        followers = tuple(_program(home, "follow", told, number=number) for number in range(2))
        for child in (*replicas, *followers):
            running.callback(child.stop)
            child.start()
        doors = tuple(f"http://127.0.0.1:{port}" for port in replica_ports)
        stack = Stack(home, postgres, nats, told, replicas, followers, doors)
        wait_until(
            lambda: all(_answers(f"{door}/readyz") for door in doors), "both replicas are ready", look=stack.look
        )
        yield stack


def wait_until(
    holds: Callable[[], bool], what: str, *, within: float = COMES_UP_WITHIN, look: Callable[[], None] = lambda: None
) -> None:
    """Wait until it holds; TimeoutError that says what was waited for."""
    give_up = time.monotonic() + within
    while not holds():
        look()
        if time.monotonic() > give_up:
            raise TimeoutError(f"not within {within:.0f} s: {what}")
        time.sleep(0.02)


def working_in(folder: Path) -> list[int]:
    """The processes whose working folder it is."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):  # not from the seed: two runs at once must differ
        with socket.socket() as probe:
            if len(found) < count and probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            return found
    raise OSError("no free port")


def _program(home: Home, deed: str, told: dict[str, str], *words: str, number: int = 0) -> Child:
    return Child(
        f"{deed}-{number}",
        (REGISTRY, deed, *words),
        home=home,
        environment=for_a_process(told),
        privileged=not may_run_python(home.identity),
    )


def _run_to_its_end(child: Child) -> None:
    child.start()
    try:
        if child.wait_for_exit(within=COMES_UP_WITHIN) != 0:
            raise child.breakdown()
    finally:
        child.stop()


def _said(line: str) -> dict[str, str]:
    """A line of a service's log; empty for one that is no JSON, such as a traceback's."""
    try:
        said: dict[str, str] = json.loads(line)
    except ValueError:
        return {}
    return said


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
