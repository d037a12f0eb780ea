"""Questions about renewal cases."""

from collections.abc import Sequence
from uuid import UUID

from registry.kernel.errors import NotFound
from registry.kernel.ports import Row, Rows

# One case; $1 its id.
CASE = "select state from view.renewal where id = $1"
# The cases of one agreement, newest cycle first; $1 the agreement's id.
OF_AGREEMENT = "select state from view.renewal where agreement = $1::text order by (state->>'cycle')::integer desc"
# Cases by how soon a notice must have arrived; $1 and $2 the last day and id seen, $3 how many.
CASES = """
    select state from view.renewal
    where last_safe is not null and ($1::text is null or (last_safe, id) > ($1, $2::uuid))
    order by last_safe, id limit $3
"""


async def case(rows: Rows, case_id: UUID) -> Row:
    """A case's current state; NotFound when there is none."""
    found = await rows.fetch(CASE, case_id)
    if not found:
        raise NotFound(
            "renewal.unknown",
            ko="이 갱신 건을 찾을 수 없습니다. 주소를 확인해 주세요.",
            en="There is no such renewal case: check the address.",
        )
    state: Row = found[0]["state"]
    return state


async def cases_of(rows: Rows, agreement: UUID) -> Sequence[Row]:
    """Every case of one agreement, the newest cycle first."""
    return [row["state"] for row in await rows.fetch(OF_AGREEMENT, str(agreement))]


async def cases(rows: Rows, *, after: tuple[str, UUID] | None = None, limit: int = 50) -> Sequence[Row]:
    """Cases with a notice deadline, the soonest first."""
    day, last = after or (None, None)
    return [row["state"] for row in await rows.fetch(CASES, day, last, limit)]
