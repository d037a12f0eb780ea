"""Every word on the pages, in Korean and in English."""

from typing import NamedTuple


class Words(NamedTuple):
    """One text in both languages; `{name}` marks what a page fills in."""

    ko: str
    en: str


def translate(key: str, lang: str) -> str:
    """Give the word `key` in `lang` (`ko` or `en`); KeyError for an unknown key."""
    words = WORDS[key]
    return words.en if lang == "en" else words.ko


def country(code: str, lang: str) -> str:
    """Name the country of an ISO 3166-1 code in `lang`; the code itself where there is no word for it."""
    words = _UNKNOWN_COUNTRY if code == "ZZ" else _COUNTRIES.get(code)
    return code if words is None else words.en if lang == "en" else words.ko


def countries(lang: str) -> list[tuple[str, str]]:
    """Codes and names to choose from: Korea first, the others by name."""
    return sorted(((code, country(code, lang)) for code in _COUNTRIES), key=lambda pair: (pair[0] != "KR", pair[1]))


_FRAME = {
    "site.name": Words("모아 협약 대장", "Moa agreement register"),
    "site.purpose": Words(
        "협약과 파트너십을 한곳에 모아 관리합니다.", "Partnerships and agreements, gathered in one place."
    ),
    "site.promise": Words(
        "등록된 내용은 지우거나 덮어쓰지 않으며, 모든 변경은 이력으로 남습니다.",
        "Nothing registered is erased or overwritten; every change stays in the history.",
    ),
    "site.skip": Words("본문 바로가기", "Skip to the content"),
    "site.chosen_day": Words(
        "기한을 {day} 기준으로 계산하여 보여 드립니다. 실제 오늘 날짜가 아닙니다.",
        "Deadlines are counted as of {day}, a chosen day, not today.",
    ),
    "nav.label": Words("주 메뉴", "Main menu"),
    "nav.register": Words("협약 대장", "Register"),
    "nav.organisations": Words("기관", "Organisations"),
    "nav.new_agreement": Words("협약 등록", "New agreement"),
    "nav.reminders": Words("알림", "Reminders"),
    "user.signed_in_as": Words("로그인:", "Signed in:"),
    "user.sign_out": Words("로그아웃", "Sign out"),
    "user.office": Words("소속", "Office"),
    "user.role": Words("역할", "Role"),
    "role.staff": Words("담당자", "Staff"),
    "role.auditor": Words("감사 담당자", "Auditor"),
    "role.administrator": Words("관리자", "Administrator"),
    "role.service": Words("연계 시스템", "Service"),
    "role.system": Words("시스템", "System"),
    "done.organisation_registered": Words("기관을 등록하였습니다.", "The organisation is registered."),
    "done.agreement_drafted": Words("협약을 초안으로 등록하였습니다.", "The agreement is registered as a draft."),
    "done.agreement_registered": Words("체결된 협약을 등록하였습니다.", "The signed agreement is registered."),
    "done.signature_recorded": Words("서명을 기록하였습니다.", "The signature is recorded."),
    "done.entry_into_force_recorded": Words("발효를 기록하였습니다.", "The entry into force is recorded."),
    "done.term_set": Words("협약 기간을 기록하였습니다.", "The term is recorded."),
}

_FORMS = {
    "form.required": Words("필수", "required"),
    "form.choose": Words("선택하세요", "Choose"),
    "form.missing": Words("필수 항목입니다. 입력하거나 골라 주세요.", "This is required: fill it in."),
    "form.not_listed": Words("목록에서 골라 주세요.", "Choose one from the list."),
    "form.used": Words(
        "이 화면에서 이미 다른 내용을 등록하였습니다. 아래 내용을 새로 등록하려면 한 번 더 눌러 주세요. ({code})",
        "Something else was registered from this form already: press the button once more to register this too. ({code})",
    ),
    "form.search": Words("검색", "Search"),
    "form.cancel": Words("취소", "Cancel"),
    "form.fuzzy_date": Words(
        "예: 2025-06-09. 월까지만 확인되면 2025-06으로 적습니다.",
        "For example 2025-06-09; 2025-06 if only the month is known.",
    ),
    "errors.prefix": Words("오류: ", "Error: "),
    "errors.title": Words("{count}개 항목을 확인해 주세요.", "Please check {count} entries."),
    "errors.title.one": Words("1개 항목을 확인해 주세요.", "Please check one entry."),
    "problem.what_to_do": Words("이렇게 해 보세요", "What to do"),
    "problem.code": Words("오류 코드", "Code"),
    "problem.back": Words("협약 대장으로", "To the register"),
    "problem.400": Words("요청을 읽을 수 없습니다", "The request cannot be read"),
    "problem.401": Words("로그인이 필요합니다", "Sign in first"),
    "problem.403": Words("권한이 없습니다", "You may not do this"),
    "problem.404": Words("찾을 수 없습니다", "Not found"),
    "problem.405": Words("이 주소에서는 할 수 없는 요청입니다", "This address does not take that request"),
    "problem.409": Words("지금은 기록할 수 없습니다", "This cannot be recorded now"),
    "problem.413": Words("보낸 내용이 너무 큽니다", "This is too large"),
    "problem.422": Words("입력한 내용을 확인해 주세요", "Check what you entered"),
    "problem.500": Words("모아에 문제가 생겼습니다", "Something went wrong"),
    "problem.503": Words("잠시 뒤 다시 시도해 주세요", "Try again in a moment"),
    "problem.other": Words("요청을 처리할 수 없습니다", "The request was refused"),
    "date.none": Words("없음", "None"),
    "date.unrecorded": Words("기록 없음", "No record"),
    "date.year": Words("{year}년", "{year}"),
    "date.year_unknown": Words("연도 미상", "year unknown"),
    "date.doubtful": Words("(추정)", "(approximate)"),
    "days.left": Words("D-{count}", "{count} days left"),
    "days.tomorrow": Words("D-1", "1 day left"),
    "days.today": Words("오늘까지", "Today"),
    "days.past": Words("{count}일 지남", "{count} days ago"),
    "period.years": Words("{count}년", "{count} years"),
    "period.years.one": Words("1년", "1 year"),
    "period.months": Words("{count}개월", "{count} months"),
    "period.months.one": Words("1개월", "1 month"),
    "period.days": Words("{count}일", "{count} days"),
    "period.days.one": Words("1일", "1 day"),
    "unit.years": Words("년", "Years"),
    "unit.months": Words("개월", "Months"),
    "unit.days": Words("일", "Days"),
    "month.01": Words("1월", "Jan"),
    "month.02": Words("2월", "Feb"),
    "month.03": Words("3월", "Mar"),
    "month.04": Words("4월", "Apr"),
    "month.05": Words("5월", "May"),
    "month.06": Words("6월", "June"),
    "month.07": Words("7월", "July"),
    "month.08": Words("8월", "Aug"),
    "month.09": Words("9월", "Sept"),
    "month.10": Words("10월", "Oct"),
    "month.11": Words("11월", "Nov"),
    "month.12": Words("12월", "Dec"),
}

