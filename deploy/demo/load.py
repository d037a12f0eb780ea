"""Tells a story to the registry, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from deploy.demo.api import Answer
from deploy.demo.story import Story


class Registry(Protocol):
    """What telling a story needs of the registry; see `deploy.demo.api.Api`."""

    def head(self) -> int:
        """The position of the last fact in the log."""

    def has_agreement(self, office: str, year: int, number: str) -> bool:
        """Does the office's register hold this number?"""

    def post(self, path: str, body: dict[str, Any], command: UUID) -> Answer:
        """Run a command, once under its id."""


@dataclass(frozen=True)
class Loaded:
    """What a story came to: records in it, facts that are new, and the log's last position.

    `elsewhere` says that it was loaded before under another account, and left alone now.
    """

    office: str
    records: int
    new: int
    position: int
    elsewhere: bool = False


def load(story: Story, registry: Registry, *, tick: Callable[[], None]) -> Loaded:
    """Run every step; those that this account ran before are answered again and add nothing."""
    before = registry.head()
    records: dict[str, str] = {}
    for step in story.steps:
        answer = registry.post(step.path(records), step.body(records), step.id)
        if step.of is None:
            records[step.key] = answer.record
        tick()
    after = registry.head()
    return Loaded(story.office, len(records), after - before, after)


def loaded_elsewhere(story: Story, registry: Registry) -> Loaded | None:
    """What another account loaded already; None when the office's register does not hold the story."""
    says = story.first_agreement.says
    if not registry.has_agreement(story.office, says["year"], says["number"]):
        return None
    return Loaded(story.office, 0, 0, registry.head(), elsewhere=True)
