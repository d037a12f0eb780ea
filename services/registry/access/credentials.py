"""Tokens, one-time links and sessions. Only their SHA-256 is kept."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from registry.kernel.actors import Actor, Role
from registry.kernel.errors import NotFound, Unauthenticated
from registry.kernel.ports import Clock, Database, Ids, Row, Rows

Kind = Literal["token", "link", "session"]
PREFIX: dict[Kind, str] = {"token": "moa_", "link": "", "session": ""}
TOKEN_DAYS = 365
SESSION_HOURS = 12
# A credential is looked up once for all requests of so short a time; one that was revoked elsewhere works so
# much longer.
KNOWN_FOR = timedelta(seconds=1)
MOST_KNOWN = 10_000

# A valid credential and whose it is; $1 kind, $2 hash, $3 now.
LOOK_UP = """
    select a.id, a.role, a.office, c.expires_at from credential c join account a on a.id = c.account
    where c.kind = $1 and c.hash = $2 and c.spent_at is null and c.revoked_at is null
      and (c.expires_at is null or c.expires_at > $3)
"""
# Spends a one-time link, once however many try; $1 hash, $2 now.
SPEND = """
    update credential c set spent_at = $2 from account a
    where a.id = c.account and c.kind = 'link' and c.hash = $1
      and c.spent_at is null and c.revoked_at is null and c.expires_at > $2
    returning a.id, a.role, a.office
"""
REVOKE = "update credential set revoked_at = $2 where hash = $1 and revoked_at is null"
NEW_ACCOUNT = "insert into account (id, role, office, created_at) values ($1, $2, $3, $4)"
ACCOUNT = "select id from account where id = $1 and role = $2 and office = $3"
NEW_CREDENTIAL = "insert into credential (hash, kind, account, created_at, expires_at) values ($1, $2, $3, $4, $5)"


@dataclass(frozen=True)
class Access:
    """Issues credentials and recognises them."""

    database: Database
    clock: Clock
    ids: Ids
    _known: dict[tuple[Kind, bytes], tuple[Actor, datetime]] = field(default_factory=dict)

    async def open_account(self, role: Role, office: str) -> UUID:
        """An account for one person or system in an office. It has no name here."""
        account = self.ids.new()
        async with self.database.transaction() as transaction:
            await transaction.execute(NEW_ACCOUNT, account, role, office, self.clock.now())
        return account

    async def account(self, account: UUID, role: Role, office: str) -> UUID:
        """An account that is there already, if it has this role in this office; NotFound otherwise."""
        if not await self.database.fetch(ACCOUNT, account, role, office):
            raise NotFound(
                "access.account_unknown",
                ko="이 역할과 부서의 계정이 없습니다. 계정 번호를 확인해 주세요.",
                en="There is no such account with this role and office: check its number.",
            )
        return account

    async def issue_token(self, role: Role, office: str, *, account: UUID | None = None) -> str:
        """A bearer token, valid 365 days, for a new account unless one is given. Kept only as a hash."""
        return await self._issue("token", account or await self.open_account(role, office), timedelta(days=TOKEN_DAYS))

    async def issue_link(self, role: Role, office: str, *, valid: timedelta, account: UUID | None = None) -> str:
        """The secret of a one-time sign-in link, for a new account unless one is given."""
        return await self._issue("link", account or await self.open_account(role, office), valid)

    async def by_token(self, token: str) -> Actor:
        """Whose token this is; Unauthenticated if nobody's."""
        return await self._recognise("token", token)

    async def by_session(self, secret: str) -> Actor:
        """Whose session this is; Unauthenticated if nobody's."""
        return await self._recognise("session", secret)

    async def open_link(self, secret: str) -> tuple[Actor, datetime] | None:
        """For whom a link is and until when it is good; None when it cannot be spent. Asking does not spend it."""
        found = await _look_up(self.database, "link", secret, self.clock.now())
        if found is None:
            return None
        return Actor(found["role"], found["office"], found["id"]), found["expires_at"]

    async def spend_link(self, secret: str) -> str:
        """Spend a link; the secret of the session that it opens."""
        async with self.database.transaction() as transaction:
            found = await transaction.fetch(SPEND, _hash(secret), self.clock.now())
            if not found:
                raise Unauthenticated(
                    "access.link_spent",
                    ko="이미 사용했거나 유효 시간이 지난 로그인 링크입니다. 관리자에게 새 링크를 요청해 주세요.",
                    en="This sign-in link was used or has expired: ask an administrator for a new one.",
                )
            session = secrets.token_urlsafe(32)
            now = self.clock.now()
            expires = now + timedelta(hours=SESSION_HOURS)
            await transaction.execute(NEW_CREDENTIAL, _hash(session), "session", found[0]["id"], now, expires)
        return session

    async def end_session(self, secret: str) -> None:
        """Sign out."""
        self._known.pop(("session", _hash(secret)), None)
        async with self.database.transaction() as transaction:
            await transaction.execute(REVOKE, _hash(secret), self.clock.now())

    async def _issue(self, kind: Kind, account: UUID, valid: timedelta) -> str:
        secret = PREFIX[kind] + secrets.token_urlsafe(32)
        now = self.clock.now()
        async with self.database.transaction() as transaction:
            await transaction.execute(NEW_CREDENTIAL, _hash(secret), kind, account, now, now + valid)
        return secret

    async def _recognise(self, kind: Kind, secret: str) -> Actor:
        now, key = self.clock.now(), (kind, _hash(secret))
        actor, until = self._known.get(key, (None, now))
        if actor is not None and now < until:
            return actor
        found = await _look_up(self.database, kind, secret, now)
        if found is None:
            self._known.pop(key, None)
            raise nobody()
        actor = Actor(found["role"], found["office"], found["id"])
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[key] = actor, min(now + KNOWN_FOR, found["expires_at"] or now + KNOWN_FOR)
        return actor


def nobody() -> Unauthenticated:
    """The refusal of a request that nobody signed in for."""
    return Unauthenticated(
        "access.not_signed_in",
        ko="로그인이 필요합니다. 페이지는 로그인 링크로, API는 Authorization: Bearer 토큰으로 이용해 주세요.",
        en="Sign in first: pages with a sign-in link, the API with the header Authorization: Bearer TOKEN.",
    )


async def _look_up(rows: Rows, kind: Kind, secret: str, now: datetime) -> Row | None:
    found = await rows.fetch(LOOK_UP, kind, _hash(secret), now)
    return found[0] if found else None


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
