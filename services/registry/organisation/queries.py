"""Questions about organisations."""

from collections.abc import Sequence
from uuid import UUID

from registry.kernel.errors import NotFound
from registry.kernel.ports import Row, Rows
from registry.kernel.values import like

# One organisation as it stands; $1 its id.
ORGANISATION = "select position, state from view.organisation where id = $1"

# Organisations by name: $1 a part of any name or number (pattern), $2 and $3 the last name and id seen, $4 how many.
ORGANISATIONS = """
    select state from view.organisation
    where words like $1 and ($2::text is null or (name_ko, id) > ($2, $3::uuid))
    order by name_ko, id limit $4
"""

# How many there are; $1 a part of any name or number (pattern).
COUNT = "select count(*) as count from view.organisation where words like $1"


async def organisation(rows: Rows, organisation_id: UUID) -> Row:
    """The organisation's current state; NotFound when there is none."""
    found = await rows.fetch(ORGANISATION, organisation_id)
    if not found:
        raise NotFound(
            "organisation.unknown",
            ko="이 기관을 찾을 수 없습니다. 주소를 확인하거나 기관 목록에서 찾아 주세요.",
            en="There is no such organisation: check the address, or look it up in the list.",
        )
    state: Row = found[0]["state"]
    return state


async def organisations(
    rows: Rows, *, search: str = "", after: tuple[str, UUID] | None = None, limit: int = 50
) -> Sequence[Row]:
    """Organisations in order of their Korean name, from after the last one seen."""
    name, last = after or (None, None)
    found = await rows.fetch(ORGANISATIONS, like(search), name, last, limit)
    return [row["state"] for row in found]


async def count(rows: Rows, *, search: str = "") -> int:
    """How many organisations there are with this in a name or number."""
    found = await rows.fetch(COUNT, like(search))
    return int(found[0]["count"])
