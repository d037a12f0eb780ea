"""What people typed, as the fields of commands; and what was wrong with it, beside the field they typed it in."""

from collections.abc import Iterable, Mapping
from typing import Any

from registry.kernel.errors import Refusal

MORE_ROWS = 4
Typed = Mapping[str, str]


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
            {"on": form.get("signed_on_paper.on"), "place": form.get("signed_on_paper.place")}
        )
    if form.get("provenance.source", "").strip():
        body["provenance"] = _kept({name: form.get(f"provenance.{name}") for name in ("source", "locator", "modality")})
    return body


def party_rows(form: Typed) -> list[int]:
    """The rows of the form in which a party stands."""
    rows = {int(name.split(".")[1]) for name in form if name.startswith("parties.") and name.split(".")[1].isdecimal()}
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


def mistakes(refusal: Refusal, lang: str, *, rows: list[int] | None = None) -> list[dict[str, str]]:
    """What was refused, each beside the field of the form; without a field it stands at the top."""
    if not refusal.fields:
        return [{"field": "", "message": refusal.en if lang == "en" else refusal.ko}]
    return [
        {"field": _field(found.field, rows or []), "message": found.en if lang == "en" else found.ko}
        for found in refusal.fields
    ]


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
