"""The story that the tests tell: two local governments sign an MOU in June 2025, and a notice falls due."""

from dataclasses import dataclass
from datetime import date

from tests.browser.clerk import Clerk, Organisation

SIGNED = date(2025, 6, 10)
ENDS = date(2028, 6, 9)
# Three months before the end is 9 March 2028, the last safe day the 8th; ninety days before that:
TODAY = "2027-12-09"
PLACE = "베이징시 시청구"


@dataclass(frozen=True)
class Memorandum:
    """An MOU of two parties."""

    ours: Organisation
    theirs: Organisation
    title: str
    english: str

    def history(self, office: str) -> list[str]:
        """What its page tells once the reminder went out, newest first."""
        return [
            f"90일 전 알림 발송: {office} 갱신 담당 (가정한 날짜로 시험 실행 중 발송)",
            "1차 갱신 검토 시작",
            "협약 기간 기록: 2025-06-10 – 2028-06-09, 자동연장 3년, 종료일 3개월 전 통보",
            "협약 발효",
            "모든 당사자가 서명하여 체결",
            f"{self.ours.name} 서명({PLACE})",
            f"{self.theirs.name} 서명({PLACE})",
            f"대장에 등록: {self.title}, 당사자 2곳",
        ]


BUSANJIN = Memorandum(
    Organisation("부산광역시 부산진구", "Busanjin-gu, Busan"),
    Organisation("베이징시 시청구", "Xicheng District, Beijing", country="CN"),
    "부산진구-시청구 우호교류 업무협약",
    "Busanjin–Xicheng memorandum on exchange",
)
YEONGDEUNGPO = Memorandum(
    Organisation("서울특별시 영등포구", "Yeongdeungpo-gu, Seoul"),
    Organisation("상하이시 황푸구", "Huangpu District, Shanghai", country="CN"),
    "영등포구-황푸구 우호교류 업무협약",
    "Yeongdeungpo–Huangpu memorandum on exchange",
)
GYEONGGI = Memorandum(
    Organisation("경기도", "Gyeonggi Province"),
    Organisation("망기스타우주", "Mangystau Region", country="KZ"),
    "경기도-망기스타우주 보건의료 업무협약",
    "Gyeonggi–Mangystau memorandum on health care",
)


def conclude(clerk: Clerk, mou: Memorandum) -> str:
    """Register the parties; draft, sign, put into force and give a term to their MOU; its address."""
    clerk.register(mou.ours)
    clerk.register(mou.theirs)
    address = clerk.draft(mou.title, mou.ours.name, mou.theirs.name, english=mou.english, fields="의료관광\n문화\n보건")
    clerk.sign(mou.theirs.name, SIGNED, PLACE)
    clerk.sign(mou.ours.name, SIGNED, PLACE)
    clerk.enter_into_force(SIGNED)
    clerk.set_term(SIGNED, ENDS, "자동연장", years=3, notice_months=3)
    return address


def reminded(clerk: Clerk, mou: Memorandum, office: str) -> None:
    """Wait on the agreement's page until the reminder stands in its history."""
    clerk.wait_for(clerk.history.filter(has_text=mou.history(office)[0]))
