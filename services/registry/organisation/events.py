"""What can happen to an organisation."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from registry.kernel.facts import Fact, FirstFact, named
from registry.kernel.values import Line, Text

Kind = Literal[
    "local_government",
    "ministry",
    "hospital",
    "clinic",
    "university",
    "association",
    "company",
    "agency",
    "hotel",
    "office",
]
Scheme = Literal["kr-brn", "kr-agency", "lei", "ror"]


@dataclass(frozen=True)
class Identifier:
    """A number under which others know it: 사업자등록번호, 행정표준 기관코드, LEI or ROR."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    scheme: Scheme
    value: Line


@named("organisation.registered")
@dataclass(frozen=True)
class OrganisationRegistered(FirstFact):
    """An office entered it into the register. `country` is ISO 3166-1, `region` ISO 3166-2."""

    office: str
    kind: Kind
    names: tuple[Text, ...]
    country: str
    region: str | None = None
    identifiers: tuple[Identifier, ...] = ()


@named("organisation.alias-stated")
@dataclass(frozen=True)
class AliasStated(Fact):
    """A source calls it by another name; `confirmed` says whether that is sure."""

    name: Text
    confirmed: bool


OrganisationFact = OrganisationRegistered | AliasStated
