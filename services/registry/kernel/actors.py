"""Who acts: a role in an office, under an account that has no name here."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID

Role = Literal["staff", "auditor", "administrator", "service", "system"]


@dataclass(frozen=True)
class Actor:
    """Somebody who is signed in, or the registry itself (`system`)."""

    role: Role
    office: str
    account: UUID

    @cached_property
    def name(self) -> str:
        """How the log names the actor: role and account."""
        return f"{self.role}:{self.account}"


SYSTEM = Actor("system", "moa", UUID(int=0))
