"""A document's facts as a list of steps, read from TOML."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6d6f6100-0000-5000-8000-00000000d340")
STORIES = ("busanjin", "yeongdeungpo")
MARK = "@"


@dataclass(frozen=True)
class Step:
    """One command: `do` names it, `of` the earlier step whose record it changes (None: it opens one).

    `says` is the body; a string `@key` in it stands for the record that the step `key` opened.
    """

    office: str
    key: str
    do: str
    of: str | None
    says: Mapping[str, Any]

    @property
    def id(self) -> UUID:
        """The command's id: the same in every run, so that a step is recorded once."""
        return uuid5(NAMESPACE, f"{self.office}/{self.key}")

    def path(self, records: Mapping[str, str]) -> str:
        """Where to post it."""
        kind, _, verb = self.do.partition(".")
        return f"/api/v1/{kind}s" if self.of is None else f"/api/v1/{kind}s/{records[self.of]}/{verb}"

    def body(self, records: Mapping[str, str]) -> dict[str, Any]:
        """What to post, with the ids of earlier records filled in."""
        return {name: _filled(value, records) for name, value in self.says.items()}


@dataclass(frozen=True)
class Story:
    """What one document says, for the office that would register it."""

    office: str
    steps: tuple[Step, ...]

    @property
    def first_agreement(self) -> Step:
        """The step by whose register number one can tell that the story was loaded before."""
        return next(step for step in self.steps if step.do == "agreement.draft")


def stories() -> Iterator[Story]:
    """Both documents."""
    for name in STORIES:
        yield read((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def read(text: str) -> Story:
    """A story from TOML: `office`, `[source]`, and `[[step]]`s that state passage, modality and as-of."""
    given = tomllib.loads(text)
    return Story(given["office"], tuple(_step(given, step) for step in given["step"]))


def _step(given: Mapping[str, Any], step: Mapping[str, Any]) -> Step:
    provenance = {**given["source"], "locator": step["passage"], "modality": step.get("modality", "reported")}
    return Step(given["office"], step["key"], step["do"], step.get("of"), {**step["says"], "provenance": provenance})


def _filled(value: Any, records: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return records[value.removeprefix(MARK)] if value.startswith(MARK) else value
    if isinstance(value, Mapping):
        return {name: _filled(inner, records) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, records) for inner in value]
    return value
