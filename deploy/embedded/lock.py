"""One stack per MOA_HOME: a lock that lasts as long as the last process of a stack.

The children inherit the locked file, so that a stack whose supervisor was killed keeps its lock
until Postgres has written its last page.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.home import PRIVATE_FILE, Home
from deploy.embedded.refusal import Refusal

LEFTOVERS_END_WITHIN = 20.0


@contextmanager
def sole_stack(home: Home, pulse: Callable[[], None]) -> Iterator[int]:
    """Hold the lock of `home` and yield the descriptor that children inherit.

    Raises Refusal while another stack runs there; one that was killed gets a moment to end.
    """
    with home.identity.acting():
        handle = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        _acquire(handle, home, pulse)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield handle
    finally:
        os.close(handle)


def _acquire(handle: int, home: Home, pulse: Callable[[], None]) -> None:
    give_up = time.monotonic() + LEFTOVERS_END_WITHIN
    while not _locked(handle):
        pulse()
        holder = os.pread(handle, 32, 0).decode().strip()
        if _alive(holder) or time.monotonic() > give_up:
            raise Refusal(
                f"{home.path}에서 이미 다른 모아가 실행 중이니(프로세스 {holder}) 그것을 멈추거나"
                " 다른 MOA_HOME과 포트를 지정하십시오.",
                f"Another stack already runs on {home.path} (process {holder}); stop it,"
                " or choose another MOA_HOME and other ports.",
            )
        time.sleep(0.05)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: str) -> bool:
    try:
        state = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return False
    return state != "Z"  # killed, and not yet noticed by whoever started it