_SIGN_IN = {
    "sign_in.title": Words("로그인", "Sign in"),
    "sign_in.spent": Words("이 링크는 사용할 수 없습니다.", "This link cannot be used."),
    "sign_in.spent.text": Words(
        "이미 사용했거나 유효 시간이 지난 링크입니다. 관리자에게 새 링크를 요청해 주세요.",
        "It was used before or has expired: ask an administrator for a new one.",
    ),
    "sign_in.lead": Words(
        "비밀번호 대신 한 번만 쓸 수 있는 로그인 링크로 들어옵니다. 협약 대장은 로그인한 사람만 볼 수 있습니다.",
        "You sign in with a link that works once; there is no password. Only people who have signed in see the register.",
    ),
    "sign_in.how": Words("로그인 링크 받기", "Getting a sign-in link"),
    "sign_in.step.ask": Words(
        "소속 기관의 관리자에게 로그인 링크를 요청합니다.", "Ask your administrator for a sign-in link."
    ),
    "sign_in.step.open": Words(
        "받은 링크를 15분 안에 이 컴퓨터의 브라우저에서 엽니다.",
        "Open it in the browser of this computer within 15 minutes.",
    ),
    "sign_in.step.confirm": Words(
        "소속과 역할이 맞는지 확인하고 로그인 단추를 누릅니다.", "Check the office and the role, then press the button."
    ),
    "sign_in.administrator": Words("관리자라면", "If you are the administrator"),
    "sign_in.administrator.text": Words(
        "서버에서 다음 명령을 실행하면 링크가 한 줄로 출력됩니다. 역할과 기관 코드는 필요에 맞게 바꾸어 주세요.",
        "Run this command on the server; it prints the link on one line. Change the role and the office as needed.",
    ),
    "sign_in.command": Words("로그인 링크 발급 명령", "Command that issues a sign-in link"),
    "sign_in.first_run": Words(
        "처음 실행할 때 화면에 출력된 링크만 24시간 동안 쓸 수 있습니다(그 밖의 링크는 15분).",
        "Only the link printed on the first run is valid for 24 hours (any other for 15 minutes).",
    ),
    "sign_in_confirm.title": Words("로그인 확인", "Confirm sign-in"),
    "sign_in_confirm.valid_until": Words("링크 유효 시각", "Link valid until"),
    "sign_in_confirm.button": Words("이 정보로 로그인", "Sign in"),
    "sign_in_confirm.unspent": Words(
        "이 화면을 여는 것만으로는 링크가 사용되지 않습니다. 단추를 누르면 한 번 사용되며, 그 뒤에는 다시 쓸 수 없습니다.",
        "Opening this page does not use the link up. Pressing the button does, and the link then works no more.",
    ),
}

_CODES = {
    "state.drafted": Words("초안", "Drafted"),
    "state.reviewed": Words("검토 완료", "Reviewed"),
    "state.cleared": Words("승인", "Cleared"),
    "state.part_signed": Words("일부 서명", "Part signed"),
    "state.signed": Words("체결", "Signed"),
    "state.in_force": Words("발효", "In force"),
    "state.suspended": Words("효력 정지", "Suspended"),
    "state.expired": Words("기간 만료", "Expired"),
    "state.terminated": Words("해지", "Terminated"),
    "state.superseded": Words("대체됨", "Superseded"),
    "kind.loi": Words("의향서(LOI)", "Letter of intent (LOI)"),
    "kind.mou": Words("업무협약(MOU)", "Memorandum of understanding (MOU)"),
    "kind.friendship": Words("우호협력 협약", "Friendship agreement"),
    "kind.sister": Words("자매결연 협약", "Sister relationship"),
    "kind.contract": Words("계약", "Contract"),
    "kind.implementing": Words("부속합의서", "Implementing arrangement"),
    "kind.amendment": Words("변경협약", "Amendment"),
    "kind.short.loi": Words("의향서", "LOI"),
    "kind.short.mou": Words("업무협약", "MOU"),
    "kind.short.friendship": Words("우호협력", "Friendship"),
    "kind.short.sister": Words("자매결연", "Sister"),
    "kind.short.contract": Words("계약", "Contract"),
    "kind.short.implementing": Words("부속합의서", "Implementing"),
    "kind.short.amendment": Words("변경협약", "Amendment"),
    "organisation_kind.local_government": Words("지방자치단체", "Local government"),
    "organisation_kind.ministry": Words("중앙행정기관", "Ministry"),
    "organisation_kind.hospital": Words("병원", "Hospital"),
    "organisation_kind.clinic": Words("의원", "Clinic"),
    "organisation_kind.university": Words("대학교", "University"),
    "organisation_kind.association": Words("협회·단체", "Association"),
    "organisation_kind.company": Words("기업", "Company"),
    "organisation_kind.agency": Words("유치업체·여행사", "Agency"),
    "organisation_kind.hotel": Words("호텔", "Hotel"),
    "organisation_kind.office": Words("사무소", "Office"),
    "side.ours": Words("우리 측", "Our side"),
    "side.theirs": Words("상대 측", "Their side"),
    "side.third": Words("제3자 측", "Third side"),
    "party_role.signatory": Words("체결 당사자", "Signatory"),
    "party_role.lead": Words("주관 기관", "Lead"),
    "party_role.co_operating": Words("협력 기관", "Co-operating body"),
    "party_role.witness": Words("입회 기관", "Witness"),
    "end_kind.on": Words("종료일이 정해져 있음", "Ends on a stated day"),
    "end_kind.indefinite": Words("기한을 정하지 않음", "Indefinite"),
    "end_kind.unknown": Words("확인되지 않음", "Unknown"),
    "end_kind.short.on": Words("종료일 지정", "Stated day"),
    "end_kind.short.indefinite": Words("기한 없음", "Indefinite"),
    "end_kind.short.unknown": Words("미상", "Unknown"),
    "renewal.none": Words("갱신 없음", "No renewal"),
    "renewal.express": Words("합의 연장", "Express renewal"),
    "renewal.tacit": Words("자동연장", "Tacit renewal"),
    "modality.planned": Words("계획", "Planned"),
    "modality.reported": Words("보도·보고", "Reported"),
    "modality.confirmed": Words("확인", "Confirmed"),
    "renewal_state.open": Words("검토 전", "Open"),
    "renewal_state.acknowledged": Words("담당자 확인", "Acknowledged"),
    "renewal_state.snoozed": Words("잠시 미룸", "Snoozed"),
    "renewal_state.escalated": Words("상급자 보고", "Escalated"),
    "renewal_state.decided": Words("결정", "Decided"),
    "renewal_state.closed": Words("종결", "Closed"),
    "outcome.sent": Words("발송", "Sent"),
    "outcome.late": Words("늦게 발송", "Sent late"),
    "outcome.failed": Words("발송 실패", "Failed"),
    "outcome.answered": Words("회신", "Answered"),
    "outcome.escalated": Words("상급자 보고", "Escalated"),
    "channel.email": Words("전자우편", "E-mail"),
    "channel.maildir": Words("전자우편(발송 우편함)", "E-mail (mailbox)"),
    "channel.smtp": Words("전자우편", "E-mail"),
    "channel.webhook": Words("웹훅", "Webhook"),
    "channel.calendar": Words("일정", "Calendar"),
}

