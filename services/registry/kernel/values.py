"""Small values that every slice speaks in: words in a language, and where a statement comes from."""

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from registry.kernel.dates import FuzzyDate

_CLOSED = ConfigDict(extra="forbid")
Modality = Literal["planned", "reported", "confirmed"]


# Zero-width joiners hold scripts such as Persian and Hindi together.
JOINERS = "\u200c\u200d"


def _readable(text: str, *, breaks: str) -> str:
    clean = text.strip()
    if clean and clean.isprintable():
        return clean  # nothing but visible signs and spaces: what most text is
    try:
        clean.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("text.not_unicode", "Remove the half characters (lone surrogates).") from None
    kinds = {sign: unicodedata.category(sign) for sign in clean if sign not in breaks + JOINERS}
    if any(kind in {"Cc", "Cf", "Zl", "Zp"} for kind in kinds.values()):
        raise PydanticCustomError("text.control_character", "Remove the control characters and line breaks.")
    if not any(kind[0] in "LNPSM" for kind in kinds.values()):
        raise PydanticCustomError("text.empty", "Write at least one character.")
    return clean


def _one_line(text: str) -> str:
    return _readable(text, breaks="")


def _lines(text: str) -> str:
    return _readable(text, breaks="\n\t")


def _no_truth(given: object) -> object:
    if isinstance(given, bool):
        raise PydanticCustomError("int_type", "Give a whole number.")
    return given


# A whole number; true and false are none.
Whole = Annotated[int, BeforeValidator(_no_truth)]
Line = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]
Passage = Annotated[str, Field(max_length=4000), AfterValidator(_lines)]
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
    """A pattern for SQL `like` that finds `part` anywhere; lower case, without the quotes and brackets of JSON."""
    plain = part.strip().lower().translate(str.maketrans("", "", '"[]\\'))
    literal = plain.replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"
