"""Questions about delegations."""

from collections.abc import Sequence
from uuid import UUID

from registry.kernel.errors import NotFound
from registry.kernel.ports import Row, Rows
from registry.kernel.values import like

# One delegation as it stands; $1 its id.
DELEGATION = "select position, state from view.delegation where id = $1"

# Delegations, the latest first and the undated last: $1 a part of a title, place or placeholder (pattern),
# $2 office (or null), $3 and $4 the first day ('' when undated) and id of the last one seen, $5 how many.
DELEGATIONS = """
    select state from view.delegation
    where words like $1
      and ($2::text is null or office = $2)
      and ($3::text is null or (first_day, id) < ($3, $4::uuid))
    order by first_day desc, id desc limit $5
"""


async def delegation(rows: Rows, delegation_id: UUID) -> Row:
    """The delegation's current state; NotFound when there is none."""
    found = await rows.fetch(DELEGATION, delegation_id)
    if not found:
        raise NotFound(
            "delegation.unknown",
            ko="이 대표단을 찾을 수 없습니다. 주소를 확인하거나 대표단 목록에서 찾아 주세요.",
            en="There is no such delegation: check the address, or look it up in the list.",
        )
    state: Row = found[0]["state"]
    return state


async def delegations(
    rows: Rows,
    *,
    search: str = "",
    office: str | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Row]:
    """Delegations, the latest first day first, from after the last one seen."""
    day, last = after or (None, None)
    found = await rows.fetch(DELEGATIONS, like(search), office, day, last, limit)
    return [row["state"] for row in found]
