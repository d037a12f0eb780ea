"""What happened to partnerships, for other systems. Dates are EDTF as the source states them."""

from typing import Literal
from uuid import UUID

from contracts.envelope import Message
from contracts.values import ProvenanceV1, TextV1


class PartnershipEstablishedV1(Message):
    """Organisations stand in a lasting relation; `by` is the agreement that founded it, if one is known."""

    partnership: UUID
    office: str
    kind: Literal["sister", "friendship", "cooperation"]
    organisations: tuple[UUID, ...]
    since: str | None = None
    words: TextV1 | None = None
    by: UUID | None = None
    provenance: ProvenanceV1 | None = None


class PartnershipLapsedV1(Message):
    """It came to a halt, on a day that may not be stated."""

    partnership: UUID
    on: str | None = None
    why: str
    provenance: ProvenanceV1 | None = None


class PartnershipResumedV1(Message):
    """It goes on again; `by` is the agreement that resumed it, if one is known."""

    partnership: UUID
    on: str | None = None
    by: UUID | None = None
    provenance: ProvenanceV1 | None = None
