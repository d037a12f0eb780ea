"""Reads the log for those that follow it: stretch by stretch, or record by record."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.ports import Row, Rows, Shelf, Stretch
from registry.store.mapper import read

COLUMNS = "position, stream, version, topic, state, metadata, recorded_at"
# A fact may have 256 KiB: a follower reads no more than so many bytes of them at once, and the one that goes beyond.
MOST_BYTES = 4 * 1_048_576


# How long a state is; only one that is stored compressed has to be unpacked to know it.
SIZE = "case when pg_column_compression(state) is null then pg_column_size(state) else octet_length(state::text) end"


def bounded(facts: str, most: int = MOST_BYTES, order: str = "position") -> str:
    """The first rows of a query, up to `most` bytes of states but one at least; `following`: a row comes after it."""
    return f"""
        select fitting.* from (
            select found.*, lead(position) over (order by {order}) as following,
                   sum({SIZE}) over (order by {order} rows between unbounded preceding and 1 preceding) as bytes
            from ({facts}) found
        ) fitting where coalesce(bytes, 0) < {most}
    """  # noqa: S608 (constants)


# The facts of some slices among the positions that follow one, and how far that looked; always at least one row.
# $1 the position, $2 how many positions, $3 the slices (null: all).
OF_SLICES = f"""
    select {COLUMNS} from event where position > $1 and position <= $1 + $2
       and ($3::text[] is null or split_part(topic, '.', 1) = any($3))
"""  # noqa: S608 (constant)
STRETCH = f"""
    select least(head.position, $1 + $2) as through, fact.* from log_head head left join ({bounded(OF_SLICES)}) fact
    on true order by fact.position
"""  # noqa: S608 (constant)
# The facts of one slice, record by record, among those that follow one, and which was the last looked at.
# $1 and $2 record and version to begin after, $3 the slice, $4 up to which position, $5 how many to look at.
AFTER_ONE = f"""
    select {COLUMNS} from event where (stream, version) > ($1::uuid, $2::integer) order by stream, version limit $5
"""  # noqa: S608 (constant)
SHELF = f"""
    with looked as materialized ({bounded(AFTER_ONE, order="stream, version")}), last as (
        select stream, version, count(*) over () as looked from looked order by stream desc, version desc limit 1
    )
    select last.looked, last.stream as last_stream, last.version as last_version, fact.*
    from last left join (
        select * from looked where split_part(topic, '.', 1) = $3 and position <= $4
    ) fact on true order by fact.stream, fact.version
"""  # noqa: S608 (constant)
BEFORE_ALL = (UUID(int=0), 0)
# How many facts are decoded before others in the process have their turn.
TURN = 100


async def stretch(rows: Rows, position: int, limit: int, slices: Sequence[str] | None) -> Stretch:
    """The facts of some slices (None: of all) among the `limit` positions that follow `position`, or fewer."""
    found = await rows.fetch(STRETCH, position, limit, slices)
    cut = found[-1]["following"] is not None
    through = int(found[-1]["position"] if cut else found[-1]["through"])
    return Stretch(await _decoded(found), through, cut or through == position + limit)


async def shelf(rows: Rows, record: str, through: int, last: tuple[UUID, int] | None, limit: int) -> Shelf:
    """The facts of one slice up to position `through`, in order of record and version, from after `last`."""
    found = await rows.fetch(SHELF, *(last or BEFORE_ALL), record, through, limit)
    if not found:
        return Shelf((), 0, None)
    return Shelf(await _decoded(found), found[0]["looked"], (found[0]["last_stream"], found[0]["last_version"]))


async def _decoded(rows: Sequence[Row]) -> list[Recorded]:
    """The facts in rows of the log, of which a row may have none; others have their turn now and then."""
    facts: list[Recorded] = []
    for start in range(0, len(rows), TURN):
        facts += [read(row) for row in rows[start : start + TURN] if row["position"] is not None]
        await asyncio.sleep(0)
    return facts
