"""The whole stack as a person runs it: one process in a MOA_HOME of its own, on free ports."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
COMES_UP_WITHIN = 90.0
ENDS_WITHIN = 30.0
PORTS = ("MOA_REGISTRY_PORT", "MOA_NOTIFIER_PORT", "MOA_NATS_PORT")


@dataclass(frozen=True)
class RunningStack:
    """A stack that serves at `url`; `today` is what counts as today in it."""

    url: str
    home: Path
    today: str

    def link(self, role: str = "staff", office: str = "busanjin") -> str:
        """Issue a one-time sign-in link, as an administrator does."""
        program = Path(sys.executable).parent / "registry"
        asked = [str(program), "link", "issue", "--role", role, "--office", office]
        return subprocess.run(
            asked, env=_clean() | {"MOA_HOME": str(self.home)}, capture_output=True, text=True, check=True
        ).stdout.strip()


@contextmanager
def running_stack(today: str) -> Iterator[RunningStack]:
    """Start it, wait until it serves; stop it, and see that nothing of it is left."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        place = Path(folder)
        place.chmod(0o755)  # as root, the servers run as somebody who must be able to pass
        home, said = place / "home", place / "said"
        ports = _free_ports()
        told = {"MOA_HOME": str(home), "MOA_TODAY": today, **dict(zip(PORTS, map(str, ports), strict=True))}
        with said.open("wb") as output:
            supervisor = subprocess.Popen(
                [sys.executable, "-m", "deploy.embedded"],
                cwd=REPOSITORY,
                env=_clean() | told,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_ready(supervisor, said)
            yield RunningStack(f"http://127.0.0.1:{ports[0]}", home, today)
        finally:
            code = _stop(supervisor)
        assert code == 0, said.read_text(errors="replace")
        assert not (left := processes_of(home)), left


def processes_of(home: Path) -> list[str]:
    """Every process that was told of this MOA_HOME, by its command line or its environment."""
    return [found for process in psutil.process_iter() if (found := _names(process, str(home)))]


def _names(process: psutil.Process, home: str) -> str | None:
    try:
        command, environment = " ".join(process.cmdline()), process.environ()
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return None
    return command if home in command or environment.get("MOA_HOME") == home else None


def _wait_until_ready(supervisor: subprocess.Popen[bytes], said: Path) -> None:
    give_up = time.monotonic() + COMES_UP_WITHIN
    while "ready in" not in (words := said.read_text(errors="replace")):
        assert supervisor.poll() is None, words
        assert time.monotonic() < give_up, words
        time.sleep(0.05)


def _stop(supervisor: subprocess.Popen[bytes]) -> int:
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGTERM)
    try:
        return supervisor.wait(timeout=ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        return supervisor.wait()


def _free_ports() -> list[int]:
    """Three ports that nobody uses, all found before any is given back."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in PORTS]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MOA_")}
