"""What the operator sees: live progress in a terminal, plain lines anywhere else."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

from rich.console import Console
from rich.text import Text

from deploy.embedded.refusal import Breakdown, Refusal


class Screen:
    """Writes progress and results to standard output, refusals to standard error."""

    def __init__(self) -> None:
        """Let both streams replace letters that the locale does not have."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace", line_buffering=True)
        self._out = Console(soft_wrap=True, highlight=False)
        self._err = Console(stderr=True, soft_wrap=True, highlight=False)

    @contextmanager
    def step(self, korean: str, english: str) -> Iterator[None]:
        """Show that this is being done, and how long it took once it is."""
        began = time.monotonic()
        words = f"{korean} · {english}"
        if self._out.is_terminal:
            with self._out.status(words):
                yield
        else:
            yield
        self._print(self._out, Text.assemble(("✓ ", "green"), words, (_took(began), "dim")))

    def line(self, words: str = "") -> None:
        """One line as it is, never wrapped: it may hold an address to copy."""
        self._print(self._out, Text(words))

    def notice(self, korean: str, english: str) -> None:
        """Something to know that stops nothing."""
        self._print(self._out, Text(f"! {korean}\n! {english}", style="yellow"))

    def refuse(self, refusal: Refusal) -> None:
        """Say what is wrong and what to do, in both languages."""
        if isinstance(refusal, Breakdown) and refusal.log_tail:
            self._print(self._err, Text(refusal.log_tail, style="dim"))
        self._print(self._err, Text(f"✗ {refusal.korean}\n✗ {refusal.english}", style="bold red"))

    @staticmethod
    def _print(console: Console, words: Text) -> None:
        try:
            console.print(words)
        except OSError:  # the terminal or the pipe is gone; the stack goes on
            return


def _took(began: float) -> str:
    return f"  {time.monotonic() - began:.1f} s"
