"""What can happen to a delegation."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import ConfigDict

from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact, FirstFact, named
from registry.kernel.timeline import Holding
from registry.kernel.values import Line, Text


@dataclass(frozen=True)
class Member:
    """An organisation that takes part, and as what, in the source's words."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    organisation: UUID
    role: Line | None = None


@dataclass(frozen=True)
class Counterpart:
    """Whom the delegation meets: an organisation, or a placeholder in the source's words until it is named."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    organisation: UUID | None = None
    placeholder: Line | None = None


@named("delegation.registered")
@dataclass(frozen=True)
class DelegationRegistered(FirstFact):
    """An office entered a delegation.

    `stated_headcount` and `stated_institutions` are the counts that the source gives; they may
    disagree with the list of members, and neither is mended. Whether it was only planned is in
    the provenance.
    """

    office: str
    titles: tuple[Text, ...]
    starts: FuzzyDate | None = None
    ends: FuzzyDate | None = None
    stated_headcount: int | None = None
    stated_institutions: int | None = None
    members: tuple[Member, ...] = ()

    @property
    def effective(self) -> FuzzyDate | None:
        """Its first day as the source states it."""
        return self.starts

    @property
    def holds(self) -> Holding:
        """On every day: it was planned and talked of before it set out."""
        return "every day"


@named("delegation.stop-planned")
@dataclass(frozen=True)
class StopPlanned(Fact):
    """A stop was announced. `number` is the stop's own within the delegation."""

    number: int
    on: FuzzyDate | None = None
    place: str | None = None
    activities: tuple[str, ...] = ()
    counterparts: tuple[Counterpart, ...] = ()

    @property
    def effective(self) -> FuzzyDate | None:
        """The day for which it is announced."""
        return self.on

    @property
    def holds(self) -> Holding:
        """On every day: an announcement holds before the day that it names."""
        return "every day"


@named("delegation.stop-held")
@dataclass(frozen=True)
class StopHeld(Fact):
    """A stop took place; `agreements` were signed there."""

    number: int
    on: FuzzyDate
    place: str | None = None
    activities: tuple[str, ...] = ()
    counterparts: tuple[Counterpart, ...] = ()
    agreements: tuple[UUID, ...] = ()

    @property
    def effective(self) -> FuzzyDate:
        """The day as the source states it."""
        return self.on


@named("delegation.follow-up-promised")
@dataclass(frozen=True)
class FollowUpPromised(Fact):
    """Something was promised for later; `on` is when it is to happen."""

    words: str
    on: FuzzyDate | None = None


DelegationFact = DelegationRegistered | StopPlanned | StopHeld | FollowUpPromised
