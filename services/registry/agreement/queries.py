"""Questions about one agreement."""

from uuid import UUID

from registry.kernel.errors import NotFound
from registry.kernel.ports import Row, Rows

# One agreement as it stands; $1 its id.
AGREEMENT = "select position, state from view.agreement where id = $1"

# The highest plain number that an office used in a year; $1 office, $2 year.
LAST_NUMBER = """
    select coalesce(max(number::integer), 0) as last from view.agreement
    where office = $1 and year = $2 and number ~ '^[0-9]{1,6}$'
"""


async def agreement(rows: Rows, agreement_id: UUID) -> Row:
    """The agreement's current state as JSON-like values; NotFound when there is none."""
    found = await rows.fetch(AGREEMENT, agreement_id)
    if not found:
        raise NotFound(
            "agreement.unknown",
            ko="이 번호의 협약이 없습니다. 주소를 확인하거나 협약 대장에서 찾아 주세요.",
            en="There is no such agreement: check the address, or look it up in the register.",
        )
    state: Row = found[0]["state"]
    return state


async def next_number(rows: Rows, office: str, year: int) -> str:
    """A number that the office has not used this year, to suggest in a form."""
    found = await rows.fetch(LAST_NUMBER, office, year)
    return str(found[0]["last"] + 1)
