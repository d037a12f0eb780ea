"""How every part stands: where it is, and why it does not go on."""

from dataclasses import dataclass

from pydantic import ValidationError

from registry.kernel.ports import Database, Rows
from registry.kernel.validation import briefly

LONGEST_REASON = 500
# Notes why a part stands still ($2) or fails for now ($3); both null when it goes. $1 its name.
NOTE = """
    insert into follower (name, version, stopped, failing) values ($1, 1, $2, $3)
    on conflict (name) do update set stopped = excluded.stopped, failing = excluded.failing
"""
# How every part stands: followers have a position, relay and receipts have none.
STANDINGS = "select name, version, position, stopped, failing from follower order by name"


@dataclass(frozen=True)
class Standing:
    """How one part stands. `position` is None for a part that keeps its place elsewhere."""

    name: str
    version: int
    position: int | None
    stopped: str | None
    failing: str | None


async def standings(rows: Rows) -> list[Standing]:
    """How every part stands, by name."""
    found = await rows.fetch(STANDINGS)
    return [Standing(row["name"], row["version"], row["position"], row["stopped"], row["failing"]) for row in found]


async def note(database: Database, name: str, *, stopped: str | None = None, failing: str | None = None) -> None:
    """Write down how a part stands, for readiness, metrics and the doctor."""
    async with database.transaction() as transaction:
        await transaction.execute(NOTE, name, _short(stopped), _short(failing))


def why(error: Exception) -> str:
    """What is shown of it to anybody who asks whether the registry is ready: never a value from a record."""
    return briefly(error) if isinstance(error, ValidationError) else str(error).partition("\n")[0]


def _short(reason: str | None) -> str | None:
    return None if reason is None else reason[:LONGEST_REASON]
