"""What can be asked of an organisation."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from stdnum import lei
from stdnum.exceptions import ValidationError
from stdnum.kr import brn

from registry.kernel.commands import Change, Opening, Work, handles
from registry.kernel.errors import Problems
from registry.kernel.values import OfficeCode, Text
from registry.organisation.aggregate import Organisation
from registry.organisation.events import Identifier, Kind, OrganisationRegistered

CHECKS = {"kr-brn": brn, "lei": lei}


class RegisterOrganisation(Opening):
    """Enter an organisation into the register."""

    office: OfficeCode | None = None
    kind: Kind
    names: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")] | None = None
    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=10)] = ()


@handles(RegisterOrganisation, name="organisation.register")
async def register(command: RegisterOrganisation, target: UUID, work: Work) -> None:
    """Check the identifiers, take them, and begin the organisation."""
    identifiers = _checked(command)
    work.add(
        Organisation.begin(
            OrganisationRegistered(
                target,
                1,
                work.now,
                originator_topic="organisation",
                office=command.office or work.office,
                kind=command.kind,
                names=command.names,
                country=command.country,
                region=command.region,
                identifiers=identifiers,
                provenance=command.provenance,
            )
        )
    )
    for identifier in identifiers:
        work.reserve(f"organisation.{identifier.scheme}", identifier.value, target)


def _checked(command: RegisterOrganisation) -> tuple[Identifier, ...]:
    problems = Problems()
    if command.region is not None and not command.region.startswith(command.country):
        problems.add(
            "region",
            "organisation.region_elsewhere",
            ko="지역 코드가 국가 코드와 맞지 않습니다. 예: 국가 KR, 지역 KR-26.",
            en="The region is not in the country: with country KR a region reads KR-26.",
        )
    checked = []
    for index, identifier in enumerate(command.identifiers):
        check = CHECKS.get(identifier.scheme)
        try:
            value = check.validate(identifier.value) if check else identifier.value
            checked.append(Identifier(identifier.scheme, value))
        except ValidationError:
            problems.add(
                f"identifiers.{index}.value",
                "organisation.identifier_wrong",
                ko="번호가 올바르지 않습니다. 자릿수와 숫자를 다시 확인해 주세요.",
                en="This number cannot be right: check its length and its digits.",
            )
    problems.refuse_if_any()
    return tuple(checked)


class StateAlias(Change):
    """Record another name that a source uses for it, sure or still to be confirmed."""

    alias: Text
    confirmed: bool = False


@handles(StateAlias, name="organisation.state-alias")
async def state_alias(command: StateAlias, target: UUID, work: Work) -> None:
    """Let the organisation take the name."""
    organisation = await work.load(Organisation, target)
    organisation.state_alias(command.alias, confirmed=command.confirmed, at=work.now, provenance=command.provenance)
