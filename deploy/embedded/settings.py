"""The operator's wishes, read from the environment once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from deploy.embedded.refusal import Refusal

REPOSITORY = Path(__file__).resolve().parents[2]
HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Ports:
    """The TCP ports of the stack on 127.0.0.1; Postgres has a socket instead."""

    registry: int = 8000
    notifier: int = 8001
    nats: int = 4222


@dataclass(frozen=True)
class Servers:
    """Addresses of real servers; for one that is set, nothing embedded starts."""

    database: str | None = None
    database_owner: str | None = None
    vault: str | None = None
    notifier_database: str | None = None
    nats: str | None = None
    notifier_nats: str | None = None

    @property
    def need_postgres(self) -> bool:
        """Whether any of the three databases is left for the embedded Postgres to serve."""
        return not (self.database and self.vault and self.notifier_database)

    @property
    def need_nats(self) -> bool:
        """Whether NATS is left for the embedded server."""
        return not self.nats


@dataclass(frozen=True)
class Settings:
    """Everything the stack is told from outside."""

    home: Path
    home_is_default: bool = False
    ports: Ports = Ports()
    servers: Servers = Servers()
    smtp: str | None = None
    today: date | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read `MOA_*`; empty counts as unset. Raises Refusal for a value that makes no sense."""
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        home = given.get("MOA_HOME")
        return cls(
            home=_home(home) if home else REPOSITORY / "var",
            home_is_default=home is None,
            ports=_ports(given),
            servers=_servers(given),
            smtp=_address(given, "MOA_SMTP_URL", "smtp", "smtps"),
            today=_today(given.get("MOA_TODAY")),
        )


YEARS = range(1900, 2900)


def _home(text: str) -> Path:
    if re.search(r"[,\x00-\x1f\"'\\]", text):
        # A comma separates socket folders in Postgres and hosts in a connection address.
        raise Refusal(
            f"MOA_HOME({text!r})에는 쉼표·따옴표·역슬래시를 쓸 수 없으니 다른 폴더를 지정하십시오.",
            f"MOA_HOME ({text!r}) may not hold a comma, quote or backslash; choose another folder.",
        )
    return Path(text).expanduser()


def _ports(given: Mapping[str, str]) -> Ports:
    chosen = {
        "MOA_REGISTRY_PORT": _port(given, "MOA_REGISTRY_PORT", Ports.registry),
        "MOA_NOTIFIER_PORT": _port(given, "MOA_NOTIFIER_PORT", Ports.notifier),
        "MOA_NATS_PORT": _port(given, "MOA_NATS_PORT", Ports.nats),
    }
    by_number: dict[int, str] = {}
    for name, port in chosen.items():
        if port in by_number:
            raise Refusal(
                f"{by_number[port]}와 {name}가 모두 {port}번이니 하나를 다른 번호로 바꾸십시오.",
                f"{by_number[port]} and {name} are both {port}; give one of them another port.",
            )
        by_number[port] = name
    return Ports(*chosen.values())


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= HIGHEST_PORT:
        return int(text)
    raise Refusal(
        f"{name}에는 1에서 65535 사이의 번호를 지정하십시오 (지금 값: {text!r}).",
        f"Set {name} to a number from 1 to 65535 (it is {text!r}).",
    )


def _servers(given: Mapping[str, str]) -> Servers:
    postgres, nats = ("postgresql", "postgres"), ("nats", "tls")
    return Servers(
        database=_address(given, "MOA_DATABASE_URL", *postgres),
        database_owner=_address(given, "MOA_DATABASE_OWNER_URL", *postgres),
        vault=_address(given, "MOA_VAULT_DATABASE_URL", *postgres),
        notifier_database=_address(given, "MOA_NOTIFIER_DATABASE_URL", *postgres),
        nats=_address(given, "MOA_NATS_URL", *nats),
        notifier_nats=_address(given, "MOA_NOTIFIER_NATS_URL", *nats),
    )


def _address(given: Mapping[str, str], name: str, *schemes: str) -> str | None:
    text = given.get(name)
    if text is None or urlsplit(text).scheme in schemes:
        return text
    # The value is not repeated: it may hold a password.
    raise Refusal(
        f"{name}는 {schemes[0]}:// 로 시작하는 주소여야 합니다.",
        f"Set {name} to an address that starts with {schemes[0]}://.",
    )


def _today(text: str | None) -> date | None:
    if not text:
        return None
    try:
        today = date.fromisoformat(text)
    except ValueError:
        today = None
    if today is None or today.year not in YEARS:
        raise Refusal(
            f"MOA_TODAY는 2026-01-31 같은 날짜여야 합니다 (지금 값: {text!r}).",
            f"Set MOA_TODAY to a date such as 2026-01-31 (it is {text!r}).",
        )
    return today