# ZZ is what ISO 3166-1 leaves to its users; here the source does not say.
_UNKNOWN_COUNTRY = Words("국가 미상", "Country not stated")
_COUNTRIES = {
    "AE": Words("아랍에미리트", "United Arab Emirates"),
    "AU": Words("호주", "Australia"),
    "CA": Words("캐나다", "Canada"),
    "CN": Words("중국", "China"),
    "DE": Words("독일", "Germany"),
    "FR": Words("프랑스", "France"),
    "GB": Words("영국", "United Kingdom"),
    "HK": Words("홍콩", "Hong Kong"),
    "ID": Words("인도네시아", "Indonesia"),
    "IN": Words("인도", "India"),
    "JP": Words("일본", "Japan"),
    "KG": Words("키르기스스탄", "Kyrgyzstan"),
    "KH": Words("캄보디아", "Cambodia"),
    "KR": Words("대한민국", "Republic of Korea"),
    "KZ": Words("카자흐스탄", "Kazakhstan"),
    "MM": Words("미얀마", "Myanmar"),
    "MN": Words("몽골", "Mongolia"),
    "MY": Words("말레이시아", "Malaysia"),
    "PH": Words("필리핀", "Philippines"),
    "RU": Words("러시아", "Russia"),
    "SA": Words("사우디아라비아", "Saudi Arabia"),
    "SG": Words("싱가포르", "Singapore"),
    "TH": Words("태국", "Thailand"),
    "TW": Words("대만", "Taiwan"),
    "US": Words("미국", "United States"),
    "UZ": Words("우즈베키스탄", "Uzbekistan"),
    "VN": Words("베트남", "Viet Nam"),
}

_REGISTER = {
    "register.title": Words("협약 대장", "Register of agreements"),
    "register.new": Words("협약 등록", "New agreement"),
    "register.search": Words("협약 검색", "Search agreements"),
    "register.search.words": Words("번호, 협약명, 당사자", "Number, title or party"),
    "register.search.example": Words("예: 시청구, 의료관광", "e.g. Xicheng, medical tourism"),
    "register.state": Words("상태", "State"),
    "register.state.all": Words("전체", "All"),
    "register.count": Words("협약 {count}건", "Agreements: {count}"),
    "register.count.found": Words("검색 결과 {count}건", "{count} found"),
    "register.clear": Words("검색 조건 지우기", "Clear the search"),
    "register.caption": Words(
        "협약 대장: 번호와 종류, 협약명, 당사자, 상태, 체결일, 발효일, 종료일, 통보 기한, 담당 부서",
        "Agreements: number and kind, title, parties, state, signed, in force since, ends, notice deadline, office",
    ),
    "register.column.number": Words("번호·종류", "Number, kind"),
    "register.column.title": Words("협약명", "Title"),
    "register.column.parties": Words("당사자", "Parties"),
    "register.column.state": Words("상태", "State"),
    "register.column.signed": Words("체결일", "Signed"),
    "register.column.in_force": Words("발효일", "In force"),
    "register.column.ends": Words("종료일", "Ends"),
    "register.column.notice": Words("통보 기한", "Notice by"),
    "register.column.office": Words("담당", "Office"),
    "register.parties.more": Words("외 {count}곳", "and {count} more"),
    "register.pages": Words("목록 넘기기", "Pages"),
    "register.first": Words("처음으로", "Back to the start"),
    "register.more": Words("더 보기", "More"),
    "register.none.title": Words("조건에 맞는 협약이 없습니다.", "No agreement matches."),
    "register.none.text": Words(
        "검색어를 짧게 줄이거나 상태를 전체로 바꾸어 보세요. 기관 이름의 일부만 입력하셔도 됩니다.",
        "Try fewer letters or all states; part of a party's name is enough.",
    ),
    "register.empty.title": Words("아직 등록된 협약이 없습니다.", "No agreement is registered yet."),
    "register.empty.text": Words(
        "대장은 다음 순서로 채우시면 됩니다. 종이로 체결한 협약도 같은 방법으로 등록합니다.",
        "Fill the register in this order; agreements signed on paper go the same way.",
    ),
    "register.empty.step.organisations": Words(
        "협약에 참여하는 기관을 두 곳 이상 등록합니다.", "Register the organisations that take part, two at least."
    ),
    "register.empty.step.agreement": Words(
        "협약을 등록하고 당사자별 서명과 발효일을 기록합니다.",
        "Register the agreement, then record each party's signature and the entry into force.",
    ),
    "register.empty.step.term": Words(
        "협약 기간과 자동연장, 해지통보 조항을 기록하면 기한 전에 알림을 보내 드립니다.",
        "Record its term, renewal and notice clause; reminders then go out before the deadline.",
    ),
}

