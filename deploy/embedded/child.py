"""A process of the stack: started, watched, and stopped; it never outlives its parent.

PR_SET_PDEATHSIG belongs to the thread that starts the child, so start children from the main one.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.home import PRIVATE_FILE, Home
from deploy.embedded.identity import ProcessOwner
from deploy.embedded.refusal import Breakdown, Refusal

PR_SET_PDEATHSIG = 1
TAIL_BYTES = 16_384
LONGEST_LOG = 64 * 1024 * 1024
POLL_EVERY = 0.02

_libc = ctypes.CDLL(None, use_errno=True)


def no_pulse() -> None:
    """Wait without looking at anything else."""


def for_a_server() -> dict[str, str]:
    """Give Postgres and NATS an environment that steers nothing: no PGPORT, no secrets."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Farewell:
    """How a process is asked to end: signals with the seconds each is given; SIGKILL follows."""

    steps: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)


@dataclass
class Child:
    """One process in a process group of its own, with its output in `MOA_HOME/log/NAME.log`.

    `privileged` keeps the supervisor's uid; `inherits` are descriptors that stay open in it.
    """

    name: str
    argv: Sequence[str]
    home: Home
    environment: Mapping[str, str]
    farewell: Farewell = Farewell()
    privileged: bool = False
    inherits: Sequence[int] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """Where both its outputs go."""
        return self.home.log / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """The process id; raises RuntimeError before the start."""
        return self._started.pid

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    def start(self, *, stdout: int | None = None) -> None:
        """Start it, with both outputs in the log, or with standard output where `stdout` says."""
        log = self._open_log()
        owner = ProcessOwner() if self.privileged else self.home.identity.process_owner
        elsewhere = {"HOME": str(self.home.path)} if owner else {}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs and arguments
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                cwd=self.home.path,
                env={**self.environment, **elsewhere},
                umask=0o077,
                process_group=0,
                pass_fds=self.inherits,
                # Runs after the uid was dropped: changing the uid would clear the death signal.
                preexec_fn=_die_with_parent(os.getpid(), self.farewell.steps[0][0]),  # noqa: PLW1509
                **owner,
            )
        except FileNotFoundError:
            raise Refusal(
                f"{self.argv[0]}이(가) 없으니 저장소에서 make run을 다시 실행하십시오.",
                f"{self.argv[0]} is not installed; run make run again in the clone.",
            ) from None
        except (OSError, subprocess.SubprocessError) as failure:
            raise Breakdown(
                f"{self.name}을(를) 시작하지 못했습니다: {self.argv[0]} ({failure}).",
                f"{self.name} could not be started: {self.argv[0]} ({failure}).",
            ) from None
        finally:
            os.close(log)

    def exit_code(self) -> int | None:
        """Its exit code once it has ended (negative: by that signal), else None."""
        return self._started.poll()

    def output(self) -> str:
        """Read what it wrote to a pipe given as `stdout`."""
        stream = self._started.stdout
        if stream is None:
            return ""
        with stream:
            return stream.read().decode(errors="replace")

    def wait_until(self, ready: Callable[[], bool], *, within: float, pulse: Callable[[], None] = no_pulse) -> bool:
        """Whether `ready()` came true within so many seconds; Breakdown if the process ended."""
        give_up = time.monotonic() + within
        while not ready():
            pulse()
            if self.exit_code() is not None:
                raise self.breakdown()
            if time.monotonic() > give_up:
                return False
            time.sleep(POLL_EVERY)
        return True

    def wait_for_exit(self, *, within: float, pulse: Callable[[], None] = no_pulse) -> int | None:
        """Its exit code, or None if it did not end within so many seconds."""
        give_up = time.monotonic() + within
        while (code := self.exit_code()) is None and time.monotonic() < give_up:
            pulse()
            time.sleep(POLL_EVERY)
        return code

    def stop(self) -> None:
        """Ask it to end, insist after a bound, and clear away what is left of its group."""
        if self._process is None:
            return
        for request, seconds in self.farewell.steps:
            if self.exit_code() is None:
                self._process.send_signal(request)
            if self.wait_for_exit(within=seconds) is not None:
                break
        _kill_group(self._process.pid)
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def breakdown(self) -> Breakdown:
        """Say in two sentences that it ended by itself, with the end of its log."""
        how = _how_it_ended(self.exit_code())
        return Breakdown(
            f"{self.name}이(가) 멈췄습니다({how}); 기록은 {self.log}에 있습니다.",
            f"{self.name} stopped ({how}); its log is {self.log}.",
            self.tail(),
        )

    def tail(self, lines: int = 12) -> str:
        """Read the last lines of its log."""
        return "\n".join(_last_lines(self.log, lines))

    def shorten_log(self) -> None:
        """Move a log that has grown too long to NAME.log.1; the process goes on appending.

        A log that somebody moved away, or a full disk, is no reason to end the stack.
        """
        with self.home.identity.acting(), suppress(OSError):
            if self.log.stat().st_size > LONGEST_LOG:
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def _open_log(self) -> int:
        """Begin a new log; the one of the run before stays as NAME.log.1."""
        with self.home.identity.acting():
            if self.log.exists():
                self.log.replace(self.log.with_suffix(".log.1"))
            how = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            return os.open(self.log, how, PRIVATE_FILE)


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "no answer"
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _last_lines(path: Path, lines: int) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace").rstrip().splitlines()[-lines:]
    except OSError:
        return []


def _die_with_parent(parent: int, farewell: signal.Signals) -> Callable[[], None]:
    def before_exec() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above took hold
            os._exit(1)

    return before_exec


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
