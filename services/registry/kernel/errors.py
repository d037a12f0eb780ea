"""What the registry says when it will not do something: a stable code, and what to do, in two languages."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field; `field` is a path such as `parties.1.organisation`."""

    field: str
    code: str
    ko: str
    en: str


class Refusal(Exception):
    """A request that is refused; nothing was recorded.

    `code` is stable (`agreement.already_signed`) and `ko`/`en` say what to do.
    """

    def __init__(self, code: str, *, ko: str, en: str, fields: tuple[FieldError, ...] = ()) -> None:
        """Keep the code, the two messages and any field errors."""
        super().__init__(f"{code}: {en}")
        self.code = code
        self.ko = ko
        self.en = en
        self.fields = fields


class Invalid(Refusal):
    """The request itself is malformed; every field error is in it at once."""


class RuleBroken(Refusal):
    """The request is well formed, but a rule of the domain forbids it."""


class NotFound(Refusal):
    """There is no such record."""


class Forbidden(Refusal):
    """Whoever asks may not do that."""


class Unauthenticated(Refusal):
    """Nobody is signed in."""


class Conflict(Refusal):
    """Somebody else was first: the record moved on, or the name is taken."""


class KeyReused(Refusal):
    """The command id was used before, for another request."""


class Unavailable(Refusal):
    """The registry cannot answer just now; `retry_after` is in seconds."""

    def __init__(self, code: str, *, ko: str, en: str, retry_after: int = 1) -> None:
        """Keep the code, the messages and when to try again."""
        super().__init__(code, ko=ko, en=en)
        self.retry_after = retry_after


class Unreadable(Exception):
    """A stored fact that this version of the registry cannot read; its position is named, never its contents."""


@dataclass(frozen=True)
class Problems:
    """Gathers field errors, so that a person hears all of them at once."""

    found: list[FieldError] = field(default_factory=list)

    def add(self, where: str, code: str, *, ko: str, en: str) -> None:
        """Note one more."""
        self.found.append(FieldError(where, code, ko, en))

    def refuse_if_any(self) -> None:
        """Raise Invalid with everything found."""
        if self.found:
            raise Invalid(
                "request.invalid",
                ko="입력한 내용을 확인해 주세요. 아래 항목을 고치면 등록할 수 있습니다.",
                en="Check what you entered: mend the items below and send it again.",
                fields=tuple(self.found),
            )
