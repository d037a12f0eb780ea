"""What other systems learn of renewal cases."""

from collections.abc import Callable
from typing import Any, assert_never

from contracts.envelope import Message
from contracts.renewal import NoticeDeadlineSetV1, RenewalCaseOpenedV1
from registry.renewal.events import NoticeDeadlineSet, ReminderRecorded, RenewalCaseOpened, RenewalFact


def told(fact: type[RenewalFact]) -> Callable[[Any], Message] | None:
    """How such a fact is laid out for others; None when it is nobody else's business."""
    if issubclass(fact, RenewalCaseOpened):
        return _opened
    if issubclass(fact, NoticeDeadlineSet):
        return _deadline_set
    if issubclass(fact, ReminderRecorded):
        return None
    assert_never(fact)


def _opened(fact: RenewalCaseOpened) -> RenewalCaseOpenedV1:
    deadline = fact.deadline
    return RenewalCaseOpenedV1(
        case=fact.originator_id,
        agreement=fact.agreement,
        cycle=fact.cycle,
        ends=fact.ends,
        corresponding=deadline.corresponding if deadline else None,
        last_safe=deadline.last_safe if deadline else None,
    )


def _deadline_set(fact: NoticeDeadlineSet) -> NoticeDeadlineSetV1:
    deadline = fact.deadline
    return NoticeDeadlineSetV1(
        case=fact.originator_id,
        ends=fact.ends,
        corresponding=deadline.corresponding if deadline else None,
        last_safe=deadline.last_safe if deadline else None,
    )
