"""Brings every database of the registry up to date."""

from registry.settings import Settings
from registry.store.migrate import migrate


async def bring_up_to_date(settings: Settings) -> list[str]:
    """Run what is new among the migrations of each database; names what was run."""
    done = await migrate(owner_of(settings), settings.database_url)
    if settings.vault_database_url:
        url = settings.vault_database_url
        done += [f"vault {name}" for name in await migrate(url, url, room="registry.vault")]
    return done


def owner_of(settings: Settings) -> str:
    """The address by which the log's owner is reached; the service's own where no other is named."""
    return settings.database_owner_url or settings.database_url
