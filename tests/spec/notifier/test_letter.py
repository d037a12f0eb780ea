"""The letter says by when, why, and what happens if nobody acts, in Korean first and then in English."""

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from uuid import UUID

from notifier.delivery.letter import Occasion, Stationery, plain, write
from notifier.explain import why
from notifier.ids import mail_id, reminder_key, report_id
from notifier.schedule import Policy, schedule
from notifier.working_days import KoreanHolidays

from contracts.values import PeriodV1
from tests.spec.notifier.terms import BUSANJIN, term, watched

KOREA = KoreanHolidays()
TODAY = date(2026, 11, 23)
PAPER = Stationery("moa@moa.localhost", "moa.localhost", "http://127.0.0.1:8000")
TITLE = "부산진구와 시청구의 의료관광 활성화 및 우호협력에 관한 업무협약서 (MOU on medical tourism) 제2차"


def letter(title=TITLE, **given):
    of = watched(term(date(2027, 3, 1), **given), title=title)
    (due,) = schedule([of], Policy(), KOREA, TODAY)
    occasion = Occasion("0" * 32, TODAY, datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC), why(due, KOREA, TODAY))
    sent = write(due, occasion, to="busanjin@moa.localhost", on=PAPER).as_bytes()
    return sent, message_from_bytes(sent, policy=policy.default)


def test_a_long_korean_subject_arrives_as_it_was_written_in_ascii_lines():
    sent, received = letter()
    assert received["Subject"] == f"[모아] 해지통보 기한 2026-11-30 (7일 남음): {TITLE}"
    assert sent.isascii()
    assert max(len(line) for line in sent.split(b"\r\n")) <= 78


def test_the_headers_say_who_to_whom_and_which_letter():
    _, received = letter()
    assert received["To"] == "busanjin@moa.localhost"
    assert received["From"] == "모아 Moa <moa@moa.localhost>"
    assert received["Message-ID"] == f"<{'0' * 32}@moa.localhost>"
    assert received["Auto-Submitted"] == "auto-generated"


def test_the_text_is_korean_first_with_deadline_days_left_outcome_and_link():
    text = letter()[1].get_body(("plain",)).get_content()
    ko, en = text.split("-" * 40)
    assert "협약 2025-3" in ko
    assert "통보가 도달해야 안전한 마지막 날: 2026-11-30 (7일 남음)" in ko
    assert "통보 기간의 해당일: 2026-12-01" in ko
    assert "아무도 통보하지 않으면 협약은 종료일 다음 날부터 1년 자동연장됩니다." in ko
    assert f"http://127.0.0.1:8000/agreements/{BUSANJIN}" in ko
    assert "Last safe day for a notice to arrive: 2026-11-30 (7 days left)" in en
    assert "If nobody gives notice, the agreement renews itself for 1 year (tacit renewal)." in en


def test_without_tacit_renewal_it_says_that_the_agreement_ends():
    text = letter(renewal="express", period=PeriodV1(years=1))[1].get_body(("plain",)).get_content()
    assert "당사자가 연장에 합의하지 않으면 협약은 2027-03-01에 끝납니다." in text


def test_a_hostile_title_adds_no_header_no_markup_and_turns_no_text_around():
    _, received = letter(title="협약\r\nBcc: all@example.org\u202e<script>alert(1)</script>\x00")
    assert received["Bcc"] is None
    assert "협약 Bcc: all@example.org <script>alert(1)</script>" in received["Subject"]
    html = received.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_an_overlong_title_is_cut():
    assert plain("가" * 500) == "가" * 119 + "…"


def test_the_same_reminder_has_the_same_names_for_ever():
    key = reminder_key(BUSANJIN, 1, "notice-7", date(2026, 11, 30), "busanjin/renewals")
    assert key == "11111111-1111-4111-8111-111111111111:1:notice-7:2026-11-30:busanjin/renewals"
    assert mail_id(key) == "4ddabd370c39eae29f5a27e4a994bfbc"
    assert report_id(key, "sent") == UUID("2856c197-e510-546c-84bb-d392e737fd19")
    assert report_id(key, "sent") != report_id(key, "failed")
