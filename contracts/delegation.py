"""What happened to delegations, for other systems. Dates are EDTF as the source states them."""

from uuid import UUID

from contracts.envelope import Message
from contracts.values import ProvenanceV1, TextV1


class MemberV1(Message):
    """An organisation that takes part, and as what. No person is ever in here."""

    organisation: UUID
    role: str | None = None


class CounterpartV1(Message):
    """Whom the delegation meets: an organisation, or a placeholder in the source's words."""

    organisation: UUID | None = None
    placeholder: str | None = None


class DelegationRegisteredV1(Message):
    """An office entered a delegation. The stated counts may disagree with the list of members."""

    delegation: UUID
    office: str
    titles: tuple[TextV1, ...]
    starts: str | None = None
    ends: str | None = None
    stated_headcount: int | None = None
    stated_institutions: int | None = None
    members: tuple[MemberV1, ...] = ()
    provenance: ProvenanceV1 | None = None


class StopPlannedV1(Message):
    """A stop was announced; nothing says that it took place."""

    delegation: UUID
    number: int
    on: str | None = None
    place: str | None = None
    activities: tuple[str, ...] = ()
    counterparts: tuple[CounterpartV1, ...] = ()
    provenance: ProvenanceV1 | None = None


class StopHeldV1(Message):
    """A stop took place; `agreements` were signed there."""

    delegation: UUID
    number: int
    on: str
    place: str | None = None
    activities: tuple[str, ...] = ()
    counterparts: tuple[CounterpartV1, ...] = ()
    agreements: tuple[UUID, ...] = ()
    provenance: ProvenanceV1 | None = None


class FollowUpPromisedV1(Message):
    """Something was promised for later."""

    delegation: UUID
    words: str
    on: str | None = None
    provenance: ProvenanceV1 | None = None
