"""Requests to the desk, drawn: real commands for a handful of records that everybody is after."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from registry.agreement.commands import (
    DraftAgreement,
    EnterIntoForce,
    SetTerm,
    SignAgreement,
    SignedOnPaper,
    StatedTerm,
)
from registry.agreement.events import Party
from registry.application.request import CommandRequest
from registry.kernel.actors import SYSTEM, Actor
from registry.kernel.commands import Command, Opening
from registry.kernel.values import Text
from registry.organisation.commands import RegisterOrganisation, StateAlias
from registry.organisation.events import Identifier
from registry.renewal.commands import OpenRenewalCase, case_id

# The last organisation is one that nobody has registered when the day begins.
ORGANISATIONS, AGREEMENTS = 4, 2
CLERK = Actor("staff", "busanjin", UUID(int=1))
COLLEAGUE = Actor("staff", "busanjin", UUID(int=2))
STRANGER = Actor("staff", "yeongdeungpo", UUID(int=3))
AUDITOR = Actor("auditor", "busanjin", UUID(int=4))
JUNE_10 = date(2025, 6, 10)


@dataclass(frozen=True)
class World:
    """The keys under which a history's records are opened; no other history has them."""

    organisations: tuple[UUID, ...] = field(default_factory=lambda: tuple(uuid4() for _ in range(ORGANISATIONS)))
    agreements: tuple[UUID, ...] = field(default_factory=lambda: tuple(uuid4() for _ in range(AGREEMENTS)))

    def organisation(self, slot: int) -> UUID:
        """The record that the slot's key opens."""
        return _opening(_register(self, 0), self.organisations[slot]).record

    def agreement(self, slot: int) -> UUID:
        """The record that the slot's key opens."""
        return _opening(_register(self, 0), self.agreements[slot]).record


@dataclass(frozen=True)
class Wish:
    """What somebody wants: one kind of command, about two slots, said in one of several ways."""

    kind: str
    organisation: int
    agreement: int
    way: int

    def command(self, world: World) -> Command:
        """The command that this is in a world."""
        match self.kind:
            case "register":
                return _register(world, self.way)
            case "alias":
                return StateAlias(alias=Text("ko", f"이름 {self.way}"))
            case "draft":
                slots = range(ORGANISATIONS - 1) if self.way == 3 else sorted({0, self.organisation})
                parties = [world.organisation(slot) for slot in slots]
                return _draft(world, parties, self.way)
            case "sign":
                return SignAgreement(organisation=world.organisation(self.organisation), on=JUNE_10)
            case "enter":
                return EnterIntoForce(on=JUNE_10, term=_term(self.way) if self.way else None)
            case "term":
                return SetTerm(term=_term(self.way))
            case _:
                return OpenRenewalCase(agreement=world.agreement(self.agreement), cycle=1, ends=_term(self.way).end)

    def request(self, world: World, by: Actor, key: UUID) -> CommandRequest:
        """The request: an opening goes under its slot's key and by one clerk, everything else under `key`."""
        command = self.command(world)
        if self.kind == "register":
            return _opening(command, world.organisations[self.organisation])
        if self.kind == "draft":
            return _opening(command, world.agreements[self.agreement])
        if self.kind == "case":
            target = case_id(world.agreement(self.agreement), 1)
            return CommandRequest(command, SYSTEM, key, key, target=target)
        about = world.organisation(self.organisation) if self.kind == "alias" else world.agreement(self.agreement)
        return CommandRequest(command, by, key, key, target=about)


def _opening(command: Command, key: UUID) -> CommandRequest:
    return CommandRequest(command, CLERK, key, key)


def _register(world: World, way: int) -> Opening:
    identifiers = (Identifier("ror", f"{world.organisations[0].hex[:12]}"),) if way == 2 else ()
    return RegisterOrganisation(
        kind="hospital", names=(Text("ko", f"병원 {way}"),), country="KR", identifiers=identifiers
    )


def _draft(world: World, parties: list[UUID], way: int) -> Opening:
    return DraftAgreement(
        number=f"{world.agreements[0].hex[:12]} {way % 2}",
        year=2025,
        kind="mou",
        titles=(Text("ko", "업무협약"),),
        parties=tuple(Party(organisation) for organisation in parties),
        signed_on_paper=SignedOnPaper() if way == 2 else None,
    )


def _term(way: int) -> StatedTerm:
    return StatedTerm(start=JUNE_10, end=date(2024 + way, 6, 9))


kinds: st.SearchStrategy[Any] = st.sampled_from(
    ["register", "draft", *["alias"] * 3, *["sign"] * 4, *["enter"] * 2, "term", *["case"] * 2]
)
wishes = st.builds(
    Wish, kinds, st.sampled_from([0, 0, 1, 1, 2, 2, 3]), st.sampled_from([0, 0, 0, 1, 1]), st.integers(0, 3)
)
# Three organisations, an agreement that all three are to sign, and one that was signed on paper.
PRELUDE = (
    *(Wish("register", slot, 0, 0) for slot in range(ORGANISATIONS - 1)),
    Wish("draft", 0, 0, 3),
    Wish("draft", 1, 1, 2),
)