_ORGANISATIONS = {
    "organisations.title": Words("기관", "Organisations"),
    "organisations.new": Words("기관 등록", "New organisation"),
    "organisations.search": Words("기관 검색", "Search organisations"),
    "organisations.search.words": Words("기관 이름", "Name"),
    "organisations.count": Words("기관 {count}곳", "Organisations: {count}"),
    "organisations.caption": Words(
        "기관 목록: 이름, 유형, 국가, 담당 부서, 협약 수",
        "Organisations: name, kind, country, office, number of agreements",
    ),
    "organisations.none.title": Words("조건에 맞는 기관이 없습니다.", "No organisation matches."),
    "organisations.none.text": Words(
        "이름의 일부나 다른 언어의 이름으로 찾아보세요.", "Try part of the name, or the name in another language."
    ),
    "organisations.empty.title": Words("아직 등록된 기관이 없습니다.", "No organisation is registered yet."),
    "organisations.empty.text": Words(
        "협약을 등록하려면 당사자가 될 기관이 두 곳 이상 필요합니다. 우리 기관부터 등록해 주세요.",
        "An agreement needs two parties at least. Begin with your own organisation.",
    ),
    "organisation.name": Words("기관명", "Name"),
    "organisation.kind": Words("유형", "Kind"),
    "organisation.country": Words("국가", "Country"),
    "organisation.office": Words("담당", "Office"),
    "organisation.names": Words("이름", "Names"),
    "organisation.identifiers": Words("식별번호", "Identifiers"),
    "organisation.aliases": Words("다른 표기", "Also written"),
    "organisation.alias.unconfirmed": Words("확인 필요", "To be confirmed"),
    "organisation.agreements": Words("협약", "Agreements"),
    "organisation.agreements.caption": Words("이 기관이 당사자인 협약", "Agreements to which it is a party"),
    "organisation.agreements.none": Words(
        "이 기관이 당사자로 기록된 협약이 없습니다. 자매결연 등의 관계와 대표단은 아직 API에서만 볼 수 있습니다.",
        "It is a party to no registered agreement. Partnerships and delegations are so far in the API only.",
    ),
    "organisation_form.title": Words("기관 등록", "Register an organisation"),
    "organisation_form.lead": Words(
        "이미 등록된 기관인지 먼저 검색해 주세요. 이름은 나중에 다른 언어로도 추가할 수 있습니다.",
        "Search first, lest it is registered already. Names in other languages can follow later.",
    ),
    "organisation_form.name_ko": Words("한글 이름", "Name in Korean"),
    "organisation_form.name_ko.hint": Words(
        "공문서에 적는 정식 명칭을 입력해 주세요. 예: 부산광역시 부산진구",
        "The full name as official documents write it, in Hangul.",
    ),
    "organisation_form.name_en": Words("영문 이름", "Name in English"),
    "organisation_form.region": Words("지역 코드", "Region"),
    "organisation_form.region.hint": Words(
        "ISO 3166-2 코드. 예: KR-26(부산광역시)", "ISO 3166-2 code, e.g. KR-26 for Busan"
    ),
    "organisation_form.business_number": Words("사업자등록번호", "Business registration number"),
    "organisation_form.business_number.hint": Words(
        "국내 기관만 해당합니다. 숫자 10자리, 예: 123-45-67890",
        "Korean organisations only; 10 digits, e.g. 123-45-67890",
    ),
    "organisation_form.button": Words("기관 등록", "Register"),
}

