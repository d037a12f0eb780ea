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


def told(fact: type[AgreementFact]) -> type[Message] | None:
    """As what others learn of such a fact, its state with its record; None when it is nobody else's business."""
    if issubclass(fact, AgreementDrafted):
        return AgreementDraftedV1
    if issubclass(fact, PartySigned):
        return PartySignedV1
    if issubclass(fact, AgreementSigned):
        return AgreementSignedV1
    if issubclass(fact, AgreementSignedOnPaper):
        return AgreementSignedOnPaperV1
    if issubclass(fact, AgreementEnteredIntoForce):
        return AgreementEnteredIntoForceV1
    if issubclass(fact, TermSet):
        return TermSetV1
    assert_never(fact)
