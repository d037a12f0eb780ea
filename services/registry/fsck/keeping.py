"""What is kept beside the facts: commands and their answers, reserved names, followers' places."""

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
# A command whose answer names a version that its record never reached; $1 the head.
VERSION_ASTRAY = """
    select c.id, c.target, c.version from command c
    where c.version > coalesce((select max(e.version) from event e where e.stream = c.target and e.position <= $1), 0)
    order by c.position limit 1
"""
HOW_MANY_COMMANDS = "select count(*) as commands from command"
# A reserved name whose record does not exist.
NAME_ASTRAY = """
    select r.scope, r.name, r.stream from reserved r
    where not exists (select from event e where e.stream = r.stream) order by r.scope, r.name limit 1
"""
HOW_MANY_NAMES = "select count(*) as names from reserved"
# A follower that is further than the log; $1 the head.
FOLLOWER_AHEAD = "select name, position from follower where position > $1 order by name limit 1"
# A part that stands still until a person has looked.
FOLLOWER_STOPPED = "select name, stopped from follower where stopped is not null order by name limit 1"


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
    for row in await rows.fetch(VERSION_ASTRAY, head):
        raise Differs(
            f"command {row['id']} was answered with version {row['version']}, which {row['target']} never had"
        )
    return f"{(await rows.fetch(HOW_MANY_COMMANDS))[0]['commands']} commands fit their facts"


async def check_names(rows: Rows) -> str:
    """Differs where a name is reserved for a record that does not exist."""
    for row in await rows.fetch(NAME_ASTRAY):
        raise Differs(f"the name {row['name']} ({row['scope']}) is reserved for {row['stream']}, which does not exist")
    return f"{(await rows.fetch(HOW_MANY_NAMES))[0]['names']} reserved names point to records"


async def check_followers(rows: Rows, head: int) -> str:
    """Differs where a follower claims to be further than the log, or stands still."""
    for row in await rows.fetch(FOLLOWER_AHEAD, head):
        raise Differs(f"{row['name']} is at position {row['position']}, the head is at {head}")
    for row in await rows.fetch(FOLLOWER_STOPPED):
        raise Differs(f"{row['name']} stands still at {row['stopped']}")
    return f"no follower stands still or is beyond position {head}"
