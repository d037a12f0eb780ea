"""The agreement as it stands, one row each."""

import re
from dataclasses import dataclass
from datetime import date
from typing import assert_never, cast
from uuid import UUID

from registry.agreement.events import (
    AgreementDrafted,
    AgreementEnteredIntoForce,
    AgreementFact,
    AgreementSigned,
    AgreementSignedOnPaper,
    Kind,
    PartySigned,
    State,
    TermSet,
)
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Recorded
from registry.kernel.states import changed
from registry.kernel.terms import Deadline, Term, notice_deadline
from registry.kernel.values import Provenance, Text, in_language
from registry.kernel.views import View

NUMBER_WIDTH = 12


@dataclass(frozen=True)
class PartyState:
    """A party, and its signature once there is one."""

    organisation: UUID | None
    placeholder: str | None
    side: str | None
    role: str | None
    signed_on: date | None = None
    place: str | None = None


@dataclass(frozen=True)
class AgreementState:
    """What a reader sees of an agreement. `signed` is the day as stated; None while unsigned or undated."""

    id: UUID
    version: int
    office: str
    number: str
    number_key: str
    year: int
    kind: Kind
    titles: tuple[Text, ...]
    title_ko: str
    title_en: str
    fields: tuple[str, ...]
    parties: tuple[PartyState, ...]
    stated_parties: int | None
    parent: UUID | None
    state: State
    signed: FuzzyDate | None
    signed_on_paper: bool
    place: str | None
    in_force_since: date | None
    term: Term | None
    cycle: int
    notice_deadline: Deadline | None
    provenance: Provenance | None


def evolve(state: AgreementState | None, recorded: Recorded) -> AgreementState:
    """The agreement after one more fact."""
    fact = cast(AgreementFact, recorded.fact)
    if isinstance(fact, AgreementDrafted):
        return _drafted(fact)
    if state is None:
        raise LookupError(fact.topic)
    return changed(_changed(state, fact), version=recorded.version)


def _drafted(fact: AgreementDrafted) -> AgreementState:
    return AgreementState(
        id=fact.originator_id,
        version=fact.originator_version,
        office=fact.office,
        number=fact.number,
        number_key=sorting_key(fact.number),
        year=fact.year,
        kind=fact.kind,
        titles=fact.titles,
        title_ko=in_language(fact.titles, "ko"),
        title_en=in_language(fact.titles, "en"),
        fields=fact.fields,
        parties=tuple(PartyState(p.organisation, p.placeholder, p.side, p.role) for p in fact.parties),
        stated_parties=fact.stated_parties,
        parent=fact.parent,
        state="drafted",
        signed=None,
        signed_on_paper=False,
        place=None,
        in_force_since=None,
        term=None,
        cycle=1,
        notice_deadline=None,
        provenance=fact.provenance,
    )


def _changed(
    state: AgreementState,
    fact: PartySigned | AgreementSigned | AgreementSignedOnPaper | AgreementEnteredIntoForce | TermSet,
) -> AgreementState:
    match fact:
        case PartySigned(organisation=organisation, on=on, place=place):
            parties = tuple(
                changed(p, signed_on=on, place=place) if p.organisation == organisation else p for p in state.parties
            )
            return changed(state, parties=parties, state="part_signed", place=place or state.place)
        case AgreementSigned(on=on):
            return changed(state, state="signed", signed=FuzzyDate.of(on))
        case AgreementSignedOnPaper(on=stated, place=place):
            return changed(state, state="signed", signed=stated, signed_on_paper=True, place=place)
        case AgreementEnteredIntoForce(on=on):
            return changed(state, state="in_force", in_force_since=on)
        case TermSet(term=term, cycle=cycle):
            return changed(state, term=term, cycle=cycle, notice_deadline=notice_deadline(term))
        case _:
            assert_never(fact)


def sorting_key(number: str) -> str:
    """A register number so that text order is number order: “제9호” before “제10호”."""
    return re.sub(r"\d+", lambda digits: digits[0].zfill(NUMBER_WIDTH), number)


VIEW = View(
    name="agreement",
    version=2,
    state=AgreementState,
    evolve=evolve,
    columns="""
        office text generated always as (state->>'office') stored,
        number text generated always as (state->>'number') stored,
        number_key text collate "C" generated always as (state->>'number_key') stored,
        year integer generated always as ((state->>'year')::integer) stored,
        kind text generated always as (state->>'kind') stored,
        status text generated always as (state->>'state') stored,
        parties jsonb generated always as (jsonb_path_query_array(state, '$.parties[*].organisation')) stored,
        words text generated always as (
            translate(lower((state->>'number')
                || ' ' || jsonb_path_query_array(state, '$.titles[*].text')::text
                || ' ' || jsonb_path_query_array(state, '$.parties[*].placeholder')::text
                || ' ' || (state->'fields')::text), '"[]\\', '')) stored
    """,
    indexes=(
        "create index on {table} using gin (words gin_trgm_ops)",
        "create index on {table} using gin (parties jsonb_path_ops)",
        "create index on {table} (year desc, number_key desc, id desc)",
    ),
)
