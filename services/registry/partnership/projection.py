"""The partnership as it stands, one row each."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, assert_never, cast
from uuid import UUID

from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Recorded
from registry.kernel.states import changed
from registry.kernel.values import Provenance, Text
from registry.kernel.views import View
from registry.partnership.events import (
    Kind,
    PartnershipEstablished,
    PartnershipFact,
    PartnershipLapsed,
    PartnershipResumed,
)


@dataclass(frozen=True)
class Turn:
    """When it lapsed or resumed, as stated, and why or by which agreement."""

    state: Literal["lapsed", "resumed"]
    on: FuzzyDate | None
    why: str | None
    by: UUID | None
    provenance: Provenance | None


@dataclass(frozen=True)
class PartnershipState:
    """What a reader sees of a partnership. `agreements` are those that founded or resumed it."""

    id: UUID
    version: int
    office: str
    kind: Kind
    organisations: tuple[UUID, ...]
    state: Literal["active", "lapsed"]
    since: FuzzyDate | None
    since_day: date | None
    words: Text | None
    by: UUID | None
    agreements: tuple[UUID, ...]
    turns: tuple[Turn, ...]
    provenance: Provenance | None


def evolve(state: PartnershipState | None, recorded: Recorded) -> PartnershipState:
    """The partnership after one more fact."""
    fact = cast(PartnershipFact, recorded.fact)
    if isinstance(fact, PartnershipEstablished):
        return _established(fact)
    if state is None:
        raise LookupError(fact.topic)
    return changed(_changed(state, fact), version=recorded.version)


def _established(fact: PartnershipEstablished) -> PartnershipState:
    return PartnershipState(
        id=fact.originator_id,
        version=fact.originator_version,
        office=fact.office,
        kind=fact.kind,
        organisations=fact.organisations,
        state="active",
        since=fact.since,
        since_day=fact.since.earliest if fact.since else None,
        words=fact.words,
        by=fact.by,
        agreements=() if fact.by is None else (fact.by,),
        turns=(),
        provenance=fact.provenance,
    )


def _changed(state: PartnershipState, fact: PartnershipLapsed | PartnershipResumed) -> PartnershipState:
    match fact:
        case PartnershipLapsed(on=on, why=why, provenance=provenance):
            turn = Turn("lapsed", on, why, None, provenance)
            return changed(state, state="lapsed", turns=(*state.turns, turn))
        case PartnershipResumed(on=on, by=by, provenance=provenance):
            turn = Turn("resumed", on, None, by, provenance)
            agreements = state.agreements if by is None or by in state.agreements else (*state.agreements, by)
            return changed(state, state="active", turns=(*state.turns, turn), agreements=agreements)
        case _:
            assert_never(fact)


VIEW = View(
    name="partnership",
    version=2,
    state=PartnershipState,
    evolve=evolve,
    columns="""
        office text generated always as (state->>'office') stored,
        kind text generated always as (state->>'kind') stored,
        status text generated always as (state->>'state') stored,
        organisations jsonb generated always as (state->'organisations') stored,
        since_day text generated always as (coalesce(state->>'since_day', '')) stored
    """,
    indexes=(
        "create index on {table} using gin (organisations)",
        "create index on {table} (since_day desc, id desc)",
    ),
)
