"""The programs of the stack: what migrates, what serves, and what greets the first user."""

import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.environment import Environments
from deploy.embedded.settings import Settings

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Command:
    """A program that runs to its end."""

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True)
class Service:
    """A program that runs as long as the stack; ready when `ready_url` answers 200."""

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    ready_url: str | None = None


@dataclass(frozen=True)
class Plan:
    """What to run over the two servers, in this order."""

    migrations: tuple[Command, ...] = ()
    services: tuple[Service, ...] = ()
    welcome: Command | None = None


def standard(settings: Settings, environments: Environments) -> Plan:
    """Plan the registry with its follower, and the notifier."""
    registry, notifier = str(PROGRAMS / "registry"), str(PROGRAMS / "notifier")
    for_registry, for_notifier = environments.registry, environments.notifier
    first_link = ("link", "issue", "--role", "administrator", "--office", "main", "--hours", "24")
    return Plan(
        migrations=(
            Command("registry-migrate", (registry, "migrate"), for_registry),
            Command("notifier-migrate", (notifier, "migrate"), for_notifier),
        ),
        services=(
            Service("registry", (registry, "serve"), for_registry, readyz(settings.ports.registry)),
            Service("follower", (registry, "follow"), for_registry),
            Service("notifier", (notifier, "serve"), for_notifier, readyz(settings.ports.notifier)),
        ),
        welcome=Command("registry-link", (registry, *first_link), for_registry),
    )


def readyz(port: int) -> str:
    """Where a service says whether it can serve."""
    return f"http://127.0.0.1:{port}/readyz"
