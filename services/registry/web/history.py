"""Facts in plain words, for people."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from registry.views.trail import Line
from registry.web.words import WORDS, translate

SEOUL = ZoneInfo("Asia/Seoul")
Names = Mapping[str, str]


def entry(line: Line, lang: str, names: Names) -> dict[str, Any]:
    """A line of the trail as the timeline shows it; `names` gives parties by their id."""
    role, _, _ = line.actor.partition(":")
    return {
        "position": line.position,
        "recorded_at": local(line.recorded_at),
        "effective_on": line.effective,
        "role": role,
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
    return translate("fact.agreement_drafted", lang).format(parties=len(fact["parties"]))


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
    key = "fact.reminder_failed" if fact["outcome"] == "failed" else "fact.reminder_sent"
    to = recipient(fact["recipient_office"], fact["recipient_role"], lang)
    return translate(key, lang).format(rung=rung(fact["rule"]), recipient=to)


def _organisation(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    return translate("fact.organisation_registered", lang).format(name=fact["names"][0]["text"])


def _alias(fact: Mapping[str, Any], lang: str, _: Names) -> str:
    key = "fact.alias_stated" if fact["confirmed"] else "fact.alias_stated.unconfirmed"
    return translate(key, lang).format(name=fact["name"]["text"])


SENTENCES: dict[str, Callable[[Mapping[str, Any], str, Names], str]] = {
    "agreement.drafted": _drafted,
    "agreement.party-signed": _signed,
    "agreement.signed": _plain("fact.agreement_signed"),
    "agreement.signed-on-paper": _plain("fact.agreement_signed_on_paper"),
    "agreement.entered-into-force": _plain("fact.agreement_entered_into_force"),
    "agreement.term-set": _plain("fact.term_set"),
    "renewal.case-opened": _opened,
    "renewal.notice-deadline-set": _deadline,
    "renewal.reminder-recorded": _reminded,
    "organisation.registered": _organisation,
    "organisation.alias-stated": _alias,
}
