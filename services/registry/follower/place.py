"""A follower's place in the log, which only one runner at a time can move."""

from dataclasses import dataclass

from registry.kernel.ports import Rows, Transaction

# Where a follower stands, and whether it is noted that it does not go on; $1 its name.
PLACE = """
    select version, position, build, (stopped is not null or failing is not null) as noted from follower where name = $1
"""
# A follower's place at the log's beginning, or where it stands, taken over from an earlier version; what was noted is
# void, since it tries again. A later version's place stays as it is. $1 name, $2 version.
BEGIN = """
    insert into follower (name, version, position) values ($1, $2, 0)
    on conflict (name) do update
    set version = excluded.version, position = coalesce(follower.position, 0), stopped = null, failing = null
    where follower.version < excluded.version or (follower.version = excluded.version and (
        follower.position is null or follower.stopped is not null or follower.failing is not null))
"""
# Moves a follower on, unless another runner or version has, or its rows were built anew.
# The commit is not waited for until it is on disk, so that commands need not wait for that either: what a crash of the
# server takes back, rows and place together, is followed again. $1 name, $2 version, $3 build, $4 from, $5 to.
ADVANCE = """
    update follower set position = $5, stopped = null, failing = null
    where name = $1 and version = $2 and build = $3 and position = $4
    returning set_config('synchronous_commit', 'off', true)
"""


@dataclass
class Place:
    """Where the stored checkpoint stands, and up to where nothing else in the log concerned the follower."""

    name: str
    version: int
    build: int
    position: int
    through: int
    noted: bool

    @classmethod
    async def read(cls, name: str, rows: Rows) -> "Place":
        """The stored place."""
        row = (await rows.fetch(PLACE, name))[0]
        return cls(name, row["version"], row["build"], row["position"], row["position"], row["noted"])

    def same(self, other: "Place") -> bool:
        """Has nobody else moved it?"""
        return (self.version, self.build, self.position) == (other.version, other.build, other.position)

    async def move(self, to: int, transaction: Transaction) -> bool:
        """Move the checkpoint within a transaction; False when somebody else did."""
        return bool(await transaction.fetch(ADVANCE, self.name, self.version, self.build, self.position, to))
