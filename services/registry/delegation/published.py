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


def told(fact: type[DelegationFact]) -> type[Message] | None:
    """As what others learn of such a fact, its state with its record; None when it is nobody else's business."""
    if issubclass(fact, DelegationRegistered):
        return DelegationRegisteredV1
    if issubclass(fact, StopPlanned):
        return StopPlannedV1
    if issubclass(fact, StopHeld):
        return StopHeldV1
    if issubclass(fact, FollowUpPromised):
        return FollowUpPromisedV1
    assert_never(fact)
