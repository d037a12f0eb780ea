"""What pydantic finds wrong, said to a person in Korean and English, every field at once."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from registry.kernel.errors import FieldError, Invalid

M = TypeVar("M", bound=BaseModel)

# By pydantic's error type; {…} is filled from the error's context.
SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("꼭 필요한 항목입니다. 입력해 주세요.", "This is needed: fill it in."),
    "extra_forbidden": ("알 수 없는 항목입니다. 빼고 보내 주세요.", "There is no such field: leave it out."),
    "string_type": ("글자로 입력해 주세요.", "Give text here."),
    "string_too_long": ("{max_length}자까지 입력할 수 있습니다.", "At most {max_length} characters."),
    "string_too_short": ("{min_length}자 이상 입력해 주세요.", "At least {min_length} characters."),
    "string_pattern_mismatch": (
        "형식이 맞지 않습니다. 예시를 확인해 주세요.",
        "This is not in the form that is expected.",
    ),
    "int_type": ("정수로 입력해 주세요.", "Give a whole number."),
    "int_parsing": ("정수로 입력해 주세요.", "Give a whole number."),
    "int_from_float": ("정수로 입력해 주세요.", "Give a whole number."),
    "greater_than_equal": ("{ge} 이상이어야 합니다.", "It must be {ge} or more."),
    "less_than_equal": ("{le} 이하여야 합니다.", "It must be {le} or less."),
    "bool_type": ("예(true) 또는 아니요(false)로 입력해 주세요.", "Give true or false."),
    "bool_parsing": ("예(true) 또는 아니요(false)로 입력해 주세요.", "Give true or false."),
    "literal_error": ("다음 중에서 골라 주세요: {expected}", "Choose one of: {expected}"),
    "uuid_parsing": ("목록에서 골라 주세요. 올바른 식별자(UUID)가 아닙니다.", "This is not an id: give a UUID."),
    "uuid_type": ("올바른 식별자(UUID)가 아닙니다.", "This is not an id: give a UUID."),
    "date_parsing": ("날짜를 2025-06-09처럼 입력해 주세요.", "Give a date as 2025-06-09."),
    "date_type": ("날짜를 2025-06-09처럼 입력해 주세요.", "Give a date as 2025-06-09."),
    "date_from_datetime_parsing": ("날짜를 2025-06-09처럼 입력해 주세요.", "Give a date as 2025-06-09."),
    "date_from_datetime_inexact": ("시각 없이 날짜만 입력해 주세요.", "Give a day without a time."),
    "date.unreadable": (
        "날짜를 2025-06-09, 2025-06, 2025 또는 XXXX-10-12처럼 입력해 주세요.",
        "Give a date as 2025-06-09, 2025-06, 2025 or XXXX-10-12.",
    ),
    "datetime_parsing": ("시각을 2025-06-09T10:00:00Z처럼 입력해 주세요.", "Give an instant as 2025-06-09T10:00:00Z."),
    "text.empty": ("한 글자 이상 입력해 주세요.", "Write at least one character."),
    "text.control_character": (
        "보이지 않는 제어 문자와 줄바꿈을 지워 주세요.",
        "Remove the control characters and line breaks.",
    ),
    "text.not_unicode": ("깨진 문자를 지워 주세요.", "Remove the broken characters (lone surrogates)."),
    "too_short": ("{min_length}개 이상 필요합니다.", "At least {min_length} are needed."),
    "too_long": ("{max_length}개까지 넣을 수 있습니다.", "At most {max_length} fit."),
    "json_invalid": ("JSON 형식이 올바르지 않습니다.", "This is not valid JSON."),
    "dict_type": ("항목 이름과 값으로 된 객체를 보내 주세요.", "Send an object with named fields."),
    "tuple_type": ("목록으로 보내 주세요.", "Send a list."),
    "model_attributes_type": ("항목 이름과 값으로 된 객체를 보내 주세요.", "Send an object with named fields."),
    "model_type": ("항목 이름과 값으로 된 객체를 보내 주세요.", "Send an object with named fields."),
    "dataclass_type": ("항목 이름과 값으로 된 객체를 보내 주세요.", "Send an object with named fields."),
    "unexpected_keyword_argument": (
        "알 수 없는 항목입니다. 빼고 보내 주세요.",
        "There is no such field: leave it out.",
    ),
}
OTHERWISE = ("값이 올바르지 않습니다. 다시 확인해 주세요.", "This value cannot be taken: check it.")


def invalid(errors: Sequence[Mapping[str, Any]], *, drop: int = 0) -> Invalid:
    """The refusal that lists all of pydantic's `errors`; `drop` leading parts of each path are left out."""
    return Invalid(
        "request.invalid",
        ko="입력한 내용을 확인해 주세요. 아래 항목을 고치면 등록할 수 있습니다.",
        en="Check what you entered: mend the items below and send it again.",
        fields=tuple(_field(error, drop) for error in errors if not _long_enough(error)),
    )


def parse(model: type[M], given: object) -> M:
    """A command from what a person or program sent; Invalid with every field error at once."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid(error.errors(include_url=False)) from None


def briefly(error: ValidationError) -> str:
    """Where and what, without the values: fit for a log line or a health check."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(str(part) for part in each['loc'])} {each['type']}" for each in found)


def _long_enough(error: Mapping[str, Any]) -> bool:
    """Is a list called too short only because what is wrong inside it was not counted?"""
    return error["type"] == "too_short" and bool(len(error["input"]) >= error["ctx"]["min_length"])


def _field(error: Mapping[str, Any], drop: int) -> FieldError:
    ko, en = SENTENCES.get(error["type"], OTHERWISE)
    context = error.get("ctx") or {}
    where = ".".join(str(part) for part in error["loc"][drop:])
    return FieldError(where, error["type"], _fill(ko, context), _fill(en, context))


def _fill(sentence: str, context: Mapping[str, Any]) -> str:
    try:
        return sentence.format_map(context)
    except KeyError:
        return sentence
