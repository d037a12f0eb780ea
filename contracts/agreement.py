"""What happened to agreements, for other systems."""

from datetime import date
from uuid import UUID

from contracts.envelope import Message
from contracts.values import ProvenanceV1, TermV1, TextV1


class PartyV1(Message):
    """One side: an organisation, or a placeholder in the source's words."""

    organisation: UUID | None = None
    placeholder: str | None = None
    side: str | None = None
    role: str | None = None


class AgreementDraftedV1(Message):
    """An office drew up an agreement under a number of its register."""

    agreement: UUID
    office: str
    number: str
    year: int
    kind: str
    titles: tuple[TextV1, ...]
    fields: tuple[str, ...]
    parties: tuple[PartyV1, ...]
    stated_parties: int | None = None
    parent: UUID | None = None
    provenance: ProvenanceV1 | None = None


class PartySignedV1(Message):
    """One party signed."""

    agreement: UUID
    organisation: UUID
    on: date
    place: str | None = None
    provenance: ProvenanceV1 | None = None


class AgreementSignedV1(Message):
    """The last party signed."""

    agreement: UUID
    on: date
    provenance: ProvenanceV1 | None = None


class AgreementSignedOnPaperV1(Message):
    """It was signed before it was registered; `on` is EDTF as the source states it."""

    agreement: UUID
    on: str | None = None
    place: str | None = None
    provenance: ProvenanceV1 | None = None


class AgreementEnteredIntoForceV1(Message):
    """It binds from this day."""

    agreement: UUID
    on: date
    provenance: ProvenanceV1 | None = None


class TermSetV1(Message):
    """How long its cycle lasts; the latest message for a cycle replaces earlier ones."""

    agreement: UUID
    cycle: int
    term: TermV1
    provenance: ProvenanceV1 | None = None