_AGREEMENT = {
    "agreement.fields": Words("협력 분야", "Fields of co-operation"),
    "agreement.parties": Words("당사자", "Parties"),
    "agreement.parties.caption": Words("당사자: 기관과 서명일", "Parties: who they are and when they signed"),
    "agreement.place": Words("서명 장소", "Place of signature"),
    "agreement.signed_on": Words("체결일", "Signed"),
    "agreement.in_force_since": Words("발효일", "In force since"),
    "party.name": Words("기관명", "Organisation"),
    "party.side": Words("구분", "Side"),
    "party.role": Words("역할", "Role"),
    "party.signed": Words("서명", "Signed"),
    "party.unsigned": Words("서명 전", "Not yet"),
    "party.placeholder": Words("(가칭)", "(placeholder)"),
    "party.placeholder.note": Words(
        "가칭으로 적은 당사자를 기관으로 확정하는 기능은 아직 없어, 지금은 이 협약의 체결까지 기록할 수 없습니다.",
        "A placeholder party cannot be named yet in this version, so this agreement cannot be recorded as signed for now.",
    ),
    "sentence.drafted": Words(
        "초안 상태이며, 당사자 {parties}곳의 서명을 기다리고 있습니다.",
        "A draft that awaits the signatures of its {parties} parties.",
    ),
    "sentence.reviewed": Words("사전 검토를 마쳤으며, 승인을 기다리고 있습니다.", "Reviewed; it now awaits clearance."),
    "sentence.cleared": Words(
        "승인되었으며, 당사자 {parties}곳의 서명을 기다리고 있습니다.",
        "Cleared; it awaits the signatures of its {parties} parties.",
    ),
    "sentence.part_signed": Words(
        "당사자 {parties}곳 가운데 {signed}곳이 서명하였으며, 모든 당사자가 서명하면 체결됩니다.",
        "{signed} of {parties} parties have signed; it is concluded once all have.",
    ),
    "sentence.signed": Words(
        "{signed_on} 체결되었으며, 발효일은 기록이 없습니다.",
        "Signed on {signed_on}; no entry into force is recorded yet.",
    ),
    "sentence.signed.range": Words(
        "{signed_on} 사이에 체결된 것으로 기록되어 있으며, 발효일은 기록이 없습니다.",
        "Recorded as signed between {signed_on}; no entry into force is recorded.",
    ),
    "sentence.in_force.ended": Words(
        "기록된 종료일({end})이 지났습니다. 그 뒤의 자동연장이나 만료는 아직 계산하지 않으므로 이후의 기한과 알림이 없습니다. "
        "연장되었다면 현재 주기의 기간을 다시 기록해 주세요.",
        "The recorded end ({end}) has passed. Renewal or expiry after it is not computed yet, so there is no later "
        "deadline and no reminder. If it was renewed, record the term of the current cycle.",
    ),
    "sentence.signed.undated": Words(
        "이미 체결된 협약이며, 체결일과 발효일은 기록이 없습니다.",
        "Signed already; the days of signature and entry into force have no record.",
    ),
    "sentence.in_force.tacit": Words(
        "{since}부터 발효 중이며, 자동연장을 원하지 않으면 해지통보가 {safe}까지 상대방에게 도달해야 합니다.",
        "In force since {since}; it renews by itself unless a notice arrives by {safe}.",
    ),
    "sentence.in_force.tacit.past": Words(
        "{since}부터 발효 중이며, 해지통보 기한({safe})이 지나 도달한 통보가 없으면 종료일({end}) 다음 날부터 자동연장됩니다.",
        "In force since {since}; the notice deadline ({safe}) has passed, so without a notice that arrived it renews after {end}.",
    ),
    "sentence.in_force.express": Words(
        "{since}부터 발효 중이며 {end} 종료되므로, 연장 의사는 {safe}까지 상대방에게 도달해야 합니다.",
        "In force since {since} until {end}; a wish to renew must arrive by {safe}.",
    ),
    "sentence.in_force.express.past": Words(
        "{since}부터 발효 중이며, 통보 기한({safe})이 지났으므로 새로 합의하지 않으면 {end} 종료됩니다.",
        "In force since {since}; the notice deadline ({safe}) has passed, and it ends on {end} unless agreed anew.",
    ),
    "sentence.in_force.none": Words(
        "{since}부터 발효 중이며 {end} 종료되고, 통보는 {safe}까지 상대방에게 도달해야 합니다.",
        "In force since {since} until {end}; a notice must arrive by {safe}.",
    ),
    "sentence.in_force.none.past": Words(
        "{since}부터 발효 중이며, 통보 기한({safe})이 지났고 {end} 종료됩니다.",
        "In force since {since}; the notice deadline ({safe}) has passed, and it ends on {end}.",
    ),
    "sentence.in_force.ends": Words(
        "{since}부터 발효 중이며 {end} 종료됩니다.", "In force since {since}; it ends on {end}."
    ),
    "sentence.in_force.indefinite": Words(
        "{since}부터 발효 중이며, 기한을 정하지 않은 협약입니다.", "In force since {since}, for an indefinite time."
    ),
    "sentence.in_force.unknown": Words(
        "{since}부터 발효 중이며, 종료일이 확인되지 않아 알림을 보낼 수 없습니다.",
        "In force since {since}; its end is unknown, so no reminder can be sent.",
    ),
    "sentence.in_force.no_term": Words(
        "{since}부터 발효 중이며, 협약 기간이 아직 기록되지 않았습니다.",
        "In force since {since}; no term is recorded yet.",
    ),
    "sentence.suspended": Words("현재 효력이 정지되어 있습니다.", "Its effect is suspended at present."),
    "sentence.expired": Words("{end} 협약 기간이 끝났습니다.", "Its term ended on {end}."),
    "sentence.terminated": Words("해지되어 더 이상 효력이 없습니다.", "It was terminated and has no effect any more."),
    "sentence.superseded": Words(
        "다른 협약으로 대체되어 더 이상 효력이 없습니다.", "Another agreement has taken its place."
    ),
    "term.title": Words("협약 기간", "Term"),
    "term.start": Words("시작일", "Starts"),
    "term.end": Words("종료일", "Ends"),
    "term.renewal": Words("갱신 방식", "Renewal"),
    "term.notice": Words("해지통보", "Notice"),
    "term.notice.before": Words("종료일 {period} 전까지", "{period} before the end"),
    "term.notice.none": Words("조항 없음", "No clause"),
    "term.corresponding": Words("통보 해당일", "Corresponding day"),
    "term.last_safe": Words("통보 도달 기한", "Notice must arrive by"),
    "term.last_safe.hint": Words(
        "보낸 날이 아니라 상대방에게 도달한 날이 기준입니다.", "The day it arrives counts, not the day it is sent."
    ),
    "term.counting": Words(
        "종료일에서 통보 기간을 거슬러 센 날이 통보 해당일이고, 그 전날까지 도달하면 조항을 어떻게 읽어도 기한 안입니다. "
        "알림은 전날을 기준으로 보냅니다. (민법 제157조, 제160조)",
        "The corresponding day lies the notice period before the end; an arrival on the day before it is in time "
        "however the clause is read. Reminders work towards that day. (Civil Act, articles 157 and 160)",
    ),
    "term.unknown.hint": Words(
        "종료일을 확인하여 기록하면 기한을 계산하고 알림을 보내 드립니다.",
        "Once the end is found and recorded, deadlines are counted and reminders go out.",
    ),
    "term.missing": Words(
        "협약 기간이 아직 기록되지 않아 기한을 계산할 수 없습니다.",
        "No term is recorded yet, so no deadline can be counted.",
    ),
    "actions.title": Words("다음에 할 일", "What can be done now"),
    "actions.rule": Words("이렇게 처리됩니다", "The rule"),
    "action.record_signature": Words("서명 기록", "Record a signature"),
    "action.record_signature.party": Words("서명한 당사자", "Party that signed"),
    "action.record_signature.on": Words("서명일", "Day of signature"),
    "action.record_signature.place": Words("서명 장소", "Place"),
    "action.record_signature.place.hint": Words("예: 베이징시 시청구", "For example: Xicheng, Beijing"),
    "action.record_signature.button": Words("서명 기록", "Record the signature"),
    "action.record_signature.rule": Words(
        "당사자별로 한 번씩 기록합니다.\n모든 당사자의 서명이 기록되면 마지막 서명일에 체결된 것으로 봅니다.\n기록한 서명은 지우거나 바꿀 수 없으니 서명된 문서를 보고 기록합니다.",
        "One record for each party.\nOnce every party has signed, the agreement counts as signed on the last day.\nA recorded signature can be neither erased nor changed: record it from the signed paper.",
    ),
    "action.record_entry_into_force": Words("발효 기록", "Record the entry into force"),
    "action.record_entry_into_force.on": Words("발효일", "In force since"),
    "action.record_entry_into_force.button": Words("발효 기록", "Record the entry into force"),
    "action.record_entry_into_force.rule": Words(
        "체결된 협약만 발효를 기록할 수 있습니다.\n협약문에 다른 정함이 없으면 체결일이 발효일인 경우가 많습니다.",
        "Only a signed agreement can enter into force.\nUnless the text says otherwise, that is often the day of signature.",
    ),
    "action.set_term": Words("협약 기간 기록", "Record the term"),
    "action.set_term.end_kind": Words("종료", "End"),
    "action.set_term.end.hint": Words(
        "효력이 있는 마지막 날입니다. 토요일이나 공휴일이어도 늦추지 않고 그대로 셉니다.",
        "The last day in force; it is not moved for Saturdays or holidays.",
    ),
    "action.set_term.length": Words("또는 시작일부터의 기간", "Or a length from the start"),
    "action.set_term.from_midnight": Words(
        "시작일을 첫날로 셉니다(‘2026-01-01부터’처럼 적힌 경우). 표시하지 않으면 다음 날부터 셉니다(민법 제157조).",
        "The start counts as the first day (“from 1 January 2026”); unmarked, counting begins the day after (Civil Act 157).",
    ),
    "action.set_term.end_words": Words("협약문의 표현", "The text's own words"),
    "action.set_term.end_words.hint": Words(
        "종료일을 알 수 없을 때 적습니다. 예: 체결일로부터 3년(자동연장)",
        "When the end is unknown, e.g. “three years from signature”.",
    ),
    "action.set_term.period": Words("연장 기간", "Renewal period"),
    "action.set_term.notice": Words("해지통보 기간(종료일 전)", "Notice period (before the end)"),
    "action.set_term.button": Words("기간 기록", "Record the term"),
    "action.set_term.rule": Words(
        "종료일을 모르면 ‘확인되지 않음’을 고릅니다. 기한 없음으로 처리하지 않습니다.\n자동연장은 연장 기간이 있어야 하고, 합의 연장은 저절로 연장되지 않습니다.\n통보 기한은 종료일에서 거슬러 계산하며, 도달한 날이 기준입니다.\n다시 기록하면 새 기간이 적용되고, 앞서 기록한 기간은 이력에 남습니다.",
        "If the end is not known, choose “Unknown”; it is never read as indefinite.\nTacit renewal needs a period; express renewal never happens by itself.\nThe notice deadline is counted back from the end, and the day of arrival counts.\nRecorded again, the new term applies; the one before stays in the history.",
    ),
    "renewal_case.title": Words("갱신 검토", "Renewal"),
    "renewal_case.cycle": Words("차수", "Cycle"),
    "renewal_case.cycle.value": Words("{cycle}차", "Cycle {cycle}"),
    "renewal_case.state": Words("진행 상태", "Progress"),
    "renewal_case.opened_on": Words("검토 시작", "Opened"),
    "renewal_case.reminders": Words("보낸 알림", "Reminders sent"),
    "renewal_case.reminders.none": Words("아직 보낸 알림이 없습니다.", "None has been sent yet."),
    "recipient.renewals": Words("{office} 갱신 담당", "{office}, renewals desk"),
    "reminder.rung": Words("기한 {days}일 전 알림", "{days} days before"),
    "reminder.rung.day": Words("기한 당일 알림", "On the day"),
    "agreement_form.title": Words("협약 등록", "Register an agreement"),
    "agreement_form.lead": Words(
        "초안으로 등록되며, 이미 체결된 협약은 체결 상태로 등록됩니다. 서명과 발효, 협약 기간은 등록한 뒤 협약 화면에서 기록합니다.",
        "It is registered as a draft, or as signed if it is already; signatures, entry into force and term are then recorded on its page.",
    ),
    "agreement_form.few_organisations": Words(
        "협약에는 당사자가 두 곳 이상 필요합니다. 기관을 먼저 등록해 주세요.",
        "An agreement needs two parties at least. Please register the organisations first.",
    ),
    "agreement_form.text": Words("협약 내용", "The agreement"),
    "agreement_form.number": Words("관리번호", "Register number"),
    "agreement_form.number.hint": Words(
        "부서와 연도 안에서 겹치지 않는 번호입니다. 예: 3, 제3호", "Unique within the office and year, e.g. 3"
    ),
    "agreement_form.kind": Words("협약 종류", "Kind"),
    "agreement_form.kind.hint": Words(
        "문서 제목이 아니라 성격에 따라 고릅니다.", "By its nature, not by the title of the paper."
    ),
    "agreement_form.title_ko": Words("협약명(한글)", "Title in Korean"),
    "agreement_form.title_en": Words("협약명(영문)", "Title in English"),
    "agreement_form.fields.hint": Words(
        "한 줄에 한 분야씩 적습니다. 예: 의료관광", "One field a line, e.g. medical tourism"
    ),
    "agreement_form.parties.hint": Words(
        "두 곳 이상 선택합니다. 쓰지 않는 줄은 비워 두시면 됩니다. 가칭은 아직 나중에 기관으로 바꿀 수 없습니다.",
        "Choose two at least; leave the rows you do not need. A placeholder cannot be turned into an organisation later yet.",
    ),
    "agreement_form.party": Words("당사자 {n}", "Party {n}"),
    "agreement_form.organisation": Words("기관", "Organisation"),
    "agreement_form.organisation.none": Words("없음", "None"),
    "agreement_form.more_parties": Words("당사자 줄 추가", "More rows"),
    "agreement_form.year": Words("연도", "Year"),
    "agreement_form.placeholder": Words("기관이 미정이면 가칭", "Or a placeholder"),
    "agreement_form.paper": Words("이미 체결된 협약", "Already signed"),
    "agreement_form.paper.hint": Words(
        "종이로 체결된 협약은 한 번에 등록합니다. 확인할 수 없는 절차는 ‘기록 없음’으로 남습니다.",
        "An agreement signed on paper is registered in one act; steps nobody has a record of read “No record”.",
    ),
    "agreement_form.signed_on_paper": Words("이미 체결되었습니다.", "It has been signed already."),
    "agreement_form.signed_on": Words("체결일", "Signed"),
    "agreement_form.source": Words("문서", "Document"),
    "agreement_form.source.hint": Words(
        "어느 문서에서 확인한 내용인지 적어 두면 이력에 함께 남습니다.",
        "The document it was found in stays in the history.",
    ),
    "agreement_form.locator": Words("위치", "Passage"),
    "agreement_form.locator.hint": Words("예: 제7조, 3번째 문단", "For example: article 7, third paragraph"),
    "agreement_form.modality": Words("확실한 정도", "How sure"),
    "agreement_form.button": Words("협약 등록", "Register the agreement"),
}

