"""A delegation stops where its source says, within its dates; what was announced was not held yet.

Stated counts stand beside the list, whether they agree or not.
"""

from typing import Any
from uuid import UUID

import pytest
from registry.delegation.commands import HoldStop, PlanStop, PromiseFollowUp, RegisterDelegation
from registry.delegation.events import (
    Counterpart,
    DelegationRegistered,
    FollowUpPromised,
    Member,
    StopHeld,
    StopPlanned,
)
from registry.delegation.projection import VIEW
from registry.kernel.dates import FuzzyDate
from registry.kernel.values import Provenance, Text

from tests.spec.scenario import Told, fact, given, seen

LINEUP = UUID(int=0xB1)
XICHENG = UUID(int=0xC1)
MOU = UUID(int=0xA1)
KNOWN = {"organisation": {LINEUP, XICHENG}, "agreement": {MOU}}
TITLES = (Text("ko", "2025 의료관광 해외설명회 대표단"),)
JUNE_9, JUNE_10 = FuzzyDate("2025-06-09"), FuzzyDate("2025-06-10")
PLANNED = Provenance("보도", modality="planned")


def registered(**more: Any) -> Told:
    return fact(DelegationRegistered, office="busanjin", titles=TITLES, **more)


def hold(number: int, on: str, **more: Any) -> HoldStop:
    return HoldStop(number=number, on=FuzzyDate(on), **more)


abroad = registered(starts=JUNE_9, ends=JUNE_10)
undated = registered()
planned = fact(StopPlanned, number=1, on=JUNE_9)
held = fact(StopHeld, number=1, on=JUNE_9)


def test_a_delegation_is_registered_with_what_is_stated_and_no_more() -> None:
    given(known=KNOWN).when(RegisterDelegation(titles=TITLES)).then(undated)


def test_stated_counts_may_disagree_with_the_list() -> None:
    members = (Member(LINEUP, "참가 기관"),)
    command = RegisterDelegation(titles=TITLES, members=members, stated_headcount=20, stated_institutions=11)
    given(known=KNOWN).when(command).then(registered(members=members, stated_headcount=20, stated_institutions=11))


def test_unknown_and_repeated_members_are_named_at_once() -> None:
    members = (Member(LINEUP), Member(LINEUP), Member(UUID(int=9)))
    given(known=KNOWN).when(RegisterDelegation(titles=TITLES, members=members)).refused(
        "request.invalid",
        members__1__organisation="delegation.member_twice",
        members__2__organisation="delegation.organisation_unknown",
    )


def test_it_does_not_end_before_it_starts() -> None:
    given().when(RegisterDelegation(titles=TITLES, starts=JUNE_10, ends=JUNE_9)).refused(
        "request.invalid", ends="delegation.end_before_start"
    )


def test_dates_of_which_the_year_is_unknown_are_kept() -> None:
    starts, ends = FuzzyDate("XXXX-10-12"), FuzzyDate("XXXX-10-16")
    given().when(RegisterDelegation(titles=TITLES, starts=starts, ends=ends)).then(registered(starts=starts, ends=ends))


def test_a_stop_is_announced() -> None:
    given(abroad).when(PlanStop(number=1, on=JUNE_9, place="베이징", provenance=PLANNED)).then(
        fact(StopPlanned, number=1, on=JUNE_9, place="베이징", provenance=PLANNED)
    )


def test_a_stop_is_held_with_its_counterparts_and_what_was_signed_there() -> None:
    counterparts = (Counterpart(XICHENG), Counterpart(placeholder="현지 의료·관광업계 관계자"))
    given(abroad, known=KNOWN).when(
        hold(2, "2025-06-10", place="시청구", activities=("협약 체결",), counterparts=counterparts, agreements=(MOU,))
    ).then(
        fact(
            StopHeld,
            number=2,
            on=JUNE_10,
            place="시청구",
            activities=("협약 체결",),
            counterparts=counterparts,
            agreements=(MOU,),
        )
    )


def test_a_planned_stop_is_held_under_its_number() -> None:
    given(abroad, planned).when(hold(1, "2025-06-09")).then(held)


@pytest.mark.parametrize("before", [planned, held])
def test_a_number_is_planned_once_and_never_after_the_stop_was_held(before: Told) -> None:
    given(abroad, before).when(PlanStop(number=1)).refused("delegation.stop_number_taken")


def test_a_number_is_held_once() -> None:
    given(abroad, held).when(hold(1, "2025-06-10")).refused("delegation.stop_already_held")


