"""Facts in plain words, for people."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from registry.views.trail import Line
from registry.web.words import WORDS, translate

SEOUL = ZoneInfo("Asia/Seoul")
Names = Mapping[str, str]


def entry(line: Line, lang: str, names: Names) -> dict[str, Any]:
    """A line of the trail as the timeline shows it; `names` gives parties by their id."""
    role, _, account = line.actor.partition(":")
    return {
        "position": line.position,
        "recorded_at": local(line.recorded_at),
        "effective_on": line.effective,
        "role": role,
        "account": account[:8],
        "office_name": line.office if role != "system" else None,
        "what": _what(line, lang, names),
        "reason": line.reason,
        "provenance": line.fact.get("provenance"),
    }


def rung(rule: str) -> int:
    """Days before the deadline, of a rule such as `notice-90`; 0 on the day."""
    days = rule.rpartition("-")[2]
    return int(days) if days.isdecimal() else 0


def recipient(office: str, role: str, lang: str) -> str:
    """Whom a reminder went to, in words where there are words for the role."""
    key = f"recipient.{role}"
    return translate(key, lang).format(office=office) if key in WORDS else f"{office}/{role}"


def local(moment: datetime | str) -> datetime:
    """An instant on the clock of the readers."""
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known.astimezone(SEOUL)


def _what(line: Line, lang: str, names: Names) -> str:
    say = SENTENCES.get(line.topic)
    return say(line.fact, lang, names) if say else line.topic


def _plain(key: str) -> Callable[[Mapping[str, Any], str, Names], str]:
    return lambda _fact, lang, _names: translate(key, lang)


def _drafted(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    title = next((text["text"] for text in fact["titles"] if text["lang"] == lang), fact["titles"][0]["text"])
    return translate("fact.agreement_drafted", lang).format(title=title, parties=len(fact["parties"]))


def _signed_on_paper(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    place = f" · {fact['place']}" if fact["place"] else ""
    return translate("fact.agreement_signed_on_paper", lang).format(place=place)


def _term(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    return translate("fact.term_set", lang).format(term=", ".join(_term_parts(fact["term"], lang)))


def _term_parts(term: Mapping[str, Any], lang: str) -> list[str]:
    """What a text says of its term, in the order in which people say it."""
    say = partial(translate, lang=lang)
    parts = [say("fact.term.from").format(start=term["start"])]
    if term["end"]:
        parts = [say("fact.term.until").format(start=term["start"], end=term["end"])]
    else:
        parts.append(term["end_words"] or say(f"fact.term.{term['end_kind']}"))
    if term["length"]:
        parts.append(say("fact.term.length").format(length=period(term["length"], lang)))
    if term["from_midnight"]:
        parts.append(say("fact.term.from_midnight"))
    renewal = say(f"fact.term.{term['renewal']}")
    parts.append(renewal.format(period=period(term["period"] or {}, lang)).strip())
    if term["notice"]:
        parts.append(say("fact.term.notice").format(notice=period(term["notice"], lang)))
    return parts


def period(stated: Mapping[str, int], lang: str) -> str:
    """A length of time in words: `3년`, `1 year 6 months`."""
    units = [(unit, stated.get(unit, 0)) for unit in ("years", "months", "days")]
    keys = [(f"period.{unit}" if count != 1 else f"period.{unit}.one", count) for unit, count in units if count]
    return " ".join(translate(key, lang).format(count=count) for key, count in keys)


def _signed(fact: Mapping[str, Any], lang: str, names: Names) -> str:
    party = names.get(fact["organisation"], fact["organisation"])
    key = "fact.party_signed.place" if fact["place"] else "fact.party_signed"
    return translate(key, lang).format(party=party, place=fact["place"])


def _opened(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    return translate("fact.renewal_opened", lang).format(cycle=fact["cycle"])


def _deadline(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    day = (fact["deadline"] or {}).get("last_safe") or translate("date.none", lang)
    return translate("fact.notice_deadline_set", lang).format(day=day)


def _reminded(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    days = rung(fact["rule"])
    key = (
        "fact.reminder_failed"
        if fact["outcome"] == "failed"
        else "fact.reminder_sent"
        if days
        else "fact.reminder_sent.day"
    )
    to = recipient(fact["recipient_office"], fact["recipient_role"], lang)
    said = translate(key, lang).format(rung=days, recipient=to)
    # The day that counted as today was not the day on which it was sent: somebody was trying something out.
    trial = fact["on"] != local(fact["at"]).date().isoformat()
    return f"{said} ({translate('fact.trial', lang)})" if trial else said


def _organisation(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    return translate("fact.organisation_registered", lang).format(name=fact["names"][0]["text"])


def _alias(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    key = "fact.alias_stated" if fact["confirmed"] else "fact.alias_stated.unconfirmed"
    return translate(key, lang).format(name=fact["name"]["text"])


SENTENCES: dict[str, Callable[[Mapping[str, Any], str, Names], str]] = {
    "agreement.drafted": _drafted,
    "agreement.party-signed": _signed,
    "agreement.signed": _plain("fact.agreement_signed"),
    "agreement.signed-on-paper": _signed_on_paper,
    "agreement.entered-into-force": _plain("fact.agreement_entered_into_force"),
    "agreement.term-set": _term,
    "renewal.case-opened": _opened,
    "renewal.notice-deadline-set": _deadline,
    "renewal.reminder-recorded": _reminded,
    "organisation.registered": _organisation,
    "organisation.alias-stated": _alias,
}
