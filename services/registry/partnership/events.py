"""What can happen to a partnership."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact, FirstFact, named
from registry.kernel.timeline import Holding
from registry.kernel.values import Text

Kind = Literal["sister", "friendship", "cooperation"]


@named("partnership.established")
@dataclass(frozen=True)
class PartnershipEstablished(FirstFact):
    """Organisations stand in a lasting relation, by an agreement or as a source states it.

    `words` are the source's own for it; `by` is the agreement that founded it, if one is known.
    """

    office: str
    kind: Kind
    organisations: tuple[UUID, ...]
    since: FuzzyDate | None = None
    words: Text | None = None
    by: UUID | None = None

    @property
    def effective(self) -> FuzzyDate | None:
        """Since when, as the source states it."""
        return self.since

    @property
    def holds(self) -> Holding:
        """There is no relation before that day; without one nobody knows since when."""
        return self.since or "undated"


@named("partnership.lapsed")
@dataclass(frozen=True)
class PartnershipLapsed(Fact):
    """It came to a halt, on a day that may not be stated."""

    why: str
    on: FuzzyDate | None = None

    @property
    def effective(self) -> FuzzyDate | None:
        """The day as the source states it."""
        return self.on

    @property
    def holds(self) -> Holding:
        """From that day on; without one nobody knows since when."""
        return self.on or "undated"


@named("partnership.resumed")
@dataclass(frozen=True)
class PartnershipResumed(Fact):
    """It goes on again; `by` is the agreement that resumed it, if one is known."""

    on: FuzzyDate | None = None
    by: UUID | None = None

    @property
    def effective(self) -> FuzzyDate | None:
        """The day as the source states it."""
        return self.on

    @property
    def holds(self) -> Holding:
        """From that day on; without one nobody knows since when."""
        return self.on or "undated"


PartnershipFact = PartnershipEstablished | PartnershipLapsed | PartnershipResumed
