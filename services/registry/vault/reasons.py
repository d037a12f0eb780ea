"""A reason stays readable in the access log for years, so it may not tell who the person is."""

import unicodedata

from registry.kernel.ports import Person

WITHHELD = "(withheld: it told of the person)"
# A shorter name is part of too many ordinary words to be taken for one.
SHORTEST_NAME = 2


def tells_of(person: Person, why: str) -> bool:
    """Is the person's name or contact in the reason, in any spacing, width or case?"""
    reason = _plain(why)
    told = (_plain(value) for value in (person.name, person.contact) if value is not None)
    return any(value in reason for value in told if len(value) >= SHORTEST_NAME)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
