"""A term is set, and a renewal case watches over its end."""

from collections.abc import Sequence
from uuid import uuid5

from registry.agreement.events import TermSet
from registry.kernel.commands import Order
from registry.kernel.facts import Recorded
from registry.kernel.terms import notice_deadline
from registry.renewal.commands import OpenRenewalCase, case_id

NAME = "process.renewals"
VERSION = 1
# Whose facts it takes.
SLICES = ("agreement",)


def react(recorded: Recorded) -> Sequence[Order]:
    """What follows from a fact; the command's id derives from it, so that it is run once."""
    match recorded.fact:
        case TermSet(originator_id=agreement, term=term, cycle=cycle):
            target = case_id(agreement, cycle)
            command = OpenRenewalCase(agreement=agreement, cycle=cycle, ends=term.end, deadline=notice_deadline(term))
            return [Order(command, target, uuid5(agreement, f"renewal.open:{recorded.version}"))]
        case _:
            return []
