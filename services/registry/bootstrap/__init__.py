"""The one place where ports meet adapters."""

from registry.bootstrap.following import Following, relay_of, renewal_process
from registry.bootstrap.house import open_house
from registry.bootstrap.http import application
from registry.bootstrap.logs import configure_logs
from registry.bootstrap.memory import settle_memory
from registry.bootstrap.migrating import bring_up_to_date
from registry.bootstrap.rebuilding import rebuild_views
from registry.bootstrap.slices import OFFERED, PUBLISHED, VIEWS

__all__ = [
    "OFFERED",
    "PUBLISHED",
    "VIEWS",
    "Following",
    "application",
    "bring_up_to_date",
    "configure_logs",
    "open_house",
    "rebuild_views",
    "relay_of",
    "renewal_process",
    "settle_memory",
]
