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

from registry import bootstrap
from registry.cli.main import face
from registry.house import House
from registry.kernel.errors import Refusal
from registry.settings import NotConfigured, Settings, read

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
    uvicorn.run(
        bootstrap.application(found),
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


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner() as runner:
        return runner.run(work)


def main() -> None:
    """Run the command line; a refusal is a sentence, not a traceback."""
    try:
        app()
    except NotConfigured as error:
        sys.exit(str(error))
    except Refusal as refusal:
        sys.exit(f"{refusal.ko} / {refusal.en} ({refusal.code})")
    except OSError as error:
        sys.exit(
            f"데이터베이스에 연결할 수 없습니다({error}). `make run`이 실행 중인지 확인해 주세요. / "
            f"The database cannot be reached ({error}): is `make run` running?"
        )


if __name__ == "__main__":
    main()
