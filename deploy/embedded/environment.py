"""What the services and the command line tools are told: registry.env and notifier.env."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.embedded.credentials import Credentials
from deploy.embedded.home import Home
from deploy.embedded.nats_server import EmbeddedNats
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.settings import Settings

NEEDS_NO_QUOTES = re.compile(r"[\w@%+=:,./?-]*")
TOLD_SEPARATELY = (
    "MOA_HOME",
    "MOA_DATABASE_URL",
    "MOA_DATABASE_OWNER_URL",
    "MOA_VAULT_DATABASE_URL",
    "MOA_NOTIFIER_DATABASE_URL",
    "MOA_NATS_URL",
    "MOA_NOTIFIER_NATS_URL",
    "MOA_SMTP_URL",
    "MOA_TODAY",
    "MOA_REGISTRY_PORT",
    "MOA_NOTIFIER_PORT",
    "MOA_NATS_PORT",
    "MOA_NOTIFIER_TOKEN",
    "MOA_VAULT_KEY",
    "MOA_MAILDIR",
)


@dataclass(frozen=True)
class Environments:
    """The two environments; neither service learns what only the other needs."""

    registry: dict[str, str]
    notifier: dict[str, str]

    @classmethod
    def of(
        cls,
        settings: Settings,
        home: Home,
        *,
        postgres: EmbeddedPostgres | None,
        nats: EmbeddedNats | None,
    ) -> "Environments":
        """Name the operator's servers where they are set, the embedded ones for the rest."""
        own = Credentials.of(home)
        shared = {
            "MOA_HOME": str(home.path),
            "MOA_REGISTRY_PORT": str(settings.ports.registry),
            "MOA_NOTIFIER_PORT": str(settings.ports.notifier),
            "MOA_NOTIFIER_TOKEN": own.notifier_token,
        }
        if settings.today:
            shared["MOA_TODAY"] = settings.today.isoformat()
        databases = _databases(settings, postgres)
        notifier_database = databases.pop("MOA_NOTIFIER_DATABASE_URL")
        registry_nats, notifier_nats = _nats(settings, nats)
        registry = {
            **shared,
            **databases,
            "MOA_NATS_URL": registry_nats,
            "MOA_VAULT_KEY": own.vault_key,
        }
        notifier = {
            **shared,
            "MOA_NOTIFIER_DATABASE_URL": notifier_database,
            "MOA_NATS_URL": notifier_nats,
            "MOA_MAILDIR": str(home.mail),
        }
        if settings.smtp:
            notifier["MOA_SMTP_URL"] = settings.smtp
        return cls(registry, notifier)

    def write(self, home: Home) -> None:
        """Leave both where a shell or a settings reader finds them, private to their owner."""
        for name, values in (("registry", self.registry), ("notifier", self.notifier)):
            lines = (f"{key}={_quoted(value)}\n" for key, value in values.items())
            home.write(home.path / f"{name}.env", "".join(lines))


def for_a_process(told: Mapping[str, str]) -> dict[str, str]:
    """Keep of the operator's environment what one service may learn of the other; add its own."""
    steers = ("PG", *TOLD_SEPARATELY)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(steers)}
    return kept | dict(told) | {"PYTHONUNBUFFERED": "1"}


def _quoted(value: str) -> str:
    """Leave an ordinary value bare; quote one that a shell would take apart."""
    return value if NEEDS_NO_QUOTES.fullmatch(value) else shlex.quote(value)


def _databases(settings: Settings, postgres: EmbeddedPostgres | None) -> dict[str, str]:
    servers = settings.servers
    found = dict(postgres.environment) if postgres else {}
    if servers.database:
        found["MOA_DATABASE_URL"] = servers.database
        found["MOA_DATABASE_OWNER_URL"] = servers.database_owner or servers.database
    if servers.vault:
        found["MOA_VAULT_DATABASE_URL"] = servers.vault
    if servers.notifier_database:
        found["MOA_NOTIFIER_DATABASE_URL"] = servers.notifier_database
    return found


def _nats(settings: Settings, nats: EmbeddedNats | None) -> tuple[str, str]:
    if nats:
        return nats.url("registry"), nats.url("notifier")
    given = settings.servers.nats or ""
    return given, settings.servers.notifier_nats or given
