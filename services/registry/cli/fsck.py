"""`registry fsck`: whether everything that is kept agrees, on a terminal or for machines."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from registry.cli.running import Open, in_words
from registry.fsck import Check, Finding
from registry.fsck.findings import Progress as Told
from registry.kernel.errors import Refusal

DIFFERS, UNSEEN = 1, 2
WORDS = {
    "agrees": "[green]일치 / agrees[/green]",
    "differs": "[red]다름 / differs[/red]",
    "not_looked_at": "[yellow]확인 못 함 / not looked at[/yellow]",
}


def command(open_house: Open) -> Callable[..., None]:
    """The command; `open_house` gives what it needs."""

    def fsck(
        deep: Annotated[bool, typer.Option("--deep", help="All of that, and every message of the stream.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="JSON for machines.")] = False,
    ) -> None:
        """Do log, head, records, views, snapshots, commands, names, followers and stream agree?

        It may run while people work. Exit code 0 when all agrees, 1 at a difference, 2 when a part cannot be looked at.
        """
        found = asyncio.run(_look(open_house, deep=deep))
        if as_json:
            sys.stdout.write(msgspec.json.encode([asdict(each) for each in found]).decode() + "\n")
        else:
            _print(found)
        raise typer.Exit(exit_code(found))

    return fsck


def exit_code(found: Sequence[Finding]) -> int:
    """0 when everything agrees, 1 at a difference, 2 when a part cannot be looked at."""
    outcomes = {each.outcome for each in found}
    if "differs" in outcomes:
        return DIFFERS
    return UNSEEN if "not_looked_at" in outcomes else 0


async def _look(open_house: Open, *, deep: bool) -> Sequence[Finding]:
    check: Check | None = None
    try:
        with _bar() as told:
            async with open_house() as house:
                check = house.fsck
                return await check.run(told, deep=deep)
    except (Refusal, OSError) as lost:
        seen = check.found if check else []
        return [*seen, Finding("database", "not_looked_at", in_words(lost))]


@contextmanager
def _bar() -> Iterator[Told]:
    """A progress bar a part on a terminal; elsewhere nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def told(part: str, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = progress.add_task(part)
            progress.update(tasks[part], completed=done, total=total)

        yield told


def _print(found: Sequence[Finding]) -> None:
    console = Console(soft_wrap=True)
    for each in found:
        console.print(f"{WORDS[each.outcome]}  {each.part}: ", end="", highlight=False)
        console.print(each.sentence, markup=False, highlight=False)
