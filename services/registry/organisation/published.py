"""What other systems learn of organisations."""

from typing import assert_never

from contracts.envelope import Message
from contracts.organisation import AliasStatedV1, OrganisationRegisteredV1
from registry.organisation.events import AliasStated, OrganisationFact, OrganisationRegistered


def message(fact: OrganisationFact, stated: str) -> Message | None:
    """What others learn of this fact, `stated` as JSON with its record; None when it is nobody else's business."""
    match fact:
        case OrganisationRegistered():
            return OrganisationRegisteredV1.model_validate_json(stated)
        case AliasStated():
            return AliasStatedV1.model_validate_json(stated)
        case _:
            assert_never(fact)
