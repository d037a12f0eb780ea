"""The two tables of a view: every record now, and through time."""

from dataclasses import dataclass

from registry.kernel.ports import Transaction
from registry.kernel.views import View

# Room is left in each page: where no indexed column changes, the next state then needs no index to be written.
CURRENT = """
    create table {current} (id uuid not null, position bigint not null, state jsonb not null, {columns})
    with (fillfactor = 70)
"""
# One state of a record: on which days it held, and from which position on and before which it was known so.
# `state` is null where it is not certain that the record had begun; `uncertain` are positions of facts that may hold.
HISTORY = """
    create table {history} (
        id uuid not null, effective daterange not null, known int8range not null,
        state jsonb, uncertain bigint[] not null
    )
"""
ONE_ROW_EACH = "alter table {current} add primary key (id)"
# What was known at a position is the latest of a record's rows for the day that was known from there on or before.
BY_KNOWN = "create index on {history} (id, lower(known))"
# What is known now.
STILL_KNOWN = "create index on {history} (id) where upper_inf(known)"


@dataclass(frozen=True)
class Tables:
    """Where the rows of a view are: the live ones, or those that are being built beside them."""

    current: str
    history: str

    @classmethod
    def live(cls, view: View) -> "Tables":
        """Where readers look."""
        return cls(view.table, view.history)

    @classmethod
    def former(cls, view: View) -> "Tables":
        """Where those are that have just been replaced, until they are dropped."""
        return cls(f"{view.table}__former", f"{view.table}__former_history")

    @classmethod
    def building(cls, view: View) -> "Tables":
        """Where nobody looks yet."""
        return cls(f"{view.table}__building", f"{view.table}__building_history")

    async def create(self, view: View, transaction: Transaction) -> None:
        """Make them, without indexes: rows are loaded faster so."""
        await transaction.execute(CURRENT.format(current=self.current, columns=view.columns))
        await transaction.execute(HISTORY.format(history=self.history))

    async def index(self, view: View, transaction: Transaction) -> None:
        """Make every index, and let the planner know what is there."""
        for statement in (ONE_ROW_EACH, BY_KNOWN, STILL_KNOWN):
            await transaction.execute_long(statement.format(current=self.current, history=self.history))
        for statement in view.indexes:
            await transaction.execute_long(statement.format(table=self.current))
        await transaction.execute_long(f"analyze {self.current}, {self.history}")

    async def drop(self, transaction: Transaction) -> None:
        """Remove them, if they are there."""
        await transaction.execute(f"drop table if exists {self.current}, {self.history}")

    async def rename(self, other: "Tables", transaction: Transaction) -> None:
        """Take the names of `other`."""
        for mine, its in ((self.current, other.current), (self.history, other.history)):
            await transaction.execute(f"alter table {mine} rename to {its.rpartition('.')[2]}")