_HISTORY = {
    "history.title": Words("이력", "History"),
    "history.lead": Words(
        "최근 기록부터 보여 드립니다. 기록은 지워지지 않으며, 순번은 대장 전체에서 이어집니다.",
        "Newest first. Nothing is erased; positions run through the whole register.",
    ),
    "history.effective_on": Words("해당 일자", "Date of the event"),
    "history.recorded_at": Words("기록", "Recorded"),
    "history.by": Words("처리", "By"),
    "history.position": Words("순번", "Position"),
    "history.reason": Words("사유", "Reason"),
    "provenance.source": Words("출처", "Source"),
    "provenance.none": Words("출처 기록 없음", "No source given"),
    "provenance.attributed_to": Words("발표", "According to"),
    "provenance.as_of": Words("기준", "As of"),
    "fact.organisation_registered": Words("기관 ‘{name}’ 등록", "Organisation “{name}” registered"),
    "fact.agreement_drafted": Words(
        "대장에 등록: {title}, 당사자 {parties}곳", "Entered in the register: {title}, {parties} parties"
    ),
    "fact.party_signed": Words("{party} 서명", "{party} signed"),
    "fact.party_signed.place": Words("{party} 서명({place})", "{party} signed in {place}"),
    "fact.agreement_signed": Words("모든 당사자가 서명하여 체결", "Signed by every party"),
    "fact.agreement_entered_into_force": Words("협약 발효", "Entered into force"),
    "fact.agreement_signed_on_paper": Words(
        "이미 체결된 협약으로 등록{place}(서명자별 기록 없음)",
        "Registered as signed already{place}; who signed when has no record",
    ),
    "fact.notice_deadline_set": Words("통보 기한 변경: {day}", "Notice deadline moved to {day}"),
    "fact.alias_stated": Words("다른 이름 ‘{name}’ 기록", "Also called “{name}”"),
    "fact.alias_stated.unconfirmed": Words(
        "다른 이름 ‘{name}’ 기록(확인 필요)", "Also called “{name}”, to be confirmed"
    ),
    "fact.term_set": Words("협약 기간 기록: {term}", "Term recorded: {term}"),
    "fact.term.from": Words("{start}부터", "from {start}"),
    "fact.term.until": Words("{start} – {end}", "{start} to {end}"),
    "fact.term.indefinite": Words("기한 없음", "indefinite"),
    "fact.term.unknown": Words("종료일 확인되지 않음", "end unknown"),
    "fact.term.length": Words("기간 {length}", "length {length}"),
    "fact.term.from_midnight": Words("시작일 산입", "the start counts as the first day"),
    "fact.term.tacit": Words("자동연장 {period}", "renews itself for {period}"),
    "fact.term.express": Words("합의 연장", "renewed by agreement"),
    "fact.term.none": Words("연장 없음", "no renewal"),
    "fact.term.notice": Words("종료일 {notice} 전 통보", "notice {notice} before the end"),
    "fact.trial": Words("가정한 날짜로 시험 실행 중 발송", "sent while trying out another day"),
    "fact.reminder_sent.day": Words(
        "기한 당일 알림 발송: {recipient}", "Reminder on the day itself sent to {recipient}"
    ),
    "fact.renewal_opened": Words("{cycle}차 갱신 검토 시작", "Renewal opened, cycle {cycle}"),
    "fact.reminder_sent": Words(
        "{rung}일 전 알림 발송: {recipient}", "Reminder {rung} days before sent to {recipient}"
    ),
    "fact.reminder_failed": Words(
        "{rung}일 전 알림 발송 실패: {recipient}", "Reminder {rung} days before to {recipient} failed"
    ),
}

