"""The peer: an application of the stock eventsourcing library on its own Postgres recorder."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Organisation(Aggregate):
    """The stock way to say that an organisation was registered, under another name too."""

    @event("Registered")
    def __init__(self, name: str, country: str, office: str, number: str) -> None:
        self.name = name
        self.country = country
        self.office = office
        self.number = number
        self.aliases: list[str] = []

    @event("AliasStated")
    def state_alias(self, name: str) -> None:
        """Take another name."""
        self.aliases.append(name)


def environment(url: str, *, connections: int) -> dict[str, str]:
    """What the library reads of its Postgres, from an address."""
    parts = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": parse_qs(parts.query)["host"][0],
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": unquote(parts.username or ""),
        "POSTGRES_PASSWORD": unquote(parts.password or ""),
        "POSTGRES_POOL_SIZE": str(connections),
        "POSTGRES_MAX_OVERFLOW": str(connections),
    }


def application(url: str, *, connections: int) -> Application[Any]:
    """An application that nothing was changed about."""
    return Application(env=environment(url, connections=connections))


def registration(number: str) -> Organisation:
    """The peer of the registry's own registration; nobody makes sure that the number is its alone."""
    return Organisation("부산진구", "KR", "busanjin", number)
