"""The delegation as it stands, one row each."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, assert_never, cast
from uuid import UUID

from registry.delegation.events import (
    Counterpart,
    DelegationFact,
    DelegationRegistered,
    FollowUpPromised,
    Member,
    StopHeld,
    StopPlanned,
)
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Recorded
from registry.kernel.states import changed
from registry.kernel.values import Provenance, Text, in_language
from registry.kernel.views import View


@dataclass(frozen=True)
class StopState:
    """A stop, planned or held. What was planned gives way to what was held."""

    number: int
    state: Literal["planned", "held"]
    on: FuzzyDate | None
    place: str | None
    activities: tuple[str, ...]
    counterparts: tuple[Counterpart, ...]
    agreements: tuple[UUID, ...]
    provenance: Provenance | None


@dataclass(frozen=True)
class FollowUpState:
    """Something promised for later."""

    words: str
    on: FuzzyDate | None
    provenance: Provenance | None


@dataclass(frozen=True)
class DelegationState:
    """What a reader sees of a delegation.

    `first_day` is the first day that is known of it or of a stop, to sort by; None when none is.
    The stated counts stand beside the list of members, whether they agree or not.
    """

    id: UUID
    version: int
    office: str
    titles: tuple[Text, ...]
    title_ko: str
    title_en: str
    starts: FuzzyDate | None
    ends: FuzzyDate | None
    first_day: date | None
    stated_headcount: int | None
    stated_institutions: int | None
    members: tuple[Member, ...]
    stops: tuple[StopState, ...]
    held: int
    follow_ups: tuple[FollowUpState, ...]
    provenance: Provenance | None


def evolve(state: DelegationState | None, recorded: Recorded) -> DelegationState:
    """The delegation after one more fact."""
    fact = cast(DelegationFact, recorded.fact)
    if isinstance(fact, DelegationRegistered):
        return _registered(fact)
    if state is None:
        raise LookupError(fact.topic)
    return changed(_changed(state, fact), version=recorded.version)


def _registered(fact: DelegationRegistered) -> DelegationState:
    return DelegationState(
        id=fact.originator_id,
        version=fact.originator_version,
        office=fact.office,
        titles=fact.titles,
        title_ko=in_language(fact.titles, "ko"),
        title_en=in_language(fact.titles, "en"),
        starts=fact.starts,
        ends=fact.ends,
        first_day=fact.starts.earliest if fact.starts else None,
        stated_headcount=fact.stated_headcount,
        stated_institutions=fact.stated_institutions,
        members=fact.members,
        stops=(),
        held=0,
        follow_ups=(),
        provenance=fact.provenance,
    )


def _changed(state: DelegationState, fact: StopPlanned | StopHeld | FollowUpPromised) -> DelegationState:
    match fact:
        case StopPlanned():
            planned = StopState(
                number=fact.number,
                state="planned",
                on=fact.on,
                place=fact.place,
                activities=fact.activities,
                counterparts=fact.counterparts,
                agreements=(),
                provenance=fact.provenance,
            )
            return _with_stop(state, planned)
        case StopHeld():
            held = StopState(
                number=fact.number,
                state="held",
                on=fact.on,
                place=fact.place,
                activities=fact.activities,
                counterparts=fact.counterparts,
                agreements=fact.agreements,
                provenance=fact.provenance,
            )
            return _with_stop(state, held)
        case FollowUpPromised(words=words, on=on, provenance=provenance):
            return changed(state, follow_ups=(*state.follow_ups, FollowUpState(words, on, provenance)))
        case _:
            assert_never(fact)


def _with_stop(state: DelegationState, stop: StopState) -> DelegationState:
    others = tuple(other for other in state.stops if other.number != stop.number)
    stops = tuple(sorted((*others, stop), key=lambda each: each.number))
    known = [date_.earliest for date_ in (state.starts, *(each.on for each in stops)) if date_ and date_.earliest]
    return changed(
        state,
        stops=stops,
        held=sum(each.state == "held" for each in stops),
        first_day=min(known, default=None),
    )


VIEW = View(
    name="delegation",
    version=2,
    state=DelegationState,
    evolve=evolve,
    columns="""
        office text generated always as (state->>'office') stored,
        first_day text generated always as (coalesce(state->>'first_day', '')) stored,
        members jsonb generated always as (state->'members') stored,
        words text generated always as (
            lower(jsonb_path_query_array(state, '$.titles[*].text')::text
                || ' ' || jsonb_path_query_array(state, '$.stops[*].place')::text
                || ' ' || jsonb_path_query_array(state, '$.stops[*].counterparts[*].placeholder')::text)) stored
    """,
    indexes=(
        "create index on {table} using gin (words gin_trgm_ops)",
        "create index on {table} using gin (members jsonb_path_ops)",
        "create index on {table} (first_day desc, id desc)",
    ),
)
