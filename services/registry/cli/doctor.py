"""A look at every part of the registry, a sentence each."""

from dataclasses import dataclass

from registry.house import House

# Followers and how far behind the log they are.
FOLLOWERS = """
    select name, position, stopped from view.checkpoint
    union all select name, position, stopped from follower where name not in ('relay', 'receipts')
    order by name
"""
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
    for row in await house.rows.fetch(FOLLOWERS):
        if row["stopped"]:
            findings.append(Finding(False, f"{row['name']}: stopped at {row['stopped']}"))
        else:
            findings.append(Finding(True, f"{row['name']}: {head - row['position']} facts behind"))
    findings += [Finding(False, sentence) for sentence in await house.missing()]
    return findings
