"""What other systems learn of organisations."""

from typing import assert_never

from contracts.envelope import Message
from contracts.organisation import AliasStatedV1, OrganisationRegisteredV1
from registry.organisation.events import AliasStated, OrganisationFact, OrganisationRegistered


def told(fact: type[OrganisationFact]) -> type[Message] | None:
    """As what others learn of such a fact, its state with its record; None when it is nobody else's business."""
    if issubclass(fact, OrganisationRegistered):
        return OrganisationRegisteredV1
    if issubclass(fact, AliasStated):
        return AliasStatedV1
    assert_never(fact)
