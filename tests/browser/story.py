"""The story that the tests tell: Busanjin-gu and the Xicheng district of Beijing, June 2025."""

from datetime import date

from tests.browser.clerk import Clerk, Organisation

BUSANJIN = Organisation("부산광역시 부산진구", "Busanjin-gu, Busan")
XICHENG = Organisation("베이징시 시청구", "Xicheng District, Beijing", country="CN")
SIGNED = date(2025, 6, 10)
ENDS = date(2028, 6, 9)
# Three months before the end is 9 March 2028, the last safe day the 8th; ninety days before that:
TODAY = "2027-12-09"
REMINDER = "90일 전 알림 발송: busanjin 갱신 담당"
TITLE = "부산진구-시청구 우호교류 업무협약"
TITLE_EN = "Busanjin–Xicheng memorandum on exchange"


def conclude(clerk: Clerk, title: str = TITLE, english: str = TITLE_EN) -> str:
    """Draft, sign, put into force and give a term to the MOU of the two; its address."""
    address = clerk.draft(title, BUSANJIN.name, XICHENG.name, english=english, fields="의료관광\n문화\n보건")
    clerk.sign(XICHENG.name, SIGNED, "베이징시 시청구")
    clerk.sign(BUSANJIN.name, SIGNED, "베이징시 시청구")
    clerk.enter_into_force(SIGNED)
    clerk.set_term(SIGNED, ENDS, "자동연장", years=3, notice_months=3)
    return address