_REMINDERS = {
    "reminders.title": Words("알림", "Reminders"),
    "reminders.lead": Words(
        "통보 도달 기한과 종료일을 앞두고 담당 부서에 보내는 알림입니다.",
        "What goes to the offices before a notice deadline or the end of a term.",
    ),
    "reminders.mailbox": Words("발송 우편함", "Mailbox"),
    "reminders.unreachable": Words("알림 서비스에 연결할 수 없습니다.", "The notifier cannot be reached."),
    "reminders.unreachable.since": Words("마지막 연결: {at}.", "Last heard of: {at}."),
    "reminders.unreachable.text": Words(
        "아래 내용은 최신이 아닐 수 있습니다. 밀린 알림은 서비스가 다시 켜지면 발송되니, 관리자에게 알려 주세요.",
        "The lists below may be out of date. Tell the administrator; what is overdue goes out once it runs again.",
    ),
    "reminders.due": Words("보낼 알림", "Due next"),
    "reminders.due.caption": Words(
        "보낼 알림: 발송 예정일, 협약, 내용, 통보 도달 기한, 받는 곳", "Due: day, agreement, what, deadline, recipient"
    ),
    "reminders.due.none": Words("앞으로 200일 안에 보낼 알림이 없습니다.", "Nothing goes out in the next 200 days."),
    "reminders.sent": Words("보낸 알림", "Sent"),
    "reminders.sent.caption": Words(
        "보낸 알림: 발송 시각, 협약, 내용, 결과, 받는 곳", "Sent: time, agreement, what, outcome, recipient"
    ),
    "reminders.sent.none": Words("아직 보낸 알림이 없습니다.", "None has been sent yet."),
    "reminders.column.due_on": Words("발송 예정일", "Goes out"),
    "reminders.column.sent_at": Words("발송 시각", "Sent"),
    "reminders.column.agreement": Words("협약", "Agreement"),
    "reminders.column.what": Words("내용", "What"),
    "reminders.column.last_safe": Words("기한", "Deadline"),
    "reminders.column.outcome": Words("결과", "Outcome"),
    "reminders.column.recipient": Words("받는 곳", "To"),
    "mail.title": Words("발송 우편함", "Mailbox"),
    "mail.lead": Words(
        "이 컴퓨터 한 대로 운영하는 동안 보낸 전자우편을 보관하는 곳입니다. 외부로는 발송되지 않습니다.",
        "While everything runs on one machine, mail is kept here and does not leave it.",
    ),
    "mail.caption": Words("보낸 전자우편: 시각, 제목, 받는 사람", "Mail: time, subject, recipient"),
    "mail.at": Words("시각", "Time"),
    "mail.subject": Words("제목", "Subject"),
    "mail.sender": Words("보낸 사람", "From"),
    "mail.to": Words("받는 사람", "To"),
    "mail.text": Words("본문", "Text"),
    "mail.none": Words("보관된 전자우편이 없습니다.", "There is no mail."),
}

