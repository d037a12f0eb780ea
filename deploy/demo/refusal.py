"""Why the demonstration stopped, and what to do, in two languages."""


class Refusal(Exception):
    """The demonstration cannot go on."""

    def __init__(self, korean: str, english: str) -> None:
        """Keep both sentences."""
        super().__init__(english)
        self.korean = korean
        self.english = english


def not_running(url: str) -> Refusal:
    """Nobody answers, or whoever answers is no registry."""
    return Refusal(
        f"{url}에서 모아가 응답하지 않습니다. 먼저 make run을 실행해 주세요.",
        f"Moa does not answer at {url}: start it first with make run.",
    )
