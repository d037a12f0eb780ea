"""A follower's place in the log, which only one runner at a time can move."""

from dataclasses import dataclass

from registry.kernel.ports import Rows, Transaction

# Where a follower stands; $1 its name.
PLACE = "select version, position, build from follower where name = $1"
# A follower's place at the log's beginning, if it has none yet; $1 name, $2 version.
BEGIN = "insert into follower (name, version, position) values ($1, $2, 0) on conflict do nothing"
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

    @classmethod
    async def read(cls, name: str, rows: Rows) -> "Place":
        """The stored place."""
        row = (await rows.fetch(PLACE, name))[0]
        return cls(name, row["version"], row["build"], row["position"], row["position"])

    def same(self, other: "Place") -> bool:
        """Has nobody else moved it?"""
        return (self.version, self.build, self.position) == (other.version, other.build, other.position)

    async def move(self, to: int, transaction: Transaction) -> bool:
        """Move the checkpoint within a transaction; False when somebody else did."""
        return bool(await transaction.fetch(ADVANCE, self.name, self.version, self.build, self.position, to))
