"""What is kept beside the facts: commands and their answers, and reserved names."""

from registry.fsck.findings import Differs
from registry.kernel.ports import Rows

# The first fact whose command is not on record, or command whose answer is not where its facts end; $1 the head.
COMMAND_ASTRAY = """
    with told as (
        select metadata->>'actor' as actor, metadata->>'command' as id, max(position) as last
        from event where position <= $1 group by 1, 2
    )
    select told.last, c.id, c.position from told full join command c on c.actor = told.actor and c.id::text = told.id
    where c.id is null or c.position > $1 or c.position <> told.last
    order by coalesce(told.last, c.position) limit 1
"""
# A command whose answer does not name its record's last version at that position: it was not there yet, or the next
# one was there too. Two look-ups by key each, however long the record's history is.
VERSION_ASTRAY = """
    select c.id, c.target, c.version, c.position from command c
    where c.version > 0 and not exists (
            select from event e where e.stream = c.target and e.version = c.version and e.position <= c.position)
       or exists (
            select from event e where e.stream = c.target and e.version = c.version + 1 and e.position <= c.position)
    order by c.position limit 1
"""
HOW_MANY_COMMANDS = "select count(*) as commands from command"
# A reserved name whose record does not exist.
NAME_ASTRAY = """
    select r.scope, r.name, r.stream from reserved r
    where not exists (select from event e where e.stream = r.stream) order by r.scope, r.name limit 1
"""
HOW_MANY_NAMES = "select count(*) as names from reserved"


async def check_commands(rows: Rows, head: int) -> str:
    """Differs where a fact has no command, or a command's answer does not fit its facts."""
    for row in await rows.fetch(COMMAND_ASTRAY, head):
        if row["id"] is None:
            raise Differs(f"position {row['last']}: its command is not on record")
        if row["position"] > head:
            raise Differs(f"command {row['id']} was answered with position {row['position']}, the head is at {head}")
        raise Differs(
            f"command {row['id']} was answered with position {row['position']}, its facts end at {row['last']}"
        )
    for row in await rows.fetch(VERSION_ASTRAY):
        raise Differs(
            f"command {row['id']} was answered with version {row['version']}, "
            f"which was not the last of {row['target']} at position {row['position']}"
        )
    return f"{(await rows.fetch(HOW_MANY_COMMANDS))[0]['commands']} commands fit their facts"


async def check_names(rows: Rows) -> str:
    """Differs where a name is reserved for a record that does not exist."""
    for row in await rows.fetch(NAME_ASTRAY):
        raise Differs(f"the name {row['name']} ({row['scope']}) is reserved for {row['stream']}, which does not exist")
    return f"{(await rows.fetch(HOW_MANY_NAMES))[0]['names']} reserved names point to records"
