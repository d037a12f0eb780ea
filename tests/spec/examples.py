"""Every fact that the registry knows, once with all that it can say and once with as little as it must."""

import importlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import registry
from registry.agreement import events as agreement
from registry.agreement.events import Party
from registry.delegation import events as delegation
from registry.delegation.events import Counterpart, Member
from registry.kernel.dates import FuzzyDate
from registry.kernel.facts import TOPICS
from registry.kernel.terms import Deadline, Period, Term
from registry.kernel.values import Provenance, Text
from registry.organisation import events as organisation
from registry.organisation.events import Identifier
from registry.partnership import events as partnership
from registry.renewal import events as renewal

from tests.spec.scenario import Told, fact

ONE, TWO, THREE = (UUID(int=number) for number in (0xB1, 0xC1, 0xA1))
TITLES = (Text("ko", "부산진구–시청구 업무협약 “공동” \\ 마케팅"), Text("zh-Hans", "合作备忘录"))
JUNE_10 = date(2025, 6, 10)
VAGUE = FuzzyDate("2019-02-18/2019-02-20")
SOURCE = Provenance("구정 소식", "4문단", "부산진구", "confirmed", FuzzyDate("2020-12"))
TERM = Term(
    JUNE_10,
    "on",
    date(2028, 6, 9),
    length=Period(years=3),
    from_midnight=True,
    renewal="tacit",
    period=Period(years=3),
    notice=Period(months=3),
    notice_clause="before_end",
    max_cycles=5,
)
UNKNOWN_TERM = Term(JUNE_10, "unknown", end_words="별도 합의 시까지")
DEADLINE = Deadline(date(2028, 3, 9), date(2028, 3, 8))
AT = datetime(2028, 3, 1, 0, 0, 0, 123456, tzinfo=UTC)

FULL: tuple[Told, ...] = (
    fact(
        organisation.OrganisationRegistered,
        office="busanjin",
        kind="hospital",
        names=TITLES,
        country="KR",
        region="KR-26",
        identifiers=(Identifier("kr-brn", "1168200276"),),
        provenance=SOURCE,
    ),
    fact(organisation.AliasStated, name=Text("ko", "라인업치과"), confirmed=True, provenance=SOURCE),
    fact(
        agreement.AgreementDrafted,
        office="busanjin",
        number="12-가",
        year=2025,
        kind="mou",
        titles=TITLES,
        fields=("의료관광", "문화"),
        parties=(Party(ONE, None, "갑", "주관"), Party(None, "현지 기관", "을", "협력")),
        stated_parties=4,
        parent=THREE,
        provenance=SOURCE,
    ),
    fact(agreement.PartySigned, organisation=ONE, on=JUNE_10, place="베이징", provenance=SOURCE),
    fact(agreement.AgreementSigned, on=JUNE_10, provenance=SOURCE),
    fact(agreement.AgreementSignedOnPaper, on=VAGUE, place="상하이", provenance=SOURCE),
    fact(agreement.AgreementEnteredIntoForce, on=JUNE_10, provenance=SOURCE),
    fact(agreement.TermSet, term=TERM, cycle=1, provenance=SOURCE),
    fact(
        partnership.PartnershipEstablished,
        office="busanjin",
        kind="sister",
        organisations=(ONE, TWO),
        since=FuzzyDate("201X"),
        words=Text("ko", "자매도시"),
        by=THREE,
        provenance=SOURCE,
    ),
    fact(partnership.PartnershipLapsed, on=FuzzyDate("2020~"), why="코로나19", provenance=SOURCE),
    fact(partnership.PartnershipResumed, on=FuzzyDate("2025-06-10"), by=THREE, provenance=SOURCE),
    fact(
        delegation.DelegationRegistered,
        office="busanjin",
        titles=TITLES,
        starts=FuzzyDate("XXXX-10-12"),
        ends=FuzzyDate("XXXX-10-16"),
        stated_headcount=20,
        stated_institutions=11,
        members=(Member(ONE, "참가 기관"), Member(TWO)),
        provenance=SOURCE,
    ),
    fact(
        delegation.StopPlanned,
        number=1,
        on=FuzzyDate("2025-06-09"),
        place="베이징",
        activities=("설명회",),
        counterparts=(Counterpart(TWO),),
        provenance=SOURCE,
    ),
    fact(
        delegation.StopHeld,
        number=2,
        on=VAGUE,
        place="베이징",
        activities=("설명회", "상담회"),
        counterparts=(Counterpart(TWO), Counterpart(None, "현지 업계 관계자")),
        agreements=(THREE,),
        provenance=SOURCE,
    ),
    fact(delegation.FollowUpPromised, words="축제 초청", on=FuzzyDate("2025-10?"), provenance=SOURCE),
    fact(
        renewal.RenewalCaseOpened,
        office="busanjin",
        agreement=THREE,
        cycle=1,
        ends=date(2028, 6, 9),
        deadline=DEADLINE,
        provenance=SOURCE,
    ),
    fact(renewal.NoticeDeadlineSet, ends=date(2028, 6, 9), deadline=DEADLINE, provenance=SOURCE),
    fact(
        renewal.ReminderRecorded,
        report=TWO,
        outcome="sent",
        rule="notice-7",
        deadline=date(2028, 3, 8),
        recipient_office="busanjin",
        recipient_role="staff",
        channel="mail",
        on=date(2028, 3, 1),
        at=AT,
        provenance=SOURCE,
    ),
)

