"""Made-up lives of records, always the same ones: acts of several facts each, as offices would have recorded them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from registry.agreement.events import (
    AgreementDrafted,
    AgreementEnteredIntoForce,
    AgreementSigned,
    AgreementSignedOnPaper,
    Party,
    PartySigned,
    TermSet,
)
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import Fact
from registry.kernel.terms import Period, Term, notice_deadline
from registry.kernel.values import Provenance, Text
from registry.organisation.events import AliasStated, Identifier, OrganisationRegistered
from registry.partnership.events import PartnershipEstablished, PartnershipLapsed
from registry.renewal.commands import case_id
from registry.renewal.events import NoticeDeadlineSet, ReminderRecorded, RenewalCaseOpened

OFFICES = ("busanjin", "haeundae", "suyeong", "main", "health")
PLACES = ("부산", "시청구", "상하이", "울란바토르", "다낭", "후쿠오카", "블라디보스토크")
FIELDS = ("의료관광", "문화", "교육", "경제", "청소년 교류", "행정")
SOURCE = Provenance("업무협약 관리대장", "3행", "국제협력팀", "confirmed", FuzzyDate("2025"))
SYSTEM = "system:00000000-0000-0000-0000-000000000000"
REGISTERED_IN = 2015
# Whose names new records mention: the organisations that came last.
REMEMBERED = 500


@dataclass(frozen=True)
class Deed:
    """What one command recorded: by whom, for which record, which facts, and which name it took."""

    actor: str
    office: str
    target: UUID
    facts: tuple[Fact, ...]
    reserved: tuple[str, str] | None = None


class Lives:
    """An endless source of deeds; the same seed tells the same lives."""

    def __init__(self, seed: int) -> None:
        """Nothing has happened yet."""
        self.random = random.Random(seed)  # noqa: S311 - made up on purpose, and the same each time
        self._number = 0
        self._organisations: list[UUID] = []

    def deeds(self, day: date) -> list[Deed]:
        """One agreement's whole life around `day`, with an organisation of its own; 6 to 16 facts."""
        self._number += 1
        office, clerk = self._clerk()
        organisation, other = self.id(), self._another()
        told = [self._organisation(organisation, office, clerk, day)]
        if self.chance(0.15):
            told.append(Deed(clerk, office, organisation, (self._alias(organisation, day),)))
        agreement = self.id()
        told += self._agreement(agreement, (organisation, other), office, clerk, day)
        if self.chance(0.2):
            told += self._partnership((organisation, other), agreement, office, clerk, day)
        self._organisations.append(organisation)
        del self._organisations[:-REMEMBERED]
        return told

    def id(self) -> UUID:
        """A new id."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def chance(self, share: float) -> bool:
        """Yes, in so many of all cases."""
        return self.random.random() < share

    def _clerk(self) -> tuple[str, str]:
        place = self.random.randrange(len(OFFICES))
        return OFFICES[place], f"staff:{UUID(int=place + 1)}"

    def _another(self) -> UUID:
        return self.random.choice(self._organisations) if self._organisations else self.id()

    def _organisation(self, record: UUID, office: str, clerk: str, day: date) -> Deed:
        place = self.random.choice(PLACES)
        number = f"{self._number:07d}"
        fact = OrganisationRegistered(
            record,
            1,
            _at(day),
            originator_topic="organisation",
            office=office,
            kind="local_government",
            names=(Text("ko", f"{place} 제{self._number}기관"), Text("en", f"Institution {self._number}")),
            country="KR",
            identifiers=(Identifier("kr-agency", number),),
            provenance=SOURCE,
        )
        return Deed(clerk, office, record, (fact,), ("organisation.kr-agency", number))

    def _alias(self, record: UUID, day: date) -> AliasStated:
        return AliasStated(record, 2, _at(day), name=Text("ko", f"기관 {self._number}"), confirmed=self.chance(0.5))

    def _agreement(
        self, record: UUID, parties: tuple[UUID, UUID], office: str, clerk: str, day: date
    ) -> Iterator[Deed]:
        """Drafted, signed by both or on paper, in force with a term, and its renewal case."""
        number, at = f"제{self._number}호", _at(day)
        signed = day - timedelta(days=self.random.randrange(1, 900))
        drafted = AgreementDrafted(
            record,
            1,
            at,
            originator_topic="agreement",
            office=office,
            number=number,
            year=signed.year,
            kind=self.random.choice(("mou", "loi", "friendship", "sister")),
            titles=(Text("ko", f"{self.random.choice(PLACES)} 업무협약 {self._number}"),),
            fields=tuple(self.random.sample(FIELDS, 2)),
            parties=tuple(Party(organisation) for organisation in parties),
            provenance=SOURCE,
        )
        name = (f"agreement.number:{office}:{signed.year}", number)
        if self.chance(0.3):
            paper = AgreementSignedOnPaper(record, 2, at, on=FuzzyDate.of(signed), place="부산", provenance=SOURCE)
            yield Deed(clerk, office, record, (drafted, paper), name)
            version = 2
        else:
            yield Deed(clerk, office, record, (drafted,), name)
            first, second = parties
            yield Deed(clerk, office, record, (PartySigned(record, 2, at, organisation=first, on=signed),))
            last = PartySigned(record, 3, at, organisation=second, on=signed, place="부산")
            yield Deed(clerk, office, record, (last, AgreementSigned(record, 4, at, on=signed)))
            version = 4
        yield from self._term(record, version, signed, office, clerk, at)

    def _term(self, record: UUID, version: int, signed: date, office: str, clerk: str, at: datetime) -> Iterator[Deed]:
        case = case_id(record, 1)
        for attempt in range(1 + self.chance(0.3)):
            term = _term(signed, years=self.random.randrange(1, 6))
            deadline = notice_deadline(term)
            fact = TermSet(record, version + 2 + attempt, at, term=term, cycle=1, provenance=SOURCE)
            if attempt == 0:
                force = AgreementEnteredIntoForce(record, version + 1, at, on=signed)
                opened = RenewalCaseOpened(
                    case,
                    1,
                    at,
                    originator_topic="renewal",
                    office=office,
                    agreement=record,
                    cycle=1,
                    ends=term.end,
                    deadline=deadline,
                )
                yield Deed(clerk, office, record, (force, fact))
                yield Deed(SYSTEM, "moa", case, (opened,))
            else:
                yield Deed(clerk, office, record, (fact,))
                yield Deed(SYSTEM, "moa", case, (NoticeDeadlineSet(case, 2, at, ends=term.end, deadline=deadline),))
        yield from self._reminders(case, 3 if attempt else 2, office, at)

    def _reminders(self, case: UUID, version: int, office: str, at: datetime) -> Iterator[Deed]:
        for rung in range(self.random.randrange(4)):
            reminder = ReminderRecorded(
                case,
                version + rung,
                at,
                report=self.id(),
                outcome="sent",
                rule=f"notice-{(180, 90, 30)[rung]}",
                deadline=at.date(),
                recipient_office=office,
                recipient_role="staff",
                channel="mail",
                on=at.date(),
                at=at,
            )
            yield Deed(SYSTEM, "moa", case, (reminder,))

    def _partnership(
        self, organisations: tuple[UUID, UUID], agreement: UUID, office: str, clerk: str, day: date
    ) -> Iterator[Deed]:
        record, at = self.id(), _at(day)
        established = PartnershipEstablished(
            record,
            1,
            at,
            originator_topic="partnership",
            office=office,
            kind="friendship",
            organisations=organisations,
            since=FuzzyDate(str(self.random.randrange(1990, REGISTERED_IN))),
            by=agreement,
        )
        yield Deed(clerk, office, record, (established,))
        if self.chance(0.2):
            yield Deed(clerk, office, record, (PartnershipLapsed(record, 2, at, on=FuzzyDate("2020"), why="코로나19"),))


def _term(start: date, *, years: int) -> Term:
    length: Any = Period(years=years)
    end = date(start.year + years, start.month, min(start.day, 28))
    return Term(
        start, "on", end, length=length, renewal="tacit", period=length, notice=Period(months=3),
        notice_clause="before_end",
    )  # fmt: skip


def _at(day: date) -> datetime:
    return datetime.combine(day, time(1), UTC)
