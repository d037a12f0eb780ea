"""The organisation as it stands, one row each."""

from dataclasses import dataclass
from typing import assert_never, cast
from uuid import UUID

from registry.kernel.facts import Recorded
from registry.kernel.states import changed
from registry.kernel.values import Provenance, Text, in_language
from registry.kernel.views import View
from registry.organisation.events import AliasStated, Identifier, Kind, OrganisationFact, OrganisationRegistered


@dataclass(frozen=True)
class Alias:
    """Another name, and whether it is sure."""

    name: Text
    confirmed: bool


@dataclass(frozen=True)
class OrganisationState:
    """What a reader sees of an organisation."""

    id: UUID
    version: int
    office: str
    kind: Kind
    names: tuple[Text, ...]
    name_ko: str
    name_en: str
    country: str
    region: str | None
    identifiers: tuple[Identifier, ...]
    aliases: tuple[Alias, ...]
    provenance: Provenance | None


def evolve(state: OrganisationState | None, recorded: Recorded) -> OrganisationState:
    """The organisation after one more fact."""
    fact = cast(OrganisationFact, recorded.fact)
    match fact:
        case OrganisationRegistered():
            return OrganisationState(
                id=fact.originator_id,
                version=fact.originator_version,
                office=fact.office,
                kind=fact.kind,
                names=fact.names,
                name_ko=in_language(fact.names, "ko"),
                name_en=in_language(fact.names, "en"),
                country=fact.country,
                region=fact.region,
                identifiers=fact.identifiers,
                aliases=(),
                provenance=fact.provenance,
            )
        case AliasStated(name=name, confirmed=confirmed):
            if state is None:
                raise LookupError(fact.topic)
            return changed(state, version=recorded.version, aliases=(*state.aliases, Alias(name, confirmed)))
        case _:
            assert_never(fact)


VIEW = View(
    name="organisation",
    version=2,
    state=OrganisationState,
    evolve=evolve,
    columns="""
        name_ko text generated always as (state->>'name_ko') stored,
        country text generated always as (state->>'country') stored,
        kind text generated always as (state->>'kind') stored,
        words text generated always as (
            translate(lower(jsonb_path_query_array(state, '$.names[*].text')::text
                || ' ' || jsonb_path_query_array(state, '$.aliases[*].name.text')::text
                || ' ' || jsonb_path_query_array(state, '$.identifiers[*].value')::text), '"[]\\', '')) stored
    """,
    indexes=(
        "create index on {table} using gin (words gin_trgm_ops)",
        "create index on {table} (name_ko, id)",
    ),
)
