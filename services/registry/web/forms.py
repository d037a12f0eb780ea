"""What people typed, as the fields of commands; and what was wrong with it, beside the field they typed it in."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from registry.kernel.errors import FieldError, KeyReused, Refusal
from registry.web.words import WORDS, translate

MORE_ROWS = 4
ROW = re.compile(r"parties\.([0-9]{1,3})\.")
Typed = Mapping[str, str]
# The words for fields whose form has none of its own (`agreement_form.number`).
LABELS = {
    "kind": "organisation.kind",
    "country": "organisation.country",
    "fields": "agreement.fields",
    "parties": "agreement.parties",
    "signed_on_paper.on": "agreement_form.signed_on",
    "signed_on_paper.place": "action.record_signature.place",
    "provenance.source": "agreement_form.source",
    "provenance.locator": "agreement_form.locator",
    "provenance.modality": "agreement_form.modality",
    "organisation": "action.record_signature.party",
    "start": "term.start",
    "end": "term.end",
    "renewal": "term.renewal",
    **{f"length_{unit}": "action.set_term.length" for unit in ("years", "months")},
    **{f"period_{unit}": "action.set_term.period" for unit in ("years", "months")},
    **{f"notice_{unit}": "action.set_term.notice" for unit in ("months", "days")},
}


def typed(form: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """The text fields of a form; files are left out."""
    return {name: value for name, value in form if isinstance(value, str)}


def organisation_fields(form: Typed) -> dict[str, Any]:
    """The body of RegisterOrganisation."""
    number = form.get("business_number", "").strip()
    return {
        "kind": form.get("kind") or None,
        "names": _texts(form, "name"),
        "country": form.get("country") or None,
        "region": form.get("region", "").strip() or None,
        "identifiers": [{"scheme": "kr-brn", "value": number}] if number else [],
    }


def agreement_fields(form: Typed) -> dict[str, Any]:
    """The body of DraftAgreement."""
    body: dict[str, Any] = {
        "number": form.get("number", "").strip(),
        "year": form.get("year", "").strip(),
        "kind": form.get("kind") or None,
        "titles": _texts(form, "title"),
        "fields": [line.strip() for line in form.get("fields", "").splitlines() if line.strip()],
        "parties": [_party(form, n) for n in party_rows(form)],
    }
    if form.get("signed_on_paper"):
        body["signed_on_paper"] = _kept(
            {"on": day(form.get("signed_on_paper.on")), "place": form.get("signed_on_paper.place")}
        )
    body |= source(form)
    return body


def source(form: Typed) -> dict[str, Any]:
    """Where a fact comes from, if somebody said so."""
    if not form.get("provenance.source", "").strip():
        return {}
    return {"provenance": _kept({name: form.get(f"provenance.{name}") for name in ("source", "locator", "modality")})}


def day(stated: str | None) -> str | None:
    """A day as an office writes it (`2025. 6. 10.`, `2025.6`, `20250610`) as EDTF; anything else as it is."""
    text = (stated or "").strip()
    if run := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        return "-".join(run.groups())
    if dotted := re.fullmatch(r"(\d{4})\s*\.\s*(\d{1,2})\s*(?:\.\s*(\d{1,2})\s*)?\.?", text):
        year, *rest = dotted.groups()
        return "-".join([year, *(part.zfill(2) for part in rest if part)])
    return text or None


def party_rows(form: Typed) -> list[int]:
    """The rows of the form in which a party stands."""
    rows = {int(found[1]) for name in form if (found := ROW.match(name))}
    return [
        n
        for n in sorted(rows)
        if form.get(f"parties.{n}.organisation") or form.get(f"parties.{n}.placeholder", "").strip()
    ]


def term_fields(form: Typed) -> dict[str, Any]:
    """The body of SetTerm."""
    kind = form.get("end_kind") or "on"
    term: dict[str, Any] = {
        "start": form.get("start") or None,
        "end_kind": kind,
        "end": form.get("end") or None,
        "length": _period(form, "length") if kind == "on" else None,
        "from_midnight": bool(form.get("from_midnight")),
        "end_words": form.get("end_words", "").strip() or None,
        "renewal": form.get("renewal") or "none",
        "period": _period(form, "period"),
        "notice": _period(form, "notice"),
    }
    return {"term": term}


def mistakes(
    refusal: Refusal, lang: str, values: Typed, *, words: str, rows: list[int] | None = None
) -> list[dict[str, str]]:
    """What was refused, each beside its field and with its label; without a field it stands at the top.

    `words` begins the keys of the form's own words.
    """
    if isinstance(refusal, KeyReused):
        return [{"field": "", "label": "", "message": translate("form.used", lang).format(code=refusal.code)}]
    if not refusal.fields:
        return [{"field": "", "label": "", "message": refusal.en if lang == "en" else refusal.ko}]
    found = [(_field(each.field, rows or []), each) for each in refusal.fields]
    return [
        {"field": name, "label": _label(name, lang, words), "message": _message(each, values.get(name), lang)}
        for name, each in found
    ]


def _message(found: FieldError, typed: str | None, lang: str) -> str:
    """A program is told the codes it may send; a person chooses from a list, or has left a field empty."""
    if ("." not in found.code and typed is not None and not typed.strip()) or found.code == "text.empty":
        return translate("form.missing", lang)
    if found.code in {"literal_error", "uuid_parsing"}:
        return translate("form.not_listed", lang)
    return found.en if lang == "en" else found.ko


def _label(name: str, lang: str, words: str) -> str:
    """What the form calls a field; nothing for one that it does not name."""
    match name.split("."):
        case ["parties", index, *_] if index.isdecimal():
            return translate("agreement_form.party", lang).format(n=int(index) + 1)
        case _:
            own = f"{words}.{name}"
            key = own if own in WORDS else LABELS.get(name)
            return translate(key, lang) if key else ""


def _texts(form: Typed, name: str) -> list[dict[str, str]]:
    found = [(lang, form.get(f"{name}_{lang}", "").strip()) for lang in ("ko", "en")]
    return [{"lang": lang, "text": text} for lang, text in found if text or lang == "ko"]


def _party(form: Typed, n: int) -> dict[str, str]:
    return _kept({name: form.get(f"parties.{n}.{name}") for name in ("organisation", "placeholder", "side", "role")})


def _period(form: Typed, name: str) -> dict[str, str] | None:
    given = _kept({unit: form.get(f"{name}_{unit}") for unit in ("years", "months", "days")})
    return given or None


def _kept(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value.strip() for name, value in fields.items() if value and value.strip()}


def _field(path: str, rows: list[int]) -> str:
    """From a command's field to the form's: `names.0.text` → `name_ko`, `term.notice.months` → `notice_months`."""
    parts = path.split(".")
    match parts:
        case ["names" | "titles" as texts, index, *_]:
            return f"{texts[:-1]}_{'ko' if index == '0' else 'en'}"
        case ["names" | "titles" as texts]:
            return f"{texts[:-1]}_ko"
        case ["identifiers", *_]:
            return "business_number"
        case ["fields", *_]:
            return "fields"
        case ["parties", index, *rest] if index.isdecimal() and int(index) < len(rows):
            return ".".join(["parties", str(rows[int(index)]), *rest])
        case ["term", "length" | "period" | "notice" as name, unit]:
            return f"{name}_{unit}"
        case ["term", name, *_]:
            return name
        case _:
            return path
