"""What can happen to an agreement."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact, FirstFact, named
from registry.kernel.terms import Term
from registry.kernel.timeline import Holding
from registry.kernel.values import Line, Text

Kind = Literal["loi", "mou", "friendship", "sister", "contract", "implementing", "amendment"]
State = Literal["drafted", "part_signed", "signed", "in_force"]


@dataclass(frozen=True)
class Party:
    """One side of an agreement: an organisation, or a placeholder in the source's words until it is named."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    organisation: UUID | None = None
    placeholder: Line | None = None
    side: Line | None = None
    role: Line | None = None


@named("agreement.drafted")
@dataclass(frozen=True)
class AgreementDrafted(FirstFact):
    """An office drew it up, under a number of its own register.

    `stated_parties` is the count that the source gives; it may disagree with the list.
    """

    office: str
    number: str
    year: int
    kind: Kind
    titles: tuple[Text, ...]
    fields: tuple[str, ...]
    parties: tuple[Party, ...]
    stated_parties: int | None = None
    parent: UUID | None = None


@named("agreement.party-signed")
@dataclass(frozen=True)
class PartySigned(Fact):
    """One party put its name to it."""

    organisation: UUID
    on: date
    place: str | None = None

    @property
    def effective(self) -> date:
        """The day of the signature."""
        return self.on


@named("agreement.signed")
@dataclass(frozen=True)
class AgreementSigned(Fact):
    """The last party signed."""

    on: date

    @property
    def effective(self) -> date:
        """The day on which the signing was complete."""
        return self.on


@named("agreement.signed-on-paper")
@dataclass(frozen=True)
class AgreementSignedOnPaper(Fact):
    """It was signed before it came to the register; who signed when has no record here."""

    on: FuzzyDate | None
    place: str | None = None

    @property
    def effective(self) -> FuzzyDate | None:
        """The day as the source states it."""
        return self.on

    @property
    def holds(self) -> Holding:
        """From that day on; without one nobody knows since when."""
        return self.on or "undated"


@named("agreement.entered-into-force")
@dataclass(frozen=True)
class AgreementEnteredIntoForce(Fact):
    """From this day on it binds."""

    on: date

    @property
    def effective(self) -> date:
        """The first day in force."""
        return self.on


@named("agreement.term-set")
@dataclass(frozen=True)
class TermSet(Fact):
    """How long its current cycle lasts and how it goes on; `cycle` counts from 1."""

    term: Term
    cycle: int

    @property
    def effective(self) -> date:
        """The first day of the term."""
        return self.term.start


AgreementFact = (
    AgreementDrafted | PartySigned | AgreementSigned | AgreementSignedOnPaper | AgreementEnteredIntoForce | TermSet
)