BARE: tuple[Told, ...] = (
    fact(organisation.OrganisationRegistered, office="b1", kind="clinic", names=TITLES[:1], country="CN"),
    fact(organisation.AliasStated, name=TITLES[0], confirmed=False),
    fact(
        agreement.AgreementDrafted,
        office="b1",
        number="1",
        year=1999,
        kind="loi",
        titles=TITLES[:1],
        fields=(),
        parties=(),
    ),
    fact(agreement.PartySigned, organisation=ONE, on=JUNE_10),
    fact(agreement.AgreementSigned, on=JUNE_10),
    fact(agreement.AgreementSignedOnPaper, on=None),
    fact(agreement.AgreementEnteredIntoForce, on=JUNE_10),
    fact(agreement.TermSet, term=UNKNOWN_TERM, cycle=1),
    fact(partnership.PartnershipEstablished, office="b1", kind="cooperation", organisations=(ONE, TWO)),
    fact(partnership.PartnershipLapsed, why="코로나19"),
    fact(partnership.PartnershipResumed),
    fact(delegation.DelegationRegistered, office="b1", titles=TITLES[:1]),
    fact(delegation.StopPlanned, number=1),
    fact(delegation.StopHeld, number=1, on=FuzzyDate("2025-06-10")),
    fact(delegation.FollowUpPromised, words="팸투어"),
    fact(renewal.RenewalCaseOpened, office="b1", agreement=THREE, cycle=1, ends=None, deadline=None),
    fact(renewal.NoticeDeadlineSet, ends=None, deadline=None),
)


def topics() -> list[str]:
    """Every topic of every slice, whether this page knows of it or not; enters facts and records into their tables."""
    for folder in Path(registry.__path__[0]).iterdir():
        if (folder / "events.py").is_file():
            importlib.import_module(f"registry.{folder.name}.aggregate")
    return sorted(TOPICS)


def called(told: Told) -> str:
    """How a test names an example."""
    return told.kind.topic


def row(topic: str, state: str, *, version: int = 1) -> dict[str, Any]:
    """A row of the log as the store gives it."""
    metadata = (
        '{"actor":"staff:0","office":"busanjin","command":"00000000-0000-4000-8000-0000000000cc",'
        '"correlation":"00000000-0000-4000-8000-0000000000dd"}'
    )
    return {
        "position": 7,
        "stream": ONE,
        "version": version,
        "topic": topic,
        "state": state,
        "metadata": metadata,
        "recorded_at": AT,
    }
