"""A look at every part of the registry, a sentence each."""

from dataclasses import dataclass

from registry.follower import standings
from registry.house import House

# Messages that were set aside.
PARKED = "select source, sequence, why from parked order by at"
OWNER = "select tableowner = current_user as owns from pg_tables where schemaname = 'public' and tablename = 'event'"


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    well: bool
    sentence: str


async def examine(house: House) -> list[Finding]:
    """Everything worth a look, in order."""
    head = await house.log.head()
    findings = [Finding(True, f"log: {head} facts, generation {await house.log.generation()}")]
    owns = (await house.rows.fetch(OWNER))[0]["owns"]
    findings.append(
        Finding(
            not owns,
            "log: the running role owns the table; run `registry migrate` with MOA_DATABASE_OWNER_URL of another role"
            if owns
            else "log: the running role cannot rewrite it",
        )
    )
    for part in await standings(house.rows):
        if part.stopped is None and part.failing is None:
            behind = "runs" if part.position is None else f"{head - part.position} facts behind"
            findings.append(Finding(True, f"{part.name}: {behind}"))
    for row in await house.rows.fetch(PARKED):
        findings.append(Finding(False, f"set aside: {row['source']} {row['sequence']}: {row['why']}"))
    if (await house.relay.status()).unreachable:
        findings.append(Finding(False, "NATS cannot be reached: check MOA_NATS_URL and the server."))
    findings += [Finding(False, sentence) for sentence in await house.missing()]
    return findings
