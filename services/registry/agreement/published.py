"""What other systems learn of agreements."""

from typing import assert_never

from pydantic import TypeAdapter

from contracts.agreement import (
    AgreementDraftedV1,
    AgreementEnteredIntoForceV1,
    AgreementSignedOnPaperV1,
    AgreementSignedV1,
    PartySignedV1,
    TermSetV1,
)
from contracts.envelope import Message
from registry.agreement.events import (
    AgreementDrafted,
    AgreementEnteredIntoForce,
    AgreementFact,
    AgreementSigned,
    AgreementSignedOnPaper,
    PartySigned,
    TermSet,
)

_FACTS: TypeAdapter[AgreementFact] = TypeAdapter(AgreementFact)


def message(fact: AgreementFact) -> Message | None:
    """What others learn of this fact; None when it is nobody else's business."""
    stated = _FACTS.dump_python(fact, mode="json") | {"agreement": fact.originator_id}
    match fact:
        case AgreementDrafted():
            return AgreementDraftedV1.model_validate(stated)
        case PartySigned():
            return PartySignedV1.model_validate(stated)
        case AgreementSigned():
            return AgreementSignedV1.model_validate(stated)
        case AgreementSignedOnPaper():
            return AgreementSignedOnPaperV1.model_validate(stated)
        case AgreementEnteredIntoForce():
            return AgreementEnteredIntoForceV1.model_validate(stated)
        case TermSet():
            return TermSetV1.model_validate(stated)
        case _:
            assert_never(fact)
