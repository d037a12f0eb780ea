"""`registry`: serve, follow, migrate, and look at the registry from a terminal."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from registry.agreement.queries import agreement
from registry.cli import fsck, relay
from registry.cli.doctor import examine
from registry.cli.running import Open
from registry.house import House
from registry.kernel.actors import Role
from registry.kernel.errors import NotFound
from registry.kernel.ports import Row
from registry.views import register, trail

WIDEST = 180
SEOUL = ZoneInfo("Asia/Seoul")
T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
Office = Annotated[str, typer.Option(help="Code of the office, such as busanjin.")]
RoleName = Annotated[str, typer.Option(help="staff, auditor, administrator or service.")]
Account = Annotated[
    UUID | None, typer.Option(help="The same person's account, as printed before; a new one without it.")
]
ROLES: tuple[Role, ...] = ("staff", "auditor", "administrator", "service")


def face(open_house: Open) -> typer.Typer:
    """The commands that look at the registry or issue credentials; `open_house` gives what they need."""
    app = typer.Typer(no_args_is_help=True)
    desk = Desk(open_house)
    credentials = {"token": ("API tokens.", desk.issue_token), "link": ("One-time sign-in links.", desk.issue_link)}
    for name, (words, issue) in credentials.items():
        group = typer.Typer(help=words, no_args_is_help=True)
        group.callback()(_group)
        group.command("issue")(issue)
        app.add_typer(group, name=name)
    agreements = typer.Typer(help="Agreements.", no_args_is_help=True)
    agreements.command("list")(desk.list_agreements)
    agreements.command("show")(desk.show_agreement)
    app.add_typer(agreements, name="agreements")
    app.add_typer(relay.commands(open_house), name="relay")
    app.command("fsck")(fsck.command(open_house))
    app.command("events")(desk.events)
    app.command("doctor")(desk.doctor)
    return app


def _group() -> None:
    """Keep a group of one command a group."""


class Desk:
    """The commands, each a question to an opened house."""

    def __init__(self, open_house: Open) -> None:
        """`open_house` is opened anew for every command."""
        self._open = open_house

    def _ask(self, question: Callable[[House], Awaitable[T]]) -> T:
        return asyncio.run(_ask(self._open, question))

    def issue_token(self, role: RoleName, office: Office, account: Account = None) -> None:
        """Print one new API token, and nothing else; its account is named on standard error."""

        async def issue(house: House) -> str:
            return await house.access.issue_token(
                _role(role), _office(office), account=await _account(house, role, office, account)
            )

        sys.stdout.write(self._ask(issue) + "\n")

    def issue_link(
        self,
        role: RoleName,
        office: Office,
        account: Account = None,
        minutes: Annotated[int, typer.Option(min=1, max=1440, help="How long it stays valid.")] = 15,
        hours: Annotated[int, typer.Option(hidden=True, min=0, max=24)] = 0,
    ) -> None:
        """Print one new sign-in link, valid 15 minutes unless said otherwise, good for one use."""

        async def issue(house: House) -> str:
            valid = timedelta(hours=hours) or timedelta(minutes=minutes)
            whose = await _account(house, role, office, account)
            secret = await house.access.issue_link(_role(role), _office(office), valid=valid, account=whose)
            return f"{house.public_url}/sign-in/{secret}"

        sys.stdout.write(self._ask(issue) + "\n")

    def list_agreements(
        self, search: str = "", limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, as_json: Json = False
    ) -> None:
        """The register, newest number first."""
        rows = self._ask(lambda house: register.register(house.rows, register.Wanted(search=search), limit=limit))
        if as_json:
            _print_json(rows)
            return
        table = Table("번호 / No.", "협약 / Agreement", "당사자 / Parties", "상태 / State", "부서 / Office", "id")
        for row in rows:
            parties = ", ".join(party["name_ko"] for party in row["parties"])
            number = f"{row['year']}-{row['number']}"
            table.add_row(number, row["title_ko"], parties, row["state"], row["office"], row["id"])
        _console().print(table)

    def show_agreement(
        self, which: Annotated[str, typer.Argument(help="Its id, or its number such as 2025-3.")], as_json: Json = False
    ) -> None:
        """One agreement and its history."""

        async def look(house: House) -> tuple[Row, Sequence[trail.Line]]:
            record = await _record(house, which)
            found = await register.with_names(house.rows, [await agreement(house.rows, record)])
            return found[0], await trail.of_agreement(house.log, house.rows, record)

        state, lines = self._ask(look)
        if as_json:
            _print_json({"agreement": state, "events": [asdict(line) for line in lines]})
            return
        console = _console()
        console.print(f"[bold]{state['year']}-{state['number']} {state['title_ko']}[/bold]  {state['state']}")
        for party in state["parties"]:
            console.print(f"  · {party['name_ko']}  {party['signed_on'] or ''}", highlight=False)
        _print_lines(console, lines)

    def events(
        self,
        after: Annotated[int, typer.Option(min=0)] = 0,
        limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
        as_json: Json = False,
    ) -> None:
        """The log, from after a position."""
        lines = self._ask(lambda house: trail.after(house.log, after, limit))
        if as_json:
            for found in lines:
                _print_json(asdict(found))
            return
        _print_lines(_console(), lines)

    def doctor(self) -> None:
        """Look at every part and say what to do; exit code 1 when something is wrong."""
        findings = self._ask(examine)
        console = _console()
        for finding in findings:
            console.print(("[green]ok[/green]  " if finding.well else "[red]--[/red]  ") + finding.sentence)
        if not all(finding.well for finding in findings):
            raise typer.Exit(1)


async def _ask(open_house: Open, question: Callable[[House], Awaitable[T]]) -> T:
    async with open_house() as house:
        return await question(house)


async def _record(house: House, which: str) -> UUID:
    """An agreement's id from what somebody typed: the id itself, or year and number."""
    try:
        return UUID(which)
    except ValueError:
        year, _, number = which.partition("-")
        wanted = register.Wanted(
            search=number, year=int(year) if year.isdecimal() and len(year) <= len("2025") else None
        )
        found = await register.register(house.rows, wanted, limit=1000)
        numbered = [UUID(row["id"]) for row in found if row["number"] == number and str(row["year"]) == year]
        if len(numbered) == 1:
            return numbered[0]
        raise NotFound(
            "agreement.not_one",
            ko=f"{which}에 해당하는 협약이 {len(numbered)}건입니다. agreements list의 id를 적어 주세요.",
            en=f"{len(numbered)} agreements have the number {which}: give the id from agreements list.",
        ) from None


