"""What other systems learn of organisations."""

from typing import assert_never

from pydantic import TypeAdapter

from contracts.envelope import Message
from contracts.organisation import AliasStatedV1, OrganisationRegisteredV1
from registry.organisation.events import AliasStated, OrganisationFact, OrganisationRegistered

_FACTS: TypeAdapter[OrganisationFact] = TypeAdapter(OrganisationFact)


def message(fact: OrganisationFact) -> Message | None:
    """What others learn of this fact; None when it is nobody else's business."""
    stated = _FACTS.dump_python(fact, mode="json") | {"organisation": fact.originator_id}
    match fact:
        case OrganisationRegistered():
            return OrganisationRegisteredV1.model_validate(stated)
        case AliasStated():
            return AliasStatedV1.model_validate(stated)
        case _:
            assert_never(fact)