_DOCS = {
    "docs.title": Words("API 안내", "The API"),
    "docs.lead": Words(
        "협약 대장의 모든 기록과 조회는 화면과 같은 규칙으로 API에서도 할 수 있습니다.",
        "Everything that the pages record and show can be done over the API, under the same rules.",
    ),
    "docs.rules": Words("공통 규칙", "What holds everywhere"),
    "docs.rules.text": Words(
        "모든 요청에 Authorization: Bearer 토큰을 보냅니다. 토큰은 .venv/bin/registry token issue로 발급합니다.\n"
        "기록하는 요청(POST)에는 새 UUID를 Idempotency-Key 헤더에 넣습니다. 같은 요청을 다시 보내도 한 번만 기록됩니다.\n"
        "If-Match 헤더에 ETag를 넣으면 그사이 바뀐 기록은 변경되지 않고 412로 응답합니다.\n"
        "응답의 Registry-Position을 다음 조회의 헤더에 넣으면 방금 기록한 내용이 반영된 결과를 받습니다.\n"
        "오류는 RFC 9457 형식이며 code와 한국어·영어 안내, 항목별 오류를 함께 담습니다.\n"
        "날짜는 2025-06-09, 출처가 정확하지 않으면 2025-06, XXXX-10-12처럼(EDTF) 적습니다.\n"
        "기록 하나를 조회하는 GET에는 as_of=2025-06-09(그날 유효했던 내용)와 "
        "known_at=2025-06-09T10:00:00+09:00(그 시각까지 등록부가 알던 내용)을 따로 또는 함께 붙일 수 있습니다. "
        "Registry-Uncertain은 그날 이미 유효했는지 확실하지 않은 사실의 순번이며, 답은 그 사실을 뺀 상태입니다. "
        "비어 있으면 그런 사실이 없습니다. Registry-Position까지의 사실만 셉니다.\n"
        "기록에 관한 사실(초안, 등록, 별칭, 계획, 갱신 건)은 기록하기 전을 포함한 모든 날에 셉니다. "
        "지난날의 drafted는 아직 서명하지 않았다는 뜻입니다. as_of가 없으면 날짜가 아직 오지 않은 사실도 셉니다. "
        "as_of는 기간의 끝을 계산하지 않으니 term.end를 직접 비교해 주세요. "
        "아직 오지 않은 날은 지금 아는 내용으로 답합니다.",
        "Send Authorization: Bearer TOKEN with every request; .venv/bin/registry token issue prints a token.\n"
        "Send a new UUID in Idempotency-Key with every POST; the same request again is recorded once.\n"
        "With If-Match set to an ETag, a record that has changed since is left alone and the answer is 412.\n"
        "Send the Registry-Position of an answer with the next GET to see what you have just recorded.\n"
        "Errors are RFC 9457 problems with a code, a message in Korean and English, and every field error.\n"
        "Dates read 2025-06-09; where the source is not exact, EDTF such as 2025-06 or XXXX-10-12.\n"
        "On a GET of one record, as_of asks what held on a day, known_at what the registry knew at an instant. "
        "Registry-Uncertain lists positions that may or may not have held; the answer leaves them out; "
        "empty means none. Only facts up to Registry-Position count.\n"
        "What only tells of the record (draft, registration, alias, plan, renewal case) counts on every day, also "
        "before it was recorded: drafted on a past day means not yet signed. Without as_of every recorded fact "
        "counts, also one whose day lies ahead. as_of does not count the end of a term: compare term.end yourself. "
        "A day that lies ahead answers from what is known now.",
    ),
    "docs.fields": Words("요청 본문의 항목", "Fields of the body"),
    "docs.field.name": Words("항목", "Field"),
    "docs.field.type": Words("형식", "Type"),
    "docs.field.needed": Words("필수", "Required"),
    "docs.yes": Words("예", "yes"),
    "docs.no": Words("아니요", "no"),
    "docs.group.agreement": Words("협약", "Agreements"),
    "docs.group.organisation": Words("기관", "Organisations"),
    "docs.group.partnership": Words("파트너십", "Partnerships"),
    "docs.group.delegation": Words("대표단", "Delegations"),
    "docs.group.renewal": Words("갱신", "Renewals"),
    "docs.group.history": Words("이력", "History"),
    "docs.group.person": Words("개인정보", "Persons"),
    "docs.group.health": Words("상태 확인", "Health"),
    "docs.group.other": Words("기타", "Other"),
}

WORDS: dict[str, Words] = (
    _FRAME | _FORMS | _SIGN_IN | _CODES | _REGISTER | _ORGANISATIONS | _AGREEMENT | _HISTORY | _REMINDERS | _DOCS
)
