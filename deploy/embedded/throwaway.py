"""Both servers in a folder that is thrown away afterwards: for tests that want the real thing."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.environment import Environments
from deploy.embedded.home import Home, open_home
from deploy.embedded.nats_server import EmbeddedNats
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.settings import Ports, Settings

TEMPORARY = Path("/tmp")  # noqa: S108 - short enough for a socket, open enough for any uid


@dataclass(frozen=True)
class ThrowawayServers:
    """The running servers, and what registry.env and notifier.env would say about them."""

    home: Home
    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    registry_env: dict[str, str]
    notifier_env: dict[str, str]


@contextmanager
def throwaway_servers(
    *, ports: Ports | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[ThrowawayServers]:
    """Start Postgres and NATS, not durable, on a free port; stop them and forget everything.

    `ports` are the ones the two environments name for services that a test starts itself;
    `settings` are server parameters for Postgres. Call it in the main thread.
    """
    with tempfile.TemporaryDirectory(prefix="moa-", dir=TEMPORARY) as folder:
        home = open_home(Path(folder))
        with (
            EmbeddedNats(home, durable=False) as nats,
            EmbeddedPostgres(home, durable=False, settings=settings) as postgres,
        ):
            wishes = Settings(home=home.path, ports=ports or Ports())
            environments = Environments.of(wishes, home, postgres=postgres, nats=nats)
            environments.write(home)
            yield ThrowawayServers(home, postgres, nats, environments.registry, environments.notifier)
