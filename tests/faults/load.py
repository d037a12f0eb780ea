"""The callers: clerks who register, sign and compete over both replicas, and send again under the same key."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx

from tests.faults.witness import Acknowledged, Command, Refused, Witness

CALLERS = 8
HOT = 4
ASKS_FOR_SECONDS = 60.0
# How often a caller whose answer was lost never asks again.
WALKS_AWAY = 0.3
PAUSE_SECONDS = 0.03
AGAIN = {503, 500}
STALE = "record.stale"
TAKEN = "agreement.number_taken"
TERM = {"start": "2025-06-10", "end": "2028-06-09", "notice": {"months": 3}}


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in, and how the log names them."""

    actor: str
    token: str


@dataclass
class Town:
    """What the callers share: the organisations that are there, and where the numbers have come to."""

    organisations: list[UUID] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))


@dataclass
class Load:
    """All callers, until `ending` is set: then each finishes what it has begun, or drops it once `leaving` is set."""

    doors: Sequence[str]
    accounts: Sequence[Account]
    witness: Witness
    seed: int
    ending: threading.Event = field(default_factory=threading.Event)
    leaving: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Call until told to end."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        town = Town()
        timeout = httpx.Timeout(5.0, connect=1.0)
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client, asyncio.TaskGroup() as group:
            for number, account in enumerate(self.accounts):
                caller = Caller(self, account, town, client, Random(f"{self.seed}-{number}"))  # noqa: S311 (no secret)
                group.create_task(caller.work())


@dataclass
class Caller:
    """One clerk, who does one thing after the other."""

    load: Load
    account: Account
    town: Town
    client: httpx.AsyncClient
    chance: Random

    async def work(self) -> None:
        """Do this and that until told to end."""
        deeds: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (
            self.register,
            self.state_alias,
            self.state_alias,
            self.register_paper,
            self.compete_and_sign,
            self.hurry,
        )
        while not self.load.ending.is_set():
            few = len(self.town.organisations) < HOT
            await (self.register() if few else self.chance.choice(deeds)())

    async def register(self) -> None:
        """A new organisation."""
        answer = await self._ask("/organisations", self._organisation(), ("organisation.registered",))
        if answer:
            self.town.organisations.append(answer.record)

    async def state_alias(self) -> None:
        """Another name for one of the few organisations that everybody works on: replicas get in each other's way."""
        organisation = self.chance.choice(self.town.organisations[-HOT:])
        alias = {"alias": {"lang": "ko", "text": f"별칭 {next(self.town.numbers)}"}}
        await self._ask(f"/organisations/{organisation}/state-alias", alias, ("organisation.alias-stated",))

    async def register_paper(self) -> None:
        """Two facts in one act: an agreement that was signed on paper."""
        draft = self._draft(next(self.town.numbers)) | {"signed_on_paper": {"on": "2020-02"}}
        await self._ask("/agreements", draft, ("agreement.drafted", "agreement.signed-on-paper"))

    async def compete_and_sign(self) -> None:
        """Two drafts under one number through two doors; the winner is signed and enters into force."""
        draft = self._draft(next(self.town.numbers))
        rivals = [self._ask("/agreements", draft, ("agreement.drafted",), door=door) for door in (0, 1)]
        won = [answer for answer in await asyncio.gather(*rivals) if answer]
        if len(won) > 1:
            self.load.witness.unexpected.append(f"number {draft['number']} was given twice: {won}")
        if won:
            await self._bring_into_force(won[0].record, draft["parties"])

    async def _bring_into_force(self, agreement: UUID, parties: Sequence[dict[str, str]]) -> None:
        where = f"/agreements/{agreement}"
        signed = ("agreement.party-signed",)
        for party, topics in zip(parties, (signed, (*signed, "agreement.signed")), strict=True):
            if not await self._ask(f"{where}/sign", party | {"on": "2025-06-10"}, topics):
                return
        terms = {"on": "2025-06-10", "term": TERM}
        topics = ("agreement.entered-into-force", "agreement.term-set")
        await self._ask(f"{where}/enter-into-force", terms, topics)

    async def hurry(self) -> None:
        """The same request under the same key through both doors at once: one answer, one record."""
        command = Command(self.account.actor, self._key(), ("organisation.registered",))
        self.load.witness.asked.append(command)
        body = self._organisation()
        await asyncio.gather(*(self._insist("/organisations", body, command, door) for door in (0, 1)))

    async def _ask(
        self, path: str, body: object, topics: tuple[str, ...], *, door: int | None = None
    ) -> Acknowledged | None:
        command = Command(self.account.actor, self._key(), topics)
        self.load.witness.asked.append(command)
        return await self._insist(path, body, command, self.chance.randrange(2) if door is None else door)

    async def _insist(self, path: str, body: object, command: Command, door: int) -> Acknowledged | None:
        """Send it, under the same key and through the other door in turn, until there is an answer.

        None when it was refused, or when the caller walked away and never heard what became of it.
        """
        give_up = time.monotonic() + ASKS_FOR_SECONDS
        for attempt in itertools.count(1):
            sent = time.monotonic()
            if sent > give_up or self.load.leaving.is_set():
                break
            try:
                response = await self._send(path, body, command, door)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                pass  # nobody was there: it was not even sent
            except httpx.TransportError:
                if self.chance.random() < WALKS_AWAY:
                    return None
            else:
                if response.is_success:
                    return self._acknowledged(response, command, door, sent, attempt)
                if self._is_final(response, command):
                    return None
            await asyncio.sleep(PAUSE_SECONDS * (1 + self.chance.random()))
            door = 1 - door
        return None

    async def _send(self, path: str, body: object, command: Command, door: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.account.token}", "Idempotency-Key": str(command.key)}
        return await self.client.post(f"{self.load.doors[door]}/api/v1{path}", json=body, headers=headers)

    def _acknowledged(
        self, response: httpx.Response, command: Command, door: int, sent: float, attempt: int
    ) -> Acknowledged:
        told = response.json()
        heard = time.monotonic()
        place = told["version"], told["position"]
        answer = Acknowledged(command, UUID(told["id"]), *place, door, sent, heard, attempt)
        self.load.witness.acknowledge(answer)
        return answer

    def _is_final(self, response: httpx.Response, command: Command) -> bool:
        """Is there no use in sending it again? A fault is noted and tried again, as a person would."""
        code = response.json().get("code", "")
        if response.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
            self.load.witness.unexpected.append(f"500 {code} for {command.topics}")
        if response.status_code in AGAIN or code == STALE:
            return False
        if code == TAKEN:
            self.load.witness.refused.append(Refused(command, code))
        else:
            self.load.witness.unexpected.append(f"{response.status_code} {code} for {command.topics}")
        return True

    def _key(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def _organisation(self) -> dict[str, object]:
        name = {"lang": "ko", "text": f"기관 {next(self.town.numbers)}"}
        return {"kind": "local_government", "names": [name], "country": "KR"}

    def _draft(self, number: int) -> dict[str, Any]:
        parties = self.chance.sample(self.town.organisations, 2)
        return {
            "number": str(number),
            "year": 2025,
            "kind": "mou",
            "titles": [{"lang": "ko", "text": f"교류 협약 {number}"}],
            "parties": [{"organisation": str(party)} for party in parties],
        }
