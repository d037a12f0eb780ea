"""What happened to organisations, for other systems."""

from uuid import UUID

from contracts.envelope import Message
from contracts.values import ProvenanceV1, TextV1


class IdentifierV1(Message):
    """A number under which others know it: `kr-brn`, `kr-agency`, `lei` or `ror`."""

    scheme: str
    value: str


class OrganisationRegisteredV1(Message):
    """An office entered an organisation into the register."""

    organisation: UUID
    office: str
    kind: str
    names: tuple[TextV1, ...]
    country: str
    region: str | None = None
    identifiers: tuple[IdentifierV1, ...] = ()
    provenance: ProvenanceV1 | None = None


class AliasStatedV1(Message):
    """A source calls it by another name."""

    organisation: UUID
    name: TextV1
    confirmed: bool
    provenance: ProvenanceV1 | None = None
