"""The register of agreements (협약 관리대장), with the names of the parties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.kernel.ports import Row, Rows
from registry.kernel.values import like
from registry.organisation.projection import VIEW as ORGANISATIONS
from registry.views.history import Asked, states

VIEWS = ("agreement", "organisation", "renewal")
# Where the names of the parties are.
NAMING = (ORGANISATIONS,)

# Agreements, the newest number first.
# $1 a part of a number, title, field or party's name (pattern); $2 state, $3 kind, $4 office, $5 year (or null);
# $6, $7, $8 year, number key and id of the last one seen (or null); $9 how many.
REGISTER = """
    with named as (select id from view.organisation where $1 <> '%%' and words like $1)
    select a.state from view.agreement a
    where ($1 = '%%' or a.words like $1 or exists (
            select 1 from named
            where a.parties @> jsonb_build_array(named.id::text)))
      and ($2::text is null or a.status = $2)
      and ($3::text is null or a.kind = $3)
      and ($4::text is null or a.office = $4)
      and ($5::integer is null or a.year = $5)
      and ($6::integer is null or (a.year, a.number_key, a.id) < ($6, $7, $8::uuid))
    order by a.year desc, a.number_key desc, a.id desc
    limit $9
"""
# How many there are; $1 to $5 as above.
COUNT = """
    with named as (select id from view.organisation where $1 <> '%%' and words like $1)
    select count(*) as count from view.agreement a
    where ($1 = '%%' or a.words like $1 or exists (
            select 1 from named
            where a.parties @> jsonb_build_array(named.id::text)))
      and ($2::text is null or a.status = $2)
      and ($3::text is null or a.kind = $3)
      and ($4::text is null or a.office = $4)
      and ($5::integer is null or a.year = $5)
"""
# Names of organisations; $1 their ids.
NAMES = """
    select id, state->>'name_ko' as ko, state->>'name_en' as en, state->>'country' as country
    from view.organisation where id = any($1::uuid[])
"""

# The agreements of one organisation, newest first; $1 its id.
OF_ORGANISATION = """
    select state from view.agreement
    where parties @> jsonb_build_array($1::text)
    order by year desc, number_key desc, id desc limit 200
"""
# How many agreements organisations have; $1 their ids.
COUNTS = """
    select o.id, count(a.id) as count from unnest($1::uuid[]) as o (id)
    join view.agreement a on a.parties @> jsonb_build_array(o.id::text)
    group by o.id
"""


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for in the register; None means any."""

    search: str = ""
    state: str | None = None
    kind: str | None = None
    office: str | None = None
    year: int | None = None


Seen = tuple[int, str, UUID]


async def register(rows: Rows, wanted: Wanted, *, after: Seen | None = None, limit: int = 50) -> Sequence[Row]:
    """Agreements with named parties, newest number first, from after the last one seen."""
    year, number, last = after or (None, None, None)
    found = await rows.fetch(REGISTER, *_filters(wanted), year, number, last, limit)
    return await with_names(rows, [row["state"] for row in found])


async def count(rows: Rows, wanted: Wanted) -> int:
    """How many agreements there are of that sort."""
    found = await rows.fetch(COUNT, *_filters(wanted))
    return int(found[0]["count"])


async def of_organisation(rows: Rows, organisation: UUID) -> Sequence[Row]:
    """The newest 200 agreements of an organisation."""
    return [row["state"] for row in await rows.fetch(OF_ORGANISATION, str(organisation))]


async def counts(rows: Rows, organisations: Sequence[UUID]) -> dict[str, int]:
    """How many agreements each organisation has, by id; those without any are left out."""
    return {str(row["id"]): row["count"] for row in await rows.fetch(COUNTS, list(organisations))}


async def with_names(rows: Rows, agreements: Sequence[Row]) -> Sequence[Row]:
    """The same agreements, each party with `name_ko`, `name_en` and `country`."""
    names = {str(row["id"]): row for row in await rows.fetch(NAMES, list(_organisations(agreements)))}
    return [_with(agreement, names) for agreement in agreements]


async def with_names_then(rows: Rows, agreement: Row, position: int, asked: Asked) -> Row:
    """An agreement as it was, each party under the name that the registry then knew it to have had."""
    then = await states(rows, ORGANISATIONS, _organisations([agreement]), asked, position)
    names = {
        record: {"ko": state["name_ko"], "en": state["name_en"], "country": state["country"]}
        for record, state in then.items()
    }
    return _with(agreement, names)


def _organisations(agreements: Sequence[Row]) -> set[UUID]:
    return {UUID(party["organisation"]) for a in agreements for party in a["parties"] if party["organisation"]}


def _with(agreement: Row, names: Mapping[str, Row]) -> Row:
    return {**agreement, "parties": [_named(party, names) for party in agreement["parties"]]}


def _named(party: Row, names: Mapping[str, Row]) -> dict[str, Any]:
    known = names.get(party["organisation"] or "")
    stated = party["placeholder"] or ""
    return {
        **party,
        "name_ko": known["ko"] if known else stated,
        "name_en": known["en"] if known else stated,
        "country": known["country"] if known else None,
    }


def _filters(wanted: Wanted) -> tuple[str, str | None, str | None, str | None, int | None]:
    return like(wanted.search), wanted.state, wanted.kind, wanted.office, wanted.year
