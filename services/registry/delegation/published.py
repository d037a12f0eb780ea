"""What other systems learn of delegations."""

from typing import assert_never

from contracts.delegation import DelegationRegisteredV1, FollowUpPromisedV1, StopHeldV1, StopPlannedV1
from contracts.envelope import Message
from registry.delegation.events import (
    DelegationFact,
    DelegationRegistered,
    FollowUpPromised,
    StopHeld,
    StopPlanned,
)


def message(fact: DelegationFact, stated: str) -> Message | None:
    """What others learn of this fact, `stated` as JSON with its record; None when it is nobody else's business."""
    match fact:
        case DelegationRegistered():
            return DelegationRegisteredV1.model_validate_json(stated)
        case StopPlanned():
            return StopPlannedV1.model_validate_json(stated)
        case StopHeld():
            return StopHeldV1.model_validate_json(stated)
        case FollowUpPromised():
            return FollowUpPromisedV1.model_validate_json(stated)
        case _:
            assert_never(fact)
