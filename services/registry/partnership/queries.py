"""Questions about partnerships."""

from collections.abc import Sequence
from uuid import UUID

from registry.kernel.errors import NotFound
from registry.kernel.ports import Row, Rows

# One partnership as it stands; $1 its id.
PARTNERSHIP = "select position, state from view.partnership where id = $1"

# Partnerships, the youngest first and the undated last: $1 an organisation in it (or null), $2 kind, $3 state
# and $4 office (or null), $5 and $6 the first day ('' when undated) and id of the last one seen, $7 how many.
PARTNERSHIPS = """
    select state from view.partnership
    where ($1::text is null or organisations ? $1)
      and ($2::text is null or kind = $2)
      and ($3::text is null or status = $3)
      and ($4::text is null or office = $4)
      and ($5::text is null or (since_day, id) < ($5, $6::uuid))
    order by since_day desc, id desc limit $7
"""


async def partnership(rows: Rows, partnership_id: UUID) -> Row:
    """The partnership's current state; NotFound when there is none."""
    found = await rows.fetch(PARTNERSHIP, partnership_id)
    if not found:
        raise NotFound(
            "partnership.unknown",
            ko="이 교류 관계를 찾을 수 없습니다. 주소를 확인하거나 교류 관계 목록에서 찾아 주세요.",
            en="There is no such partnership: check the address, or look it up in the list.",
        )
    state: Row = found[0]["state"]
    return state


async def partnerships(
    rows: Rows,
    *,
    organisation: UUID | None = None,
    kind: str | None = None,
    state: str | None = None,
    office: str | None = None,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Row]:
    """Partnerships, the youngest first, from after the last one seen."""
    day, last = after or (None, None)
    member = None if organisation is None else str(organisation)
    found = await rows.fetch(PARTNERSHIPS, member, kind, state, office, day, last, limit)
    return [row["state"] for row in found]
