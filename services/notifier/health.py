"""How each part is doing, for /readyz: well, or what is missing and what to do."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ailment:
    """What is wrong with a part, for a person."""

    ko: str
    en: str


STARTING = Ailment("시작하는 중입니다.", "Starting.")


@dataclass
class Health:
    """What the parts say of themselves. A part that has said nothing yet is starting."""

    parts: dict[str, Ailment | None] = field(default_factory=dict)

    def expect(self, part: str) -> None:
        """There is such a part, and it has not spoken yet."""
        self.parts[part] = STARTING

    def well(self, part: str) -> None:
        """It works."""
        self.parts[part] = None

    def ill(self, part: str, ko: str, en: str) -> bool:
        """It does not; True when that is news."""
        news = Ailment(ko, en)
        changed = self.parts.get(part) != news
        self.parts[part] = news
        return changed

    @property
    def ailments(self) -> dict[str, Ailment]:
        """Every part that does not work."""
        return {part: ailment for part, ailment in self.parts.items() if ailment}