async def _account(house: House, role: str, office: str, given: UUID | None) -> UUID:
    """The account that a credential is for: the one given, or a new one, whose number is told."""
    if given is not None:
        return await house.access.account(given, _role(role), _office(office))
    opened = await house.access.open_account(_role(role), _office(office))
    sys.stderr.write(f"계정 / account: {opened}\n")
    return opened


def _role(given: str) -> Role:
    for role in ROLES:
        if role == given:
            return role
    raise typer.BadParameter(f"Choose one of: {', '.join(ROLES)}. / 다음 중에서 골라 주세요.", param_hint="--role")


def _office(given: str) -> str:
    plain = given.replace("-", "")
    if not (given.isascii() and plain.isalnum() and given == given.lower() and 1 < len(given) <= len("x" * 41)):
        raise typer.BadParameter(
            "영문 소문자, 숫자, -로 2~41자. / 2 to 41 small letters, digits, -.", param_hint="--office"
        )
    return given


def _console() -> Console:
    """A terminal wide enough that nothing which is to be relied on is cut off."""
    console = Console()
    return Console(width=max(console.width, WIDEST))


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def _print_lines(console: Console, lines: Sequence[trail.Line]) -> None:
    table = Table(
        "순번 / Position", "기록 / Recorded", "시점 / Effective", "내용 / Fact", "누가 / Actor", "부서 / Office"
    )
    for found in lines:
        table.add_row(
            str(found.position),
            found.recorded_at.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M:%S KST"),
            found.effective or "",
            found.topic,
            found.actor.partition("-")[0],
            found.office,
        )
    console.print(table)
