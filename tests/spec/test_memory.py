"""What a long record remembers can be written down and read again; what was written by other rules is not used."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from registry.agreement.aggregate import Agreement
from registry.application.memory import Unrememberable, fingerprint, format_of, recall, remember
from registry.kernel.aggregates import Record
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import RECORDS, FirstFact
from registry.kernel.terms import Deadline, Period, Term
from registry.kernel.values import Provenance, Text
from registry.organisation.aggregate import Organisation

from tests.spec.examples import BARE, FULL, topics
from tests.spec.scenario import Told

ONE = UUID("00000000-0000-4000-8000-0000000000b1")


def lives() -> Iterator[Any]:
    """For every kind of record, one that every example of its facts has happened to."""
    topics()
    for examples in (FULL, BARE):
        slices: dict[str, list[Told]] = {}
        for told in examples:
            slices.setdefault(told.kind.topic.partition(".")[0], []).append(told)
        for name, history in slices.items():
            yield pytest.param(history, id=f"{name}-{'full' if examples is FULL else 'bare'}")


def lived(history: list[Told]) -> Record:
    record: Any = None
    version = 0
    for told in history:
        if issubclass(told.kind, FirstFact) and record is not None:
            continue
        version += 1
        record = told.numbered(version).mutate(record)
    return record


@pytest.mark.parametrize("history", [*lives()])
def test_a_record_comes_back_as_it_was(history: list[Told]) -> None:
    before = lived(history)
    after = recall(type(before), remember(before))
    assert type(after) is type(before)
    assert vars(after) == vars(before)
    assert after.version == before.version
    assert remember(after) == remember(before)


def test_every_kind_of_record_was_tried() -> None:
    tried = {type(lived(param.values[0])) for param in lives()}
    assert tried == set(RECORDS.values())


def test_every_value_that_facts_are_made_of_has_a_form() -> None:
    record = Organisation.__new__(Organisation)
    told: dict[str, object] = {
        "_version": 1,
        "nothing": None,
        "yes": True,
        "words": '부산진구 {"set": 1}',
        "day": date(2025, 6, 10),
        "moment": datetime(2025, 6, 10, 3, 0, 1, 5, tzinfo=UTC),
        "fuzzy": FuzzyDate("XXXX-10-12"),
        "pair": (ONE, [1, 2]),
        "days": {ONE: date(2025, 6, 10), 2: {"a", "b"}},
        "names": {Text("ko", "구"), Text("en", "gu")},
        "deadline": Deadline(date(2028, 3, 9), date(2028, 3, 8)),
        "term": Term(date(2025, 6, 10), "on", date(2028, 6, 9), Period(years=3), renewal="tacit", period=Period(1)),
        "source": Provenance("공보", as_of=FuzzyDate("2025-06")),
        "empty": {},
    }
    vars(record).update(told | {"_pending_events": ["never kept"]})
    assert vars(recall(Organisation, remember(record))) == told | {"_pending_events": []}


def test_a_value_without_a_form_is_said_to_have_none() -> None:
    record = Organisation.__new__(Organisation)
    vars(record).update(odd=object())
    with pytest.raises(Unrememberable, match="object"):
        remember(record)


@pytest.mark.parametrize(
    "state", ["", "{", "[]", "7", '{"names":{"set":{"a":1},"b":2}}', '{"x":{"unheard":1}}', "null"]
)
def test_what_cannot_be_read_is_an_error_that_the_loader_expects(state: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        recall(Organisation, state)


def test_a_format_names_its_slice_and_the_rules_behind_it() -> None:
    assert format_of(Agreement).startswith("agreement:")
    assert format_of(Organisation).startswith("organisation:")
    assert format_of(Agreement).partition(":")[2] != format_of(Organisation).partition(":")[2]


def test_any_edit_of_the_rules_or_of_the_form_is_another_format() -> None:
    rules = [b"def apply(self): self.x = 1", b"class Text: ..."]
    edited = [b"def apply(self): self.x = 2", b"class Text: ..."]
    assert fingerprint(rules) == fingerprint(list(rules))
    assert len({fingerprint(rules), fingerprint(edited), fingerprint(rules, form=2), fingerprint(rules[::-1])}) == 4
