"""The rules of an organisation."""

from datetime import datetime
from typing import assert_never

from registry.kernel.aggregates import Record
from registry.kernel.errors import RuleBroken
from registry.kernel.facts import record
from registry.kernel.values import Provenance, Text
from registry.organisation.events import AliasStated, OrganisationFact, OrganisationRegistered


@record("organisation")
class Organisation(Record):
    """A body that can be a party, a host or a member."""

    def state_alias(self, name: Text, *, confirmed: bool, at: datetime, provenance: Provenance | None) -> None:
        """Record another name that a source uses for it."""
        if name in self.names:
            raise RuleBroken(
                "organisation.name_known",
                ko="이미 등록된 이름입니다.",
                en="This name is recorded already.",
            )
        self.happened(AliasStated(*self.next(at), name=name, confirmed=confirmed, provenance=provenance))

    def apply(self, fact: OrganisationFact) -> None:
        """Remember a fact."""
        match fact:
            case OrganisationRegistered(office=office, names=names):
                self.owned_by(office)
                self.names: set[Text] = set(names)
            case AliasStated(name=name):
                self.names.add(name)
            case _:
                assert_never(fact)
