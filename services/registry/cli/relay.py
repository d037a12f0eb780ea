"""`registry relay`: how the relay stands, and the operator's act after its alarm."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from registry.cli.running import Open
from registry.house import House, RelayStatus

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
WIDEST = 160
NO_RELAY = (
    "중계를 맡은 프로세스가 없습니다. `registry follow`를 실행해 주세요. / No relay runs: start `registry follow`."
)
UNREACHABLE = (
    "NATS에 연결할 수 없습니다. MOA_NATS_URL과 서버를 확인해 주세요. / NATS cannot be reached: check MOA_NATS_URL."
)
# What a person does at a difference.
LOOK = """\
스트림과 기록이 서로 다릅니다. 백업을 복원했거나 다른 프로그램이 스트림에 쓴 것은 아닌지 확인해 주세요. 기록이 옳다면
`registry relay new-generation --because "이유"`로 스트림을 처음부터 다시 채웁니다.
Stream and log differ: find out whether a backup was restored, or another program wrote to the stream. If the log is
right, `registry relay new-generation --because "why"` fills the stream anew."""
PLAN = """\
기록의 새 세대를 시작합니다. 이미 기록된 사실은 바뀌지 않습니다. 실행 중인 중계가 스트림 REGISTRY를 지우고 새 세대로
처음부터 다시 채웁니다. 구독자는 새 세대를 1번부터 다시 읽어야 하며, 알림 서비스는 `notifier reset`을 기다립니다.
This begins a new generation of the log. Recorded facts stay as they are. A running relay deletes the stream REGISTRY
and fills it from position 1 under the new generation. Subscribers read it again from 1; the notifier waits for
`notifier reset`."""


def commands(open_house: Open) -> typer.Typer:
    """The group `relay`; `open_house` gives what its commands need."""
    group = typer.Typer(help="The relay to NATS.", no_args_is_help=True)

    def status(as_json: Json = False) -> None:
        """How the relay stands; exit code 1 when something is wrong."""
        found = _ask(open_house, lambda house: house.relay.status())
        if as_json:
            told = asdict(found) | {"lag": found.lag, "well": found.well}
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        else:
            _print(found)
        if not found.well:
            raise typer.Exit(1)

    def new_generation(
        because: Annotated[str, typer.Option(help="Why, in a sentence; it is kept.")],
        yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    ) -> None:
        """Begin a new generation of the log after an alarm: a person must have looked."""
        typer.echo(PLAN)
        if not yes:
            _confirm()
        begun = _ask(open_house, lambda house: house.relay.new_generation(because))
        typer.echo(
            f"{begun.number}번째 세대 {begun.id}, {begun.began_after}번 다음부터 시작합니다. / "
            f"Generation {begun.number} is {begun.id}, begun after position {begun.began_after}: "
            "see `registry relay status`."
        )

    group.command("status")(status)
    group.command("new-generation")(new_generation)
    return group


def _confirm() -> None:
    """Ask on a terminal; without one, nothing is done in silence."""
    if not sys.stdin.isatty():
        typer.echo("터미널이 아니면 --yes를 붙여 주세요. / Without a terminal, add --yes.", err=True)
        raise typer.Exit(2)
    typer.confirm("계속할까요? / Go on?", abort=True)


def _comparison(found: RelayStatus) -> str:
    if found.unreachable:
        return "확인 못 함 / not looked at"
    return found.difference or ("-" if found.last is None else "일치 / agrees")


def _print(found: RelayStatus) -> None:
    table = Table("무엇 / What", "상태 / State", show_header=False)
    rows = {
        "중계 / leader": "있음 / leads" if found.leads else "없음 / nobody leads",
        "기록의 세대 / generation of the log": f"{found.number}: {found.generation}",
        "스트림의 세대 / generation of the stream": str(found.stream_generation or "-"),
        "기록의 끝 / head of the log": str(found.head),
        "스트림의 끝 / last of the stream": "-" if found.last is None else str(found.last),
        "밀린 사실 / lag in facts": "-" if found.lag is None else str(found.lag),
        "비교 / comparison": _comparison(found),
        "멈춤 / stopped": found.stopped or "-",
        "다시 시도 중 / failing": found.failing or "-",
    }
    for name, words in rows.items():
        table.add_row(name, words)
    console = Console()
    Console(width=max(console.width, WIDEST)).print(table, highlight=False)
    for wrong, words in (
        (not found.leads and not found.stopped, NO_RELAY),
        (found.unreachable, UNREACHABLE),
        (found.stopped, LOOK),
    ):
        if wrong:
            typer.echo(words)


def _ask(open_house: Open, question: Callable[[House], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with open_house() as house:
            return await question(house)

    return asyncio.run(ask())
