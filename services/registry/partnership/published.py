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


def message(fact: PartnershipFact, stated: str) -> Message | None:
    """What others learn of this fact, `stated` as JSON with its record; None when it is nobody else's business."""
    match fact:
        case PartnershipEstablished():
            return PartnershipEstablishedV1.model_validate_json(stated)
        case PartnershipLapsed():
            return PartnershipLapsedV1.model_validate_json(stated)
        case PartnershipResumed():
            return PartnershipResumedV1.model_validate_json(stated)
        case _:
            assert_never(fact)
