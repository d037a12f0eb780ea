"""The rules of a delegation: its stops lie within its dates, and what was planned was not held yet."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from registry.delegation.events import (
    Counterpart,
    DelegationFact,
    DelegationRegistered,
    FollowUpPromised,
    StopHeld,
    StopPlanned,
)
from registry.kernel.aggregates import Record
from registry.kernel.dates import FuzzyDate, certainly_before, lies_ahead
from registry.kernel.errors import RuleBroken
from registry.kernel.facts import record
from registry.kernel.values import Provenance


@record("delegation")
class Delegation(Record):
    """A journey of organisations to counterparts abroad, or of counterparts here."""

    def plan_stop(
        self,
        number: int,
        *,
        on: FuzzyDate | None,
        place: str | None,
        activities: tuple[str, ...],
        counterparts: tuple[Counterpart, ...],
        at: datetime,
        provenance: Provenance | None,
    ) -> None:
        """Record that a stop is announced."""
        if number in self.planned | self.held:
            raise RuleBroken(
                "delegation.stop_number_taken",
                ko=f"{number}번 방문 일정은 이미 등록되어 있습니다. 다른 번호를 사용해 주세요.",
                en=f"There is a stop with number {number} already: use another number.",
            )
        if on is not None:
            self._must_lie_within(on)
        self.happened(
            StopPlanned(
                *self.next(at),
                number=number,
                on=on,
                place=place,
                activities=activities,
                counterparts=counterparts,
                provenance=provenance,
            )
        )

    def hold_stop(
        self,
        number: int,
        *,
        on: FuzzyDate,
        place: str | None,
        activities: tuple[str, ...],
        counterparts: tuple[Counterpart, ...],
        agreements: tuple[UUID, ...],
        at: datetime,
        provenance: Provenance | None,
    ) -> None:
        """Record that a stop took place, planned before under this number or not."""
        if number in self.held:
            raise RuleBroken(
                "delegation.stop_already_held",
                ko=f"{number}번 방문은 이미 이루어진 것으로 기록되어 있습니다. 다른 번호를 사용해 주세요.",
                en=f"Stop {number} is recorded as held already: for another stop use another number.",
            )
        self._must_lie_within(on)
        if lies_ahead(on, at):
            raise RuleBroken(
                "delegation.stop_ahead",
                ko=f"아직 오지 않은 날짜({on})입니다. 예정된 방문은 계획으로 등록해 주세요.",
                en=f"That day ({on}) has not come yet: record the stop as planned.",
            )
        self.happened(
            StopHeld(
                *self.next(at),
                number=number,
                on=on,
                place=place,
                activities=activities,
                counterparts=counterparts,
                agreements=agreements,
                provenance=provenance,
            )
        )

    def promise_follow_up(
        self, words: str, *, on: FuzzyDate | None, at: datetime, provenance: Provenance | None
    ) -> None:
        """Record what was promised for later."""
        self.happened(FollowUpPromised(*self.next(at), words=words, on=on, provenance=provenance))

    def apply(self, fact: DelegationFact) -> None:
        """Remember a fact."""
        match fact:
            case DelegationRegistered(office=office, starts=starts, ends=ends):
                self.owned_by(office)
                self.starts: FuzzyDate | None = starts
                self.ends: FuzzyDate | None = ends
                self.planned: set[int] = set()
                self.held: set[int] = set()
            case StopPlanned(number=number):
                self.planned.add(number)
            case StopHeld(number=number):
                self.held.add(number)
            case FollowUpPromised():
                pass
            case _:
                assert_never(fact)

    def _must_lie_within(self, on: FuzzyDate) -> None:
        too_early = self.starts is not None and certainly_before(on, self.starts)
        too_late = self.ends is not None and certainly_before(self.ends, on)
        if too_early or too_late:
            dates = f"{self.starts or ''} ~ {self.ends or ''}".strip()
            raise RuleBroken(
                "delegation.stop_outside",
                ko=f"방문일({on})이 대표단 일정({dates})을 벗어납니다. 날짜를 다시 확인해 주세요.",
                en=f"The day of the stop ({on}) lies outside the delegation's dates ({dates}): check it.",
            )
