"""What the event log refuses, and what to do then."""

from registry.kernel.errors import Conflict, Invalid, KeyReused, Unavailable


def key_reused() -> KeyReused:
    """The refusal of a command id that was used for another request."""
    return KeyReused(
        "command.key_reused",
        ko="이 Idempotency-Key는 다른 내용의 요청에 이미 쓰였습니다. 새 키로 보내 주세요.",
        en="This Idempotency-Key was used for another request: send this one under a new key.",
    )


def name_taken(detail: str) -> Conflict:
    """The refusal of a name that another record has; `detail` is its scope and the name."""
    scope, _, name = detail.partition(" ")
    return Conflict(
        f"{scope.partition(':')[0]}_taken",
        ko=f"이미 사용 중인 번호입니다: {name}. 다른 번호를 입력해 주세요.",
        en=f"This number is taken: {name}. Choose another.",
    )


def stale() -> Conflict:
    """The refusal of a change to a version that is not the last."""
    return Conflict(
        "record.stale",
        ko="그사이 다른 사람이 이 기록을 변경했습니다. 새로 불러온 뒤 다시 시도해 주세요.",
        en="Somebody changed this record in the meantime: load it again, then try once more.",
    )


def too_large() -> Invalid:
    """The refusal of a fact, or an act, that is past the bound."""
    return Invalid(
        "request.too_large",
        ko="한 번에 기록하기에는 내용이 너무 큽니다. 나누어 등록해 주세요.",
        en="This is too much for one record: split it and send it in parts.",
    )


def holds_nul() -> Invalid:
    """The refusal of U+0000."""
    return Invalid(
        "text.control_character",
        ko="보이지 않는 제어 문자(U+0000)를 지워 주세요.",
        en="Remove the control character U+0000.",
    )


def unrecordable() -> Invalid:
    """The refusal of an act that the database itself will not take."""
    return Invalid(
        "request.cannot_be_recorded",
        ko="이 내용은 기록할 수 없습니다. 특수한 문자와 지나치게 긴 값을 확인해 주세요.",
        en="This cannot be recorded: look for unusual characters and for values that are too long.",
    )


def busy() -> Unavailable:
    """The refusal of an act while too many wait."""
    return Unavailable(
        "log.busy",
        ko="지금 요청이 많습니다. 잠시 뒤 같은 요청을 다시 보내 주세요.",
        en="The registry is busy: send the same request again in a moment.",
    )


def unanswered() -> Unavailable:
    """What is said when the database did not answer: the act may or may not have been recorded."""
    return Unavailable(
        "log.unreachable",
        ko="지금은 기록할 수 없습니다. 같은 요청을 잠시 뒤 다시 보내 주세요. 두 번 기록되지 않습니다.",
        en="The registry cannot record just now: send the same request again, it is not recorded twice.",
        retry_after=2,
    )
