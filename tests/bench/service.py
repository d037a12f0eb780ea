"""The registry as it runs: `registry serve`, one worker, and `registry follow` beside it, each its own process."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import asyncpg
import httpx
import nats
from nats.js.errors import NotFoundError

from contracts.subjects import REGISTRY_STREAM
from deploy.embedded.environment import for_a_process
from deploy.embedded.nats_server import EmbeddedNats
from tests.bench.ground import PROGRAMS, Ground, Urls, free_port

READY_WITHIN = 60.0
CAUGHT_UP_WITHIN = 180.0
# How far the slowest view has come, and the log.
PLACES = "select (select min(position) from follower where position is not null), (select position from log_head)"


@dataclass(frozen=True)
class Service:
    """Where it listens, a clerk's token, the servers beneath it, and the pids of all that runs."""

    port: int
    token: str
    urls: Urls
    nats: EmbeddedNats
    programs: Mapping[str, int]

    def head(self) -> int:
        """The log's last position."""
        return asyncio.run(_places(self.urls))[1]

    def rest(self) -> None:
        """Wait until views and stream have caught up, so that a rival has the machine to itself."""
        until = time.monotonic() + CAUGHT_UP_WITHIN
        while asyncio.run(self._behind()):
            if time.monotonic() > until:
                raise TimeoutError("the followers did not catch up")
            time.sleep(0.1)

    async def _behind(self) -> bool:
        slowest, head = await _places(self.urls)
        return min(slowest, await last_sequence(self.nats)) < head


@contextmanager
def running(ground: Ground, urls: Urls, *, following: bool = True) -> Iterator[Service]:
    """Both processes until the context ends; without `following` only the one that serves."""
    port = free_port()
    with ground.nats() as server:
        told = {
            "MOA_DATABASE_URL": urls.runner,
            "MOA_NATS_URL": server.url("registry"),
            "MOA_REGISTRY_PORT": str(port),
        }
        argv = [str(PROGRAMS / "registry"), "token", "issue", "--role", "staff", "--office", "busanjin"]
        token = subprocess.run(argv, env=for_a_process(told), check=True, capture_output=True, text=True).stdout.strip()
        with ExitStack() as stack:
            programs = {"postgres": ground.postgres.child.pid, "nats": server.child.pid}
            for name in ("serve", "follow") if following else ("serve",):
                programs[name] = stack.enter_context(ground.process(name, "registry", name, **told)).pid
            answers(f"http://127.0.0.1:{port}/{'readyz' if following else 'healthz'}")
            yield Service(port, token, urls, server, programs)


def answers(url: str) -> None:
    """Wait until an address answers 200."""

    def ready() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(url, trust_env=False).status_code == httpx.codes.OK
        return False

    wait_until(ready, READY_WITHIN)


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Look often; TimeoutError when it does not come true."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"it did not come true within {seconds:.0f} s")
        time.sleep(0.05)


async def last_sequence(server: EmbeddedNats) -> int:
    """The last position on the stream; 0 when there is no stream."""
    client = await nats.connect(server.url("registry"))
    try:
        return int((await client.jetstream().stream_info(REGISTRY_STREAM)).state.last_seq)
    except NotFoundError:
        return 0
    finally:
        await client.close()


async def _places(urls: Urls) -> tuple[int, int]:
    connection = await asyncpg.connect(urls.runner)
    try:
        slowest, head = await connection.fetchrow(PLACES)
        return slowest or 0, head
    finally:
        await connection.close()
