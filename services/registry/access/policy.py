"""Which role may run which command, on whose records."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from registry.kernel.actors import Actor, Role
from registry.kernel.errors import Forbidden

Reach = Literal["own", "any"]

# Commands by role. A role that is not named here changes nothing; everybody signed in may read, save
# for person data: reading that is a matter of this table too.
CHANGES: dict[Role, dict[str, Reach]] = {
    "staff": {
        "organisation.": "own",
        "partnership.": "own",
        "agreement.": "own",
        "delegation.": "own",
        "person.": "own",
    },
    "administrator": {
        "organisation.": "any",
        "partnership.": "any",
        "agreement.": "any",
        "delegation.": "any",
        "person.": "any",
    },
    "auditor": {"person.read": "any"},
    "system": {"renewal.": "any"},
}


@dataclass(frozen=True)
class TablePolicy:
    """The policy as the table above has it."""

    def permit(self, actor: Actor, command: str, office: str | None = None) -> None:
        """Forbidden unless the actor's role may run the command, on a record of `office` if one is given."""
        reach = _reach(actor.role, command)
        if reach is None:
            raise Forbidden(
                "access.role_may_not",
                ko="이 역할로는 할 수 없는 일입니다. 담당 부서의 직원(staff)에게 요청해 주세요.",
                en="This role may not do that: ask a member of staff of the office in charge.",
            )
        if reach == "own" and office is not None and office != actor.office:
            raise Forbidden(
                "access.other_office",
                ko=f"다른 부서({office})의 기록은 변경할 수 없습니다. 그 부서에 요청해 주세요.",
                en=f"This record belongs to another office ({office}): ask that office to change it.",
            )

    def may(self, actor: Actor, command: str, office: str | None = None) -> bool:
        """Would `permit` let it pass?"""
        try:
            self.permit(actor, command, office)
        except Forbidden:
            return False
        return True


@cache
def _reach(role: Role, command: str) -> Reach | None:
    return next((reach for prefix, reach in CHANGES.get(role, {}).items() if command.startswith(prefix)), None)
