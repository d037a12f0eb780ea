"""A message is understood, passed over, or set aside with a reason that repeats nothing of it."""

import json
from datetime import date
from uuid import UUID

import pytest
from notifier.reading import Arrival, Unreadable, read

from contracts.agreement import AgreementDraftedV1, TermSetV1
from contracts.envelope import kind, source
from contracts.values import PeriodV1
from tests.spec.notifier.terms import BUSANJIN, term

GENERATION = UUID("aaaaaaaa-0000-4000-8000-000000000000")
CORRELATION = "cccccccc-0000-4000-8000-000000000000"
SUBJECT = f"registry.v1.restricted.agreement.term-set.{BUSANJIN}"


def arrival(topic="agreement.term-set", data=None, *, position="7", **changed):
    envelope = {
        "id": f"{BUSANJIN}:2",
        "source": source(GENERATION),
        "type": kind(topic),
        "subject": str(BUSANJIN),
        "time": "2025-11-01T00:00:00Z",
        "position": position,
        "generation": str(GENERATION),
        "data": data,
    }
    return Arrival(7, SUBJECT, json.dumps(envelope | changed).encode(), {"moa-correlation": CORRELATION})


def term_set(**given):
    return TermSetV1(agreement=BUSANJIN, cycle=1, term=term(date(2026, 6, 9), **given)).model_dump(mode="json")


def test_a_term_is_understood_with_position_generation_and_correlation():
    found = read(arrival(data=term_set()))
    assert isinstance(found.effect, TermSetV1)
    assert (found.position, found.generation, found.correlation) == (7, GENERATION, CORRELATION)


def test_a_drafted_agreement_is_understood_and_what_is_unknown_in_it_ignored():
    data = {
        "agreement": str(BUSANJIN),
        "office": "busanjin",
        "number": "3",
        "year": 2025,
        "kind": "mou",
        "titles": [{"lang": "ko", "text": "협약"}],
        "fields": [],
        "parties": [],
        "new_in_a_later_release": 1,
    }
    assert isinstance(read(arrival("agreement.drafted", data)).effect, AgreementDraftedV1)


def test_an_unknown_kind_and_an_internal_message_change_nothing():
    assert read(arrival("programme.session-held", {"x": 1})).effect is None
    internal = read(Arrival(7, "registry.v1.internal", b"", {"ce-source": source(GENERATION)}))
    assert (internal.effect, internal.generation) == (None, GENERATION)


@pytest.mark.parametrize(
    ("poison", "why"),
    [
        (Arrival(7, SUBJECT, b"", {}), "an empty body"),
        (Arrival(7, SUBJECT, b"\xff\xfe not json", {}), "message: json_invalid"),
        (Arrival(7, SUBJECT, b"[]", {}), "message: model_type"),
        (Arrival(7, SUBJECT, b'{"position":"secret"}', {}), "id: missing"),
        (arrival(data=None), "message: model_type"),
        (arrival(data={"agreement": "secret"}), "agreement: uuid_parsing; cycle: missing; term: missing"),
        (arrival(data=term_set(), position="8"), "position 8 came as number 7 of the stream"),
        (arrival(data=term_set(notice=PeriodV1(years=9999))), "the notice period leads out of the calendar"),
        (arrival(data=term_set(notice=PeriodV1(months=10**30))), "the notice period leads out of the calendar"),
        (arrival(data=term_set(), specversion="2.0"), "specversion: literal_error"),
    ],
)
def test_what_cannot_be_understood_says_why_without_repeating_it(poison, why):
    effect = read(poison).effect
    assert isinstance(effect, Unreadable)
    assert why in effect.why
    assert "secret" not in effect.why


def test_a_header_that_is_no_uuid_is_not_carried_on():
    forged = Arrival(7, "registry.v1.internal", b"", {"moa-correlation": "x" * 36, "ce-source": "urn:else:1"})
    assert (read(forged).correlation, read(forged).generation) == (None, None)
