"""The command line: `notifier serve | migrate | doctor | preview | deliveries | parked | reset`."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from contracts.reminders import ReminderV1
from notifier import doctor as doctors
from notifier import logs
from notifier.bootstrap import open_desk
from notifier.bootstrap import serve as serve_until_stopped
from notifier.database import migrate as run_migrations
from notifier.delivery.letter import plain
from notifier.errors import Notice, Refusal
from notifier.explain import SILENCES
from notifier.listing import settled
from notifier.schedule import Silence, Watched, silence
from notifier.settings import Settings

T = TypeVar("T")

REFUSED = 2
FAILED = 1
NEWEST = 200

app = typer.Typer(help="모아 알림 서비스 · Moa's notifier", no_args_is_help=True, pretty_exceptions_enable=False)
screen = Console()
errors = Console(stderr=True)
AsJson = Annotated[bool, typer.Option("--json", help="JSON으로 출력 · as JSON")]


@app.callback()
def begin(
    context: typer.Context,
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="오늘로 칠 날짜 · the day that counts as today (for trying out)"),
    ] = None,
) -> None:
    """Read the settings, once."""
    settings = Settings.read()
    context.obj = settings.model_copy(update={"today": today.date()}) if today else settings


@app.command()
def serve(context: typer.Context) -> None:
    """받고, 알리고, 보고합니다 · Run until stopped: inbox, reminders, receipts, HTTP."""
    logs.configure()
    _run(serve_until_stopped(context.obj))


@app.command()
def migrate(context: typer.Context) -> None:
    """데이터베이스를 최신으로 만듭니다 · Bring the database up to date."""
    done = _run(run_migrations(context.obj.database))
    screen.print(f"적용함 · applied: {', '.join(done)}" if done else "이미 최신입니다 · already up to date")


@app.command()
def doctor(context: typer.Context) -> None:
    """필요한 것을 모두 살펴봅니다 · Look at everything that is needed; exit code 1 if something is missing."""
    if not _run(_examined(context.obj)):
        raise typer.Exit(FAILED)


@app.command()
def preview(
    context: typer.Context,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="이날까지 · up to this day")],
    as_json: AsJson = False,
) -> None:
    """무엇이 누구에게 언제 왜 나갈지 보여 줍니다 · What would go out, to whom, when and why. Sends nothing."""
    _run(_previewed(context.obj, until.date(), as_json=as_json))


@app.command()
def deliveries(context: typer.Context, as_json: AsJson = False) -> None:
    """나간 알림을 보여 줍니다 · What was sent or given up, the newest first."""
    _run(_delivered(context.obj, as_json=as_json))


@app.command()
def parked(context: typer.Context, as_json: AsJson = False) -> None:
    """읽지 못해 보류한 메시지 · Messages that could not be read; their content is not shown."""
    _run(_parked(context.obj, as_json=as_json))


@app.command()
def reset(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="묻지 않고 실행 · do it without asking")] = False,
) -> None:
    """등록부 기록을 처음부터 다시 읽습니다 · Read the registry's log anew, as after a new generation of it."""
    screen.print(
        "옮겨 둔 협약과 기간, 보류된 메시지를 지우고 처음부터 다시 읽습니다. 보낸 알림의 기록은 남습니다.\n"
        "Mirrored agreements, terms and parked messages are deleted and read again from the start; the record of"
        " what was sent stays.",
        markup=False,
        highlight=False,
    )
    if not yes:
        typer.confirm("계속할까요? · Go on?", abort=True)
    _run(_reset(context.obj))
    screen.print("실행 중인 알림 서비스가 곧 다시 읽습니다 · a running notifier reads it again within seconds")


async def _reset(settings: Settings) -> None:
    async with open_desk(settings) as desk:
        await desk.mirror.forget()


async def _examined(settings: Settings) -> bool:
    well = True
    async for finding in doctors.examine(settings):
        well = well and finding.well
        mark = "[green]✓[/]" if finding.well else "[red]✗[/]"
        screen.print(f"{mark} {finding.what}:", end=" ")
        screen.print(f"{finding.ko} · {finding.en}", markup=False, highlight=False)
    return well


async def _previewed(settings: Settings, until: date, *, as_json: bool) -> None:
    async with open_desk(settings) as desk:
        today = desk.clock.today()
        due = await desk.listing.due(today, until)
        quiet = [(watched, silence(watched.term, today)) for watched in await desk.mirror.all_terms()]
    silent = [(watched, reason) for watched, reason in quiet if reason]
    if as_json:
        reminders = [reminder.model_dump(mode="json") for reminder in due]
        unsaid = [_unsaid(watched, reason) for watched, reason in silent]
        _print_json({"today": str(today), "until": str(until), "reminders": reminders, "silent": unsaid})
        return
    _print_reminders(f"{today} – {until}", due)
    for watched, reason in silent:
        words = SILENCES[reason]
        screen.print(f"\n– {plain(watched.number)} {plain(watched.title)}", markup=False, highlight=False)
        screen.print(Padding(Text(f"{words.ko}\n{words.en}", style="dim"), (0, 0, 0, 2)))


def _unsaid(watched: Watched, reason: Silence) -> dict[str, object]:
    return {
        "agreement": str(watched.agreement),
        "number": watched.number,
        "title": watched.title,
        "office": watched.office,
        "cycle": watched.cycle,
        "reason": reason,
        "why_ko": SILENCES[reason].ko,
        "why_en": SILENCES[reason].en,
    }


async def _delivered(settings: Settings, *, as_json: bool) -> None:
    async with open_desk(settings) as desk:
        entries = [settled(entry) for entry in await desk.store.newest(NEWEST)]
    if as_json:
        _print_json([entry.model_dump(mode="json") for entry in entries])
    else:
        _print_reminders("나간 알림 · deliveries", entries)


async def _parked(settings: Settings, *, as_json: bool) -> None:
    async with open_desk(settings) as desk:
        found = await desk.mirror.parked()
    if as_json:
        _print_json(
            [
                {"position": each.position, "generation": str(each.generation) if each.generation else None}
                | {"subject": each.subject, "why": each.why, "bytes": len(each.payload)}
                | {"parked_at": each.parked_at.isoformat()}
                for each in found
            ]
        )
        return
    table = Table("위치 position", "주제 subject", "이유 why", "때 at")
    for each in found:
        table.add_row(str(each.position), each.subject, each.why, f"{each.parked_at:%Y-%m-%d %H:%M}")
    screen.print(table if found else "보류된 메시지가 없습니다 · nothing is parked")


def _print_reminders(title: str, reminders: Sequence[ReminderV1]) -> None:
    if not reminders:
        screen.print(f"{title}: 알림이 없습니다 · no reminders", markup=False)
        return
    screen.print(title, style="bold", markup=False, highlight=False)
    for each in reminders:
        screen.print(
            f"\n{each.due_on}  {each.state}  {each.rule}  → {each.office}/{each.role}\n"
            f"  {plain(each.number)} {plain(each.title)} (기한 · deadline {each.deadline})",
            markup=False,
            highlight=False,
        )
        screen.print(Padding(Text(f"{each.why_ko}\n{each.why_en}", style="dim"), (0, 0, 0, 2)))


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def main() -> None:
    """Run the command line; what is refused is said in two sentences, without a traceback."""
    try:
        app()
    except Notice as notice:
        errors.print(notice.ko, markup=False, highlight=False)
        errors.print(notice.en, markup=False, highlight=False)
        raise SystemExit(REFUSED if isinstance(notice, Refusal) else FAILED) from None
