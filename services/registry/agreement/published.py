"""What other systems learn of agreements."""

from typing import assert_never

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


def message(fact: AgreementFact, stated: str) -> Message | None:
    """What others learn of this fact, `stated` as JSON with its record; None when it is nobody else's business."""
    match fact:
        case AgreementDrafted():
            return AgreementDraftedV1.model_validate_json(stated)
        case PartySigned():
            return PartySignedV1.model_validate_json(stated)
        case AgreementSigned():
            return AgreementSignedV1.model_validate_json(stated)
        case AgreementSignedOnPaper():
            return AgreementSignedOnPaperV1.model_validate_json(stated)
        case AgreementEnteredIntoForce():
            return AgreementEnteredIntoForceV1.model_validate_json(stated)
        case TermSet():
            return TermSetV1.model_validate_json(stated)
        case _:
            assert_never(fact)
