"""`python -m deploy.demo`: load the demonstration into a running stack; a second run adds nothing."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from deploy.demo.api import Api
from deploy.demo.load import Loaded, load, loaded_elsewhere
from deploy.demo.refusal import Refusal
from deploy.demo.story import Story, stories
from deploy.demo.tokens import Tokens, issued, variable


def main(arguments: Sequence[str] | None = None) -> int:
    """Load both stories and say what is new; exit code 1 with a sentence when that cannot be."""
    url = _url(arguments)
    tokens = Tokens.from_environment(os.environ)
    try:
        told = _tell(url, tokens)
    except Refusal as refusal:
        Console(stderr=True, soft_wrap=True).print(Text(f"✗ {refusal.korean}\n✗ {refusal.english}", style="bold red"))
        return 1
    _sum_up(told)
    return 0


def _url(arguments: Sequence[str] | None) -> str:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description="시연 자료를 등록합니다.")
    port = os.environ.get("MOA_REGISTRY_PORT") or "8000"
    parser.add_argument("--url", default=f"http://127.0.0.1:{port}", help="등록 서비스 주소 / where the registry is")
    url = str(parser.parse_args(arguments).url).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        parser.error("주소는 http://127.0.0.1:8000 처럼 적어 주세요. / Give an address such as http://127.0.0.1:8000.")
    return url


def _tell(url: str, tokens: Tokens) -> list[Loaded]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    told = []
    with Api(url, "") as api:
        api.must_be_running()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for story in stories():
            bar = progress.add_task(story.office, total=len(story.steps))
            told.append(_tell_one(story, url, tokens, partial(progress.advance, bar)))
    return told


def _tell_one(story: Story, url: str, tokens: Tokens, tick: Callable[[], None]) -> Loaded:
    given = tokens.given(story.office)
    known = given or tokens.kept(story.office)
    if known and known.isascii() and known.isprintable():
        with Api(url, known) as api:
            if api.signed_in():
                return load(story, api, tick=tick)
    if given:
        raise Refusal(
            f"{variable(story.office)}의 토큰을 쓸 수 없습니다. 새로 발급해 넣거나 지워 주세요.",
            f"The token in {variable(story.office)} is not taken: issue a new one, or unset it.",
        )
    token = issued(story.office)
    with Api(url, token) as api:
        elsewhere = loaded_elsewhere(story, api)
        if elsewhere is None:
            tokens.keep(story.office, token)
        return elsewhere or load(story, api, tick=tick)


def _sum_up(told: Sequence[Loaded]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for one in told:
        if one.elsewhere:
            console.print(
                f"{one.office}: 다른 토큰으로 이미 등록되어 있어 건너뛰었습니다."
                " · loaded before with another token, left alone"
            )
        else:
            console.print(
                f"{one.office}: 기록 {one.records}건, 새 사실 {one.new}건 · {one.records} records, {one.new} new facts"
            )
    new, position = sum(one.new for one in told), max(one.position for one in told)
    console.print(f"합계: 새 사실 {new}건, 마지막 위치 {position} · {new} new facts in all, last position {position}")


if __name__ == "__main__":
    sys.exit(main())
