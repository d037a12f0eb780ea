"""`registry`: the console script. Starts processes; everything else is in the faces."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Annotated, Any

import typer
import uvicorn
import uvloop
from rich.console import Console

from registry import bootstrap
from registry.cli.main import face
from registry.cli.progress import shown
from registry.cli.running import in_words
from registry.house import House
from registry.kernel.errors import Refusal, Unreadable
from registry.settings import Settings, read

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Count this day as today (trying out).")]
_chosen: list[date] = []


def settings() -> Settings:
    """The settings, with the day chosen on the command line."""
    found = read()
    return found.model_copy(update={"today": _chosen[0]}) if _chosen else found


def _open() -> AbstractAsyncContextManager[House]:
    bootstrap.configure_logs("error", sys.stderr)
    return bootstrap.open_house(settings())


app = face(_open)


@app.callback()
def start(today: Day = None) -> None:
    """Moa's registry of partnerships and agreements."""
    if today is not None:
        _chosen.append(today.date())


@app.command()
def serve() -> None:
    """Serve the API and the pages."""
    found = settings()
    bootstrap.configure_logs(found.log_level, for_good=True)
    application = bootstrap.application(found)
    bootstrap.settle_memory()
    uvicorn.run(
        application,
        host=found.registry_host,
        port=found.registry_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )


@app.command()
def follow() -> None:
    """Follow the log: views, renewal cases, NATS, receipts."""
    found = settings()
    bootstrap.configure_logs(found.log_level, for_good=True)
    bootstrap.settle_memory()
    _run(_until_told(bootstrap.Following(found)))


async def _until_told(following: bootstrap.Following) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await following.run(told)


@app.command()
def migrate() -> None:
    """Bring the databases up to date, the log's and the vault's."""
    done = _run(bootstrap.bring_up_to_date(settings()))
    typer.echo("\n".join(f"migrated {name}" for name in done) or "nothing to migrate")


@app.command()
def rebuild(
    views: Annotated[list[str] | None, typer.Argument(help="Names of views, such as agreement.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every view.")] = False,
) -> None:
    """Build views anew from the log beside the live ones, and swap them while the registry goes on."""
    if bool(views) == every:
        raise typer.BadParameter("Name views, or give --all. / 보기 이름이나 --all 중 하나를 적어 주세요.")
    bootstrap.configure_logs("error", sys.stderr)
    _run(_rebuild(views or []))


async def _rebuild(names: list[str]) -> None:
    console = Console(stderr=True)
    with shown(console) as progress:
        async for done in bootstrap.rebuild_views(settings(), names, progress):
            built = done.rebuilt
            console.print(
                f"{done.view}: 위치 {built.position}까지 {built.seconds:.1f}초, 교체 {built.swap_milliseconds:.1f}ms / "
                f"to position {built.position} in {built.seconds:.1f} s, swapped in {built.swap_milliseconds:.1f} ms",
                highlight=False,
                soft_wrap=True,
            )


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def main() -> None:
    """Run the command line; a refusal is a sentence, not a traceback."""
    try:
        app()
    except (Refusal, OSError) as error:
        sys.exit(in_words(error))
    except Unreadable as error:
        sys.exit(f"읽을 수 없는 기록이 있어 멈췄습니다. / A stored fact cannot be taken: {error}")


if __name__ == "__main__":
    main()
