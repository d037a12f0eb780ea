"""What other systems learn of delegations."""

from typing import assert_never

from pydantic import TypeAdapter

from contracts.delegation import DelegationRegisteredV1, FollowUpPromisedV1, StopHeldV1, StopPlannedV1
from contracts.envelope import Message
from registry.delegation.events import (
    DelegationFact,
    DelegationRegistered,
    FollowUpPromised,
    StopHeld,
    StopPlanned,
)

_FACTS: TypeAdapter[DelegationFact] = TypeAdapter(DelegationFact)


def message(fact: DelegationFact) -> Message | None:
    """What others learn of this fact; None when it is nobody else's business."""
    stated = _FACTS.dump_python(fact, mode="json") | {"delegation": fact.originator_id}
    match fact:
        case DelegationRegistered():
            return DelegationRegisteredV1.model_validate(stated)
        case StopPlanned():
            return StopPlannedV1.model_validate(stated)
        case StopHeld():
            return StopHeldV1.model_validate(stated)
        case FollowUpPromised():
            return FollowUpPromisedV1.model_validate(stated)
        case _:
            assert_never(fact)
