"""A person's data opens with the master key and the person's own row, and with nothing else."""

import base64
import dataclasses
import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from registry.access.policy import TablePolicy
from registry.agreement.events import PartySigned
from registry.kernel.actors import Actor, Role
from registry.kernel.errors import Forbidden, Refusal
from registry.kernel.facts import Fact
from registry.kernel.ports import Errand, Person
from registry.settings import Settings
from registry.store.mapper import state_of
from registry.vault.envelope import Envelope
from registry.vault.keys import MasterKey
from registry.vault.reasons import tells_of
from registry.vault.sealing import Unopened, open_sealed, seal

MASTER = MasterKey(bytes(range(32)))
BAE, LI = UUID(int=1), UUID(int=2)
NAME, CONTACT = "배둘순", "+82-51-555-0123"
FIELDS = Person(NAME, CONTACT, "ko")
COLUMNS = ("wrapped_key", "nonce", "ciphertext", "request_mac")


def envelope(person: UUID = BAE, fields: Person = FIELDS) -> Envelope:
    return Envelope.around(MASTER, person, fields, "busanjin")


def test_what_was_kept_comes_back_whole():
    assert envelope().open(MASTER, BAE) == FIELDS
    assert envelope(fields=Person(NAME, None, "ko")).open(MASTER, BAE) == Person(NAME, None, "ko")


def test_moved_to_another_row_it_does_not_open():
    with pytest.raises(Unopened):
        envelope().open(MASTER, LI)


def test_the_fields_do_not_open_under_another_persons_key():
    bae, li = envelope(BAE), envelope(LI, Person("李明月", None, "zh-Hans"))
    for swapped in (
        dataclasses.replace(bae, wrapped_key=li.wrapped_key),
        dataclasses.replace(li, nonce=bae.nonce, ciphertext=bae.ciphertext),
    ):
        for row in (BAE, LI):
            with pytest.raises(Unopened):
                swapped.open(MASTER, row)


def test_the_fields_are_bound_to_the_row_apart_from_the_key():
    key = bytes(32)
    nonce, sealed = seal(key, "fields", BAE, b"plain")
    assert open_sealed(key, "fields", BAE, nonce, sealed) == b"plain"
    for part, person in (("fields", LI), ("key", BAE)):
        with pytest.raises(Unopened):
            open_sealed(key, part, person, nonce, sealed)


def test_another_master_key_opens_nothing():
    with pytest.raises(Unopened):
        envelope().open(MasterKey(bytes(32)), BAE)


@pytest.mark.parametrize("column", ["wrapped_key", "nonce", "ciphertext"])
def test_a_changed_or_shortened_column_opens_nothing(column):
    whole = envelope()
    value: bytes = getattr(whole, column)
    broken = [value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :] for place in range(len(value))]
    for each in (*broken, value[:-1], value + b"\0", b""):
        with pytest.raises(Unopened):
            dataclasses.replace(whole, **{column: each}).open(MASTER, BAE)


def test_no_column_holds_the_name_or_the_contact():
    for column in COLUMNS:
        value = getattr(envelope(), column)
        assert NAME.encode() not in value
        assert CONTACT.encode() not in value


def test_the_same_person_kept_twice_shares_no_column():
    first, second = envelope(), envelope()
    assert [column for column in COLUMNS if getattr(first, column) == getattr(second, column)] == []


def test_a_repeated_request_is_told_from_another_one():
    kept = envelope()
    assert kept.asked_with(MASTER, BAE, Person(NAME, CONTACT, "ko"), "busanjin")
    for fields in (Person("배둘선", CONTACT, "ko"), Person(NAME, None, "ko"), Person(NAME, CONTACT, "en")):
        assert not kept.asked_with(MASTER, BAE, fields, "busanjin")
    assert not kept.asked_with(MASTER, BAE, FIELDS, "haeundae")


