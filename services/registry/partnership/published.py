"""What other systems learn of partnerships."""

from typing import assert_never

from contracts.envelope import Message
from contracts.partnership import PartnershipEstablishedV1, PartnershipLapsedV1, PartnershipResumedV1
from registry.kernel.facts import naming_its_record
from registry.partnership.events import (
    PartnershipEstablished,
    PartnershipFact,
    PartnershipLapsed,
    PartnershipResumed,
)


def message(fact: PartnershipFact, state: str) -> Message | None:
    """What others learn of this fact, given its state as JSON; None when it is nobody else's business."""
    stated = naming_its_record(fact, state)
    match fact:
        case PartnershipEstablished():
            return PartnershipEstablishedV1.model_validate_json(stated)
        case PartnershipLapsed():
            return PartnershipLapsedV1.model_validate_json(stated)
        case PartnershipResumed():
            return PartnershipResumedV1.model_validate_json(stated)
        case _:
            assert_never(fact)
