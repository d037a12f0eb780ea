"""What other systems learn of renewal cases."""

from typing import assert_never

from contracts.envelope import Message
from contracts.renewal import NoticeDeadlineSetV1, RenewalCaseOpenedV1
from registry.renewal.events import NoticeDeadlineSet, ReminderRecorded, RenewalCaseOpened, RenewalFact


def message(fact: RenewalFact, _: str) -> Message | None:
    """What others learn of this fact, laid out for them; None when it is nobody else's business."""
    match fact:
        case RenewalCaseOpened(deadline=deadline):
            return RenewalCaseOpenedV1(
                case=fact.originator_id,
                agreement=fact.agreement,
                cycle=fact.cycle,
                ends=fact.ends,
                corresponding=deadline.corresponding if deadline else None,
                last_safe=deadline.last_safe if deadline else None,
            )
        case NoticeDeadlineSet(deadline=deadline):
            return NoticeDeadlineSetV1(
                case=fact.originator_id,
                ends=fact.ends,
                corresponding=deadline.corresponding if deadline else None,
                last_safe=deadline.last_safe if deadline else None,
            )
        case ReminderRecorded():
            return None
        case _:
            assert_never(fact)
