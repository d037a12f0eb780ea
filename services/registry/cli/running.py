"""How the command line gets at a house, and how it says that it cannot."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from registry.house import House
from registry.kernel.errors import Refusal

Open = Callable[[], AbstractAsyncContextManager[House]]


def in_words(error: Refusal | OSError) -> str:
    """A sentence for a person at a terminal, in Korean and English."""
    if isinstance(error, Refusal) and error.code != "database.unreachable":
        return f"{error.ko} / {error.en} ({error.code})"
    why = error.__cause__ if isinstance(error, Refusal) else error
    return (
        f"데이터베이스에 연결할 수 없습니다({why}). `make run`이 실행 중인지 확인해 주세요. / "
        f"The database cannot be reached ({why}): is `make run` running?"
    )