@pytest.mark.parametrize(
    "text",
    ["", "  ", "secret-of-mine", "비밀열쇠", *(base64.b64encode(bytes(n)).decode() for n in (16, 31, 33, 64))],
)
def test_a_missing_or_malformed_master_key_is_refused_in_two_languages_and_never_repeated(text):
    with pytest.raises(Refusal) as refused:
        MasterKey.from_text(text)
    assert refused.value.code == ("vault.key_wrong" if text.strip() else "vault.key_missing")
    assert "MOA_VAULT_KEY" in refused.value.ko
    assert re.search("[가-힣]", refused.value.ko)
    assert "MOA_VAULT_KEY" in refused.value.en
    if text.strip():
        assert text not in f"{refused.value!r} {refused.value.ko} {refused.value.en}"


def test_the_text_of_a_master_key_is_base64_of_32_bytes():
    assert MasterKey.from_text(base64.b64encode(bytes(range(32))).decode() + "\n").fingerprint == MASTER.fingerprint


def test_nothing_that_is_printed_tells_of_a_person_or_a_key():
    clerk = Actor("staff", "busanjin", UUID(int=7))
    key = base64.b64encode(bytes(range(32))).decode()
    settings = Settings(vault_key=key)
    printed = (
        f"{FIELDS} {FIELDS!r} {Errand(clerk, why=f'{NAME} asked')!r} {MASTER!r} {vars(MASTER)} {settings!r} {settings}"
    )
    for secret in (NAME, CONTACT, key, repr(bytes(range(32)))):
        assert secret not in printed


@pytest.mark.parametrize(
    ("why", "tells"),
    [
        ("서명자 확인", False),
        ("배둘순 님 연락", True),
        ("배 둘 순 확인", True),
        ("call ＋82-51-555-0123", True),
        ("+82 51 555 0000", False),
    ],
)
def test_a_reason_that_tells_who_it_is_about_is_recognised(why, tells):
    assert tells_of(FIELDS, why) is tells


def test_case_and_form_do_not_hide_a_name_and_one_letter_is_none():
    assert tells_of(Person("María Ñáñez", None, "es"), "MARÍA  ÑÁÑEZ signs")
    assert not tells_of(Person("O", None, "en"), "To confirm")


@pytest.mark.parametrize(
    ("role", "command", "own", "other"),
    [
        ("staff", "person.keep", True, False),
        ("staff", "person.read", True, False),
        ("staff", "person.forget", True, False),
        ("administrator", "person.keep", True, True),
        ("administrator", "person.read", True, True),
        ("administrator", "person.forget", True, True),
        ("auditor", "person.keep", False, False),
        ("auditor", "person.read", True, True),
        ("auditor", "person.forget", False, False),
        ("service", "person.read", False, False),
        ("system", "person.read", False, False),
    ],
)
def test_who_may_touch_whose_persons(role: Role, command: str, own: bool, other: bool):
    actor = Actor(role, "busanjin", UUID(int=7))
    for office, may in (("busanjin", own), ("haeundae", other)):
        try:
            TablePolicy().permit(actor, command, office)
        except Forbidden:
            assert not may
        else:
            assert may


@dataclasses.dataclass(frozen=True)
class SignedBySomebody(Fact):
    """What a signature will look like once it names its signatory: a reference."""

    organisation: UUID
    on: date
    signatory: UUID


def test_a_fact_holds_the_reference_to_a_person_and_no_more():
    fact = SignedBySomebody(UUID(int=9), 2, datetime(2025, 6, 10, tzinfo=UTC), LI, date(2025, 6, 10), BAE)
    assert state_of(fact) == (f'{{"on":"2025-06-10","organisation":"{LI}","provenance":null,"signatory":"{BAE}"}}')


def test_no_signature_holds_a_person_so_far():
    own = {field.name for field in dataclasses.fields(PartySigned)} - {field.name for field in dataclasses.fields(Fact)}
    assert own == {"organisation", "on", "place"}
