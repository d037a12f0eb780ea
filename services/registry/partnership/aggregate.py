"""The rules of a partnership: it lapses while it lasts, and resumes after it lapsed."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from registry.kernel.aggregates import Record
from registry.kernel.dates import FuzzyDate, certainly_before
from registry.kernel.errors import RuleBroken
from registry.kernel.facts import record
from registry.kernel.values import Provenance
from registry.partnership.events import (
    PartnershipEstablished,
    PartnershipFact,
    PartnershipLapsed,
    PartnershipResumed,
)


@record("partnership")
class Partnership(Record):
    """A lasting relation between two or more organisations."""

    def lapse(self, *, why: str, on: FuzzyDate | None, at: datetime, provenance: Provenance | None) -> None:
        """Record that it came to a halt."""
        if self.lapsed:
            raise RuleBroken(
                "partnership.already_lapsed",
                ko="이미 중단된 교류 관계입니다. 재개를 먼저 기록해 주세요.",
                en="This partnership has lapsed already: record first that it resumed.",
            )
        if _certainly_before(on, self.turned_on):
            raise RuleBroken(
                "partnership.lapsed_before_it_began",
                ko=f"중단일({on})이 시작일 또는 재개일({self.turned_on})보다 빠릅니다. 날짜를 다시 확인해 주세요.",
                en=f"It cannot lapse ({on}) before it began or resumed ({self.turned_on}): check the date.",
            )
        self.happened(PartnershipLapsed(*self.next(at), why=why, on=on, provenance=provenance))

    def resume(self, *, on: FuzzyDate | None, by: UUID | None, at: datetime, provenance: Provenance | None) -> None:
        """Record that it goes on again."""
        if not self.lapsed:
            raise RuleBroken(
                "partnership.not_lapsed",
                ko="중단된 적이 없는 교류 관계입니다. 중단을 먼저 기록해 주세요.",
                en="This partnership has not lapsed: record first that it did.",
            )
        if _certainly_before(on, self.turned_on):
            raise RuleBroken(
                "partnership.resumed_before_lapse",
                ko=f"재개일({on})이 중단일({self.turned_on})보다 빠릅니다. 날짜를 다시 확인해 주세요.",
                en=f"It cannot resume ({on}) before it lapsed ({self.turned_on}): check the date.",
            )
        self.happened(PartnershipResumed(*self.next(at), on=on, by=by, provenance=provenance))

    def apply(self, fact: PartnershipFact) -> None:
        """Remember a fact; `turned_on` is the last day at which it began, lapsed or resumed."""
        match fact:
            case PartnershipEstablished(office=office, since=since):
                self.owned_by(office)
                self.lapsed: bool = False
                self.turned_on: FuzzyDate | None = since
            case PartnershipLapsed(on=on):
                self.lapsed = True
                self.turned_on = on or self.turned_on
            case PartnershipResumed(on=on):
                self.lapsed = False
                self.turned_on = on or self.turned_on
            case _:
                assert_never(fact)


def _certainly_before(one: FuzzyDate | None, other: FuzzyDate | None) -> bool:
    return one is not None and other is not None and certainly_before(one, other)
