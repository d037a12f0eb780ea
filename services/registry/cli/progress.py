"""How far long work is: a bar on a terminal, and a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Without a terminal, a line is printed each time so much more of it is done.
STEP = 0.1
Told = Callable[[int, int], None]


@contextmanager
def shown(console: Console) -> Iterator[Callable[[str], Told]]:
    """Gives, for each piece of work by name, what is to be told how much of how many is done."""
    if not console.is_terminal:
        yield lambda name: _lines(console, name)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        yield lambda name: _bar(progress, name)


def _bar(progress: Progress, name: str) -> Told:
    task = progress.add_task(name, total=None)
    return lambda done, of: progress.update(task, completed=done, total=of)


def _lines(console: Console, name: str) -> Told:
    last = -STEP

    def told(done: int, of: int) -> None:
        nonlocal last
        share = done / of if of else 1.0
        if share >= last + STEP or share == 1.0 > last:
            last = share
            console.print(f"{name}: {done}/{of} ({share:.0%})", highlight=False, soft_wrap=True)

    return told
