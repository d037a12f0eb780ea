"""An organisation is registered once under each of its numbers, and may be called by other names."""

import pytest
from pydantic import ValidationError
from registry.kernel.commands import HANDLERS
from registry.kernel.values import Text
from registry.organisation.commands import RegisterOrganisation, StateAlias
from registry.organisation.events import AliasStated, Identifier, OrganisationRegistered
from registry.organisation.projection import VIEW, Alias

from tests.spec.scenario import fact, given, seen

LINEUP = (Text("ko", "라인업치과병원"),)
SHORT = Text("ko", "라인업치과")
registered = fact(OrganisationRegistered, office="busanjin", kind="hospital", names=LINEUP, country="KR")


def register(*identifiers: Identifier, country: str = "KR", region: str | None = None) -> RegisterOrganisation:
    return RegisterOrganisation(kind="hospital", names=LINEUP, country=country, region=region, identifiers=identifiers)


def test_an_organisation_is_registered_for_the_office_of_whoever_does_it() -> None:
    given().when(register()).then(registered).reserved()


def test_a_right_business_number_is_stored_plain_and_taken() -> None:
    given().when(register(Identifier("kr-brn", "116-82-00276"), region="KR-26")).then(
        fact(
            OrganisationRegistered,
            office="busanjin",
            kind="hospital",
            names=LINEUP,
            country="KR",
            region="KR-26",
            identifiers=(Identifier("kr-brn", "1168200276"),),
        )
    ).reserved(("organisation.kr-brn", "1168200276"))


@pytest.mark.parametrize("number", ["099-82-00276", "116-82-0027", "사업자등록번호"])
def test_a_wrong_business_number_is_refused(number: str) -> None:
    given().when(register(Identifier("kr-brn", number))).refused(
        "request.invalid", identifiers__0__value="organisation.identifier_wrong"
    )


def test_a_region_lies_in_its_country() -> None:
    given().when(register(country="CN", region="KR-26")).refused(
        "request.invalid", region="organisation.region_elsewhere"
    )


def test_every_error_is_named_at_once() -> None:
    given().when(register(Identifier("kr-brn", "1"), Identifier("lei", "2"), region="CN-BJ")).refused(
        "request.invalid",
        region="organisation.region_elsewhere",
        identifiers__0__value="organisation.identifier_wrong",
        identifiers__1__value="organisation.identifier_wrong",
    )


@pytest.mark.parametrize("name", ["", "   ", "라인업\x00치과", "라인업\ud800"])
def test_a_name_has_signs_that_can_be_read(name: str) -> None:
    with pytest.raises(ValidationError):
        RegisterOrganisation.model_validate(
            {"kind": "hospital", "names": [{"lang": "ko", "text": name}], "country": "KR"}
        )


def test_a_source_may_call_it_by_another_name_that_is_still_to_be_confirmed() -> None:
    given(registered).when(StateAlias(alias=SHORT)).then(fact(AliasStated, name=SHORT, confirmed=False))


@pytest.mark.parametrize("name", [LINEUP[0], SHORT])
def test_a_name_is_stated_once(name: Text) -> None:
    given(registered, fact(AliasStated, name=SHORT, confirmed=False)).when(StateAlias(alias=name)).refused(
        "organisation.name_known"
    )


def test_no_command_has_a_field_that_hides_the_commands_name() -> None:
    assert [command for command in HANDLERS if {"name", "target"} & set(command.model_fields)] == []


def test_the_view_shows_names_aliases_and_numbers() -> None:
    state = seen(VIEW, registered, fact(AliasStated, name=SHORT, confirmed=False))
    assert (state.version, state.name_ko, state.aliases) == (2, "라인업치과병원", (Alias(SHORT, confirmed=False),))
