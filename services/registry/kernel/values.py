"""Small values that every slice speaks in: words in a language, and where a statement comes from."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from registry.kernel.dates import FuzzyDate

_CLOSED = ConfigDict(extra="forbid")
Modality = Literal["planned", "reported", "confirmed"]


def _printable(text: str) -> str:
    clean = text.strip()
    if not clean:
        raise PydanticCustomError("text.empty", "Write at least one character.")
    if any(ord(sign) < ord(" ") and sign not in "\n\t" for sign in clean):
        raise PydanticCustomError("text.control_character", "Remove the control characters.")
    try:
        clean.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("text.not_unicode", "Remove the half characters (lone surrogates).") from None
    return clean


def _no_truth(given: object) -> object:
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "Give a whole number.")
    return given


# A whole number; true and false are none.
Whole = Annotated[int, BeforeValidator(_no_truth)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_printable)]
Passage = Annotated[str, Field(max_length=4000), AfterValidator(_printable)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
OfficeCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]


@dataclass(frozen=True)
class Text:
    """Words in one language, tagged as BCP 47 has it (`ko`, `en`, `zh-Hans`)."""

    __pydantic_config__ = _CLOSED
    lang: Language
    text: Line


@dataclass(frozen=True)
class Provenance:
    """Where a fact comes from: document, passage, who claims it, how surely, and as of when."""

    __pydantic_config__ = _CLOSED
    source: Line
    locator: Line | None = None
    attributed_to: Line | None = None
    modality: Modality = "reported"
    as_of: FuzzyDate | None = None


def in_language(texts: tuple[Text, ...], lang: str) -> str:
    """The words in `lang`, or the first that there are; empty when there are none."""
    for text in texts:
        if text.lang == lang:
            return text.text
    return texts[0].text if texts else ""


def like(part: str) -> str:
    """A pattern for SQL `like` that finds `part` anywhere, whatever signs are in it; lower case."""
    literal = part.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"
