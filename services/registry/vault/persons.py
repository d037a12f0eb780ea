"""Keeping, revealing and forgetting persons; each leaves its line in the access log, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

import structlog

from registry.kernel.errors import FieldError, Invalid, KeyReused, NotFound, Unavailable
from registry.kernel.ports import Clock, Database, Errand, Person, Policy, Row, Tombstone, Transaction
from registry.vault.envelope import Envelope
from registry.vault.keys import MasterKey
from registry.vault.reasons import WITHHELD, tells_of
from registry.vault.sealing import Unopened

NAMESPACE = UUID("6d6f6100-0000-5000-8000-000000000003")
logger = structlog.get_logger(__name__)

# Takes the vault for a master key, unless it is taken; $1 its fingerprint, $2 now.
TAKE = "insert into master_key (id, since) values ($1, $2) on conflict do nothing"
TAKEN_BY = "select id from master_key"
MIGRATED = "select to_regclass('master_key') is not null as well"
# A new person, once however often it is asked; $1 id, $2 office, $3-$6 the envelope, $7 now.
KEEP = """
    insert into person (id, office, wrapped_key, nonce, ciphertext, request_mac, kept_at)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing returning id
"""
# A person, held until the transaction ends so that forgetting and reading wait for each other; $1 id.
TO_READ = "select * from person where id = $1 for share"
TO_FORGET = "select * from person where id = $1 for update"
FORGET = """
    update person set wrapped_key = null, nonce = null, ciphertext = null, request_mac = null, forgotten_at = $2
    where id = $1
"""
# Makes whoever sends one command twice at once wait for its own answer; $1 who and the command.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
# What a command did that was run before; $1 who, $2 the command.
DONE_BY = "select what, person, why from access_log where who = $1 and command = $2"
# $1 now, $2 who, $3 their office, $4 from where, $5 person, $6 what, $7 why, $8 the command, if it was one.
NOTE = """
    insert into access_log (at, who, office, origin, person, what, why, command)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


class PersonVault:
    """The vault on Postgres; see `registry.kernel.ports.Vault`. It asks the policy itself, whoever calls."""

    def __init__(self, database: Database, master: MasterKey, clock: Clock, policy: Policy) -> None:
        """Use a migrated vault database, and the master key that it is under."""
        self._database = database
        self._master = master
        self._clock = clock
        self._policy = policy

    async def keep(self, command: UUID, fields: Person, office: str, errand: Errand) -> UUID:
        """Keep a person for `office`; the same command gives the same id, KeyReused for another content."""
        self._policy.permit(errand.by, "person.keep", office)
        person = uuid5(NAMESPACE, f"{errand.by.name}:{command}")
        now = self._clock.now()
        async with self._database.transaction() as transaction:
            await self._under_one_key(transaction, now)
            done = await _done_before(transaction, errand, command)
            if done and done["what"] != "kept":
                raise _key_reused()
            new = Envelope.around(self._master, person, fields, office)
            columns = (new.wrapped_key, new.nonce, new.ciphertext, new.request_mac)
            if await transaction.fetch(KEEP, person, office, *columns, now):
                await _note(transaction, now, errand, person, "kept", errand.why, command)
            else:
                await self._check_repeated(transaction, person, fields, office)
        logger.info("person.kept", person=str(person), command=str(command))
        return person

    async def reveal(self, person: UUID, errand: Errand) -> Person | Tombstone:
        """A person's fields, noted with the reason; a tombstone, of which there is nothing to note."""
        self._policy.permit(errand.by, "person.read")
        if errand.why is None:
            raise _unreasoned()
        async with self._database.transaction() as transaction:
            row = _known(await transaction.fetch(TO_READ, person), person)
            self._policy.permit(errand.by, "person.read", row["office"])
            if row["forgotten_at"] is not None:
                return Tombstone(person, row["forgotten_at"])
            fields = self._opened(row)
            named = tells_of(fields, errand.why)
            why = WITHHELD if named else errand.why
            await _note(transaction, self._clock.now(), errand, person, "read", why)
        if named:
            raise _named_in_reason()
        logger.info("person.read", person=str(person))
        return fields

    async def forget(self, command: UUID, person: UUID, errand: Errand) -> Tombstone:
        """Destroy a person's key and fields; who is forgotten already stays so, since the same moment."""
        self._policy.permit(errand.by, "person.forget")
        now = self._clock.now()
        async with self._database.transaction() as transaction:
            done = await _done_before(transaction, errand, command)
            row = _known(await transaction.fetch(TO_FORGET, person), person)
            self._policy.permit(errand.by, "person.forget", row["office"])
            if done and (done["what"], done["person"], done["why"]) != ("forgotten", person, errand.why):
                raise _key_reused()
            if row["forgotten_at"] is not None:
                return Tombstone(person, row["forgotten_at"])
            named = errand.why is not None and tells_of(self._opened(row), errand.why)
            if named:
                await _note(transaction, now, errand, person, "read", WITHHELD)
            else:
                await transaction.execute(FORGET, person, now)
                await _note(transaction, now, errand, person, "forgotten", errand.why, command)
        if named:
            raise _named_in_reason()
        logger.info("person.forgotten", person=str(person), command=str(command))
        return Tombstone(person, now)

    async def missing(self) -> list[str]:
        """What keeps the vault from serving, a sentence each."""
        try:
            if not (await self._database.fetch(MIGRATED))[0]["well"]:
                return ["the vault has no tables: run `registry migrate`"]
            taken = await self._database.fetch(TAKEN_BY)
        except Unavailable:
            return ["the vault's database cannot be reached"]
        if taken and taken[0]["id"] != self._master.fingerprint:
            return ["the vault is under another master key than MOA_VAULT_KEY"]
        return []

    async def _under_one_key(self, transaction: Transaction, now: datetime) -> None:
        """Refuse to keep anybody under a second master key: half of the names would be lost with either."""
        await transaction.execute(TAKE, self._master.fingerprint, now)
        if (await transaction.fetch(TAKEN_BY))[0]["id"] != self._master.fingerprint:
            raise _locked()

    async def _check_repeated(self, transaction: Transaction, person: UUID, fields: Person, office: str) -> None:
        row = _known(await transaction.fetch(TO_READ, person), person)
        if row["forgotten_at"] is not None:
            raise KeyReused(
                "person.forgotten",
                ko="이 Idempotency-Key로 등록한 사람의 정보는 파기되었습니다. 다시 등록하려면 새 키를 사용해 주세요.",
                en="Whom this Idempotency-Key registered was forgotten: use a new key to register somebody.",
            )
        try:
            same = _envelope(row).asked_with(self._master, person, fields, office)
        except Unopened:
            raise _locked() from None
        if not same:
            raise _key_reused()

    def _opened(self, row: Row) -> Person:
        try:
            return _envelope(row).open(self._master, row["id"])
        except Unopened:
            raise _locked() from None


