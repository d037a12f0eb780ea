"""What other systems learn of partnerships."""

from typing import assert_never

from contracts.envelope import Message
from contracts.partnership import PartnershipEstablishedV1, PartnershipLapsedV1, PartnershipResumedV1
from registry.partnership.events import (
    PartnershipEstablished,
    PartnershipFact,
    PartnershipLapsed,
    PartnershipResumed,
)


def told(fact: type[PartnershipFact]) -> type[Message] | None:
    """As what others learn of such a fact, its state with its record; None when it is nobody else's business."""
    if issubclass(fact, PartnershipEstablished):
        return PartnershipEstablishedV1
    if issubclass(fact, PartnershipLapsed):
        return PartnershipLapsedV1
    if issubclass(fact, PartnershipResumed):
        return PartnershipResumedV1
    assert_never(fact)