@pytest.mark.parametrize("day", ["2025-06-08", "2025-06-11", "2025-05", "2024", "../2025-06-08"])
def test_a_stop_that_certainly_lies_outside_the_dates_is_refused(day: str) -> None:
    given(abroad).when(hold(1, day)).refused("delegation.stop_outside")
    given(abroad).when(PlanStop(number=1, on=FuzzyDate(day))).refused("delegation.stop_outside")


@pytest.mark.parametrize("day", ["2025-06", "2025", "XXXX-10-12", "2025-06-08?", "2025-06-08/2025-06-09"])
def test_a_stop_that_may_lie_within_is_taken(day: str) -> None:
    given(abroad).when(hold(1, day)).then(fact(StopHeld, number=1, on=FuzzyDate(day)))


def test_without_dates_nothing_lies_outside() -> None:
    given(undated).when(hold(1, "1999-01-01")).then(fact(StopHeld, number=1, on=FuzzyDate("1999-01-01")))


def test_one_stated_date_bounds_its_own_side() -> None:
    given(registered(starts=JUNE_9)).when(hold(1, "2025-06-08")).refused("delegation.stop_outside")
    given(registered(starts=JUNE_9)).when(hold(1, "2025-06-30")).then(
        fact(StopHeld, number=1, on=FuzzyDate("2025-06-30"))
    )


def test_what_lies_ahead_everywhere_on_earth_cannot_have_been_held() -> None:
    given(undated).when(hold(1, "2025-07-02")).refused("delegation.stop_ahead")
    given(undated).when(hold(1, "2025-07-01")).then(fact(StopHeld, number=1, on=FuzzyDate("2025-07-01")))


def test_a_counterpart_is_an_organisation_or_a_placeholder_and_is_known() -> None:
    unclear = (Counterpart(), Counterpart(XICHENG, "시청구"), Counterpart(UUID(int=9)))
    wrong = {
        "counterparts__0": "delegation.counterpart_unclear",
        "counterparts__1": "delegation.counterpart_unclear",
        "counterparts__2__organisation": "delegation.organisation_unknown",
    }
    given(abroad, known=KNOWN).when(PlanStop(number=1, counterparts=unclear)).refused("request.invalid", **wrong)
    given(abroad, known=KNOWN).when(hold(1, "2025-06-09", counterparts=unclear)).refused("request.invalid", **wrong)


def test_agreements_signed_there_are_registered_and_named_once() -> None:
    given(abroad, known=KNOWN).when(hold(1, "2025-06-09", agreements=(MOU, MOU, UUID(int=9)))).refused(
        "request.invalid",
        agreements__1="delegation.agreement_twice",
        agreements__2="delegation.agreement_unknown",
    )


def test_what_was_promised_is_kept_in_words_with_its_vague_day() -> None:
    given(undated).when(PromiseFollowUp(words="축제 초청", on=FuzzyDate("2025-10?"), provenance=PLANNED)).then(
        fact(FollowUpPromised, words="축제 초청", on=FuzzyDate("2025-10?"), provenance=PLANNED)
    )


def test_nothing_is_added_to_an_unknown_delegation() -> None:
    for command in (PlanStop(number=1), hold(1, "2025-06-09"), PromiseFollowUp(words="초청")):
        given().when(command).refused("record.unknown")


def test_the_view_counts_what_was_held_and_never_what_was_planned() -> None:
    state = seen(VIEW, abroad, planned, fact(StopHeld, number=2, on=JUNE_10, agreements=(MOU,)))
    assert [(stop.number, stop.state, stop.agreements) for stop in state.stops] == [
        (1, "planned", ()),
        (2, "held", (MOU,)),
    ]
    assert (state.held, state.version) == (1, 3)


def test_the_view_shows_a_planned_stop_as_held_once_it_was() -> None:
    state = seen(VIEW, abroad, planned, held)
    assert [(stop.number, stop.state) for stop in state.stops] == [(1, "held")]


def test_the_view_sorts_a_delegation_without_dates_by_its_first_known_stop() -> None:
    state = seen(VIEW, undated, fact(StopHeld, number=2, on=JUNE_10), fact(StopHeld, number=1, on=JUNE_9))
    assert (state.starts, state.first_day, [stop.number for stop in state.stops]) == (None, JUNE_9.exact, [1, 2])


def test_the_view_shows_promises_beside_stops() -> None:
    state = seen(VIEW, undated, fact(FollowUpPromised, words="팸투어", provenance=PLANNED))
    assert [(promise.words, promise.on) for promise in state.follow_ups] == [("팸투어", None)]
    assert state.stops == ()