async def _done_before(transaction: Transaction, errand: Errand, command: UUID) -> Row | None:
    await transaction.fetch(ONE_AT_A_TIME, f"{errand.by.name}:{command}")
    found = await transaction.fetch(DONE_BY, errand.by.name, command)
    return found[0] if found else None


async def _note(
    transaction: Transaction,
    now: datetime,
    errand: Errand,
    person: UUID,
    what: str,
    why: str | None,
    command: UUID | None = None,
) -> None:
    by = errand.by
    await transaction.execute(NOTE, now, by.name, by.office, errand.origin, person, what, why, command)


def _envelope(row: Row) -> Envelope:
    return Envelope(row["wrapped_key"], row["nonce"], row["ciphertext"], row["request_mac"])


def _known(rows: Sequence[Row], person: UUID) -> Row:
    if not rows:
        raise NotFound(
            "person.unknown",
            ko=f"등록된 사람이 없습니다: {person}. 주소를 확인해 주세요.",
            en=f"There is no such person: {person}. Check the address.",
        )
    return rows[0]


def _key_reused() -> KeyReused:
    return KeyReused(
        "command.key_reused",
        ko="이 Idempotency-Key는 다른 내용의 요청에 이미 쓰였습니다. 새 키로 보내 주세요.",
        en="This Idempotency-Key was used for another request: send this one under a new key.",
    )


def _unreasoned() -> Invalid:
    ko, en = "개인정보를 보는 이유를 적어 주세요.", "Say why you need this person's data."
    return Invalid("person.reason_needed", ko=ko, en=en, fields=(FieldError("why", "person.reason_needed", ko, en),))


def _named_in_reason() -> Invalid:
    ko = "이유에 그 사람의 이름이나 연락처를 적지 말아 주세요. 열람 기록은 파기 뒤에도 남습니다."
    en = "Give the reason without the person's name or contact: the access log outlives both."
    code = "person.reason_tells_of_them"
    return Invalid(code, ko=ko, en=en, fields=(FieldError("why", code, ko, en),))


def _locked() -> Unavailable:
    return Unavailable(
        "vault.locked",
        ko="지금의 MOA_VAULT_KEY로는 볼트를 열 수 없습니다. 관리자에게 알려 주세요.",
        en="The vault does not open with the present MOA_VAULT_KEY: tell the administrator.",
        retry_after=60,
    )
