"""How the stack says no: one sentence in Korean and one in English that say what to do."""


class Refusal(Exception):
    """Something the operator must change before the stack can run; exit code 2, no traceback."""

    exit_code = 2

    def __init__(self, korean: str, english: str) -> None:
        """Keep both sentences."""
        super().__init__(english)
        self.korean = korean
        self.english = english


class Breakdown(Refusal):
    """Something that was started failed; exit code 1, with the last lines of its log."""

    exit_code = 1

    def __init__(self, korean: str, english: str, log_tail: str = "") -> None:
        """Keep both sentences and the end of the log."""
        super().__init__(korean, english)
        self.log_tail = log_tail


class StopRequested(Exception):
    """The operator asked the stack to stop (Ctrl-C, SIGTERM) while it was still starting."""
