"""What other systems learn of partnerships."""

from typing import assert_never

from pydantic import TypeAdapter

from contracts.envelope import Message
from contracts.partnership import PartnershipEstablishedV1, PartnershipLapsedV1, PartnershipResumedV1
from registry.partnership.events import (
    PartnershipEstablished,
    PartnershipFact,
    PartnershipLapsed,
    PartnershipResumed,
)

_FACTS: TypeAdapter[PartnershipFact] = TypeAdapter(PartnershipFact)


def message(fact: PartnershipFact) -> Message | None:
    """What others learn of this fact; None when it is nobody else's business."""
    stated = _FACTS.dump_python(fact, mode="json") | {"partnership": fact.originator_id}
    match fact:
        case PartnershipEstablished():
            return PartnershipEstablishedV1.model_validate(stated)
        case PartnershipLapsed():
            return PartnershipLapsedV1.model_validate(stated)
        case PartnershipResumed():
            return PartnershipResumedV1.model_validate(stated)
        case _:
            assert_never(fact)
