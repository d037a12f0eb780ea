"""The process as an operator meets it: it waits, works, is killed, goes on, and ends cleanly."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from notifier.ids import mail_id

from deploy.embedded.throwaway import ThrowawayServers
from tests.integration.notifier.rig import BUSANJIN, TOKEN, Publisher

ROOT = Path(__file__).parents[3]
KEY = f"{BUSANJIN}:1:notice-7:2026-11-30:busanjin/renewals"
TODAY = ("--today", "2026-11-23")
# What the served process sends: it runs on a chosen day, which must not count for the real one.
TRIED = f"{KEY}:trial-2026-11-23"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Operator:
    """Somebody at the command line."""

    home: Path
    environment: dict[str, str]
    port: int
    serving: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "notifier", *arguments],
            env=self.environment | more,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def serve(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "notifier", *TODAY, "serve"]
        with (self.home / "notifier.log").open("a") as log:
            process = subprocess.Popen(command, env=self.environment, cwd=self.home, stdout=log, text=True)
        self.serving.append(process)
        return process

    @property
    def mails(self) -> list[str]:
        return [path.name for path in (self.home / "mail" / "new").glob("*")]

    def readyz(self) -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False)
        except httpx.TransportError:
            return None

    def ready(self) -> bool:
        answer = self.readyz()
        return answer is not None and answer.status_code == 200

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.home / "notifier.log").read_text().splitlines()]


async def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.05)


@pytest.fixture
def operator(servers: ThrowawayServers, empty_database: str, tmp_path: Path) -> Iterator[Operator]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOA_")}
    told = {
        "MOA_HOME": str(tmp_path),
        "MOA_NOTIFIER_DATABASE_URL": empty_database,
        "MOA_NATS_URL": servers.nats.url("notifier"),
        "MOA_NOTIFIER_PORT": str(port),
        "MOA_NOTIFIER_TOKEN": TOKEN,
        "PYTHONPATH": f"{ROOT / 'services'}:{ROOT}",
        "COLUMNS": "200",
    }
    operator = Operator(tmp_path, kept | told, port)
    yield operator
    for process in operator.serving:
        if process.poll() is None:
            process.kill()
        process.wait()


async def announce(publisher: Publisher) -> None:
    await publisher.drafted()
    await publisher.term_set()


async def test_it_waits_for_the_stream_works_is_killed_goes_on_and_ends_cleanly(
    operator: Operator, publisher: Publisher
):
    assert operator.run("migrate").returncode == 0
    process = operator.serve()
    await until(lambda: operator.readyz() is not None)
    await until(lambda: "stream missing" in (operator.readyz() or httpx.Response(200)).text)
    await publisher.open_streams()
    await until(operator.ready)
    await announce(publisher)
    await until(lambda: operator.mails == [mail_id(TRIED)])
    process.send_signal(signal.SIGSTOP)  # so that the next message is handed to a process that never takes it
    await publisher.term_set()
    process.kill()
    process.wait()
    process = operator.serve()
    await until(operator.ready)
    await until(lambda: "moa_notifier_inbox_position 3.0" in _metrics(operator))
    await asyncio.sleep(1)
    assert operator.mails == [mail_id(TRIED)]
    assert [body["key"] for _, _, body in await publisher.reports()] == [TRIED]
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert time.monotonic() - asked < 5
    lines = operator.log()
    assert lines[-1]["event"] == "notifier.stopped"
    assert not any("@" in str(line) or "의료관광" in str(line) for line in lines)


def _metrics(operator: Operator) -> str:
    return httpx.get(f"http://127.0.0.1:{operator.port}/metrics", trust_env=False).text


async def test_preview_and_deliveries_say_what_when_to_whom_and_why(operator: Operator, publisher: Publisher):
    operator.run("migrate")
    await publisher.open_streams()
    await announce(publisher)
    operator.serve()
    await until(lambda: len(operator.mails) == 1)
    preview = json.loads(operator.run("--today", "2026-05-01", "preview", "--until", "2026-12-31", "--json").stdout)
    assert [(each["due_on"], each["rule"], each["office"]) for each in preview["reminders"]] == [
        ("2026-06-02", "notice-180", "busanjin"),
        ("2026-09-01", "notice-90", "busanjin"),
        ("2026-10-30", "notice-30", "busanjin"),
        ("2026-11-23", "notice-7", "busanjin"),
        ("2026-11-30", "notice-0", "busanjin"),
    ]
    assert preview["silent"] == []
    passed = json.loads(operator.run("--today", "2026-12-01", "preview", "--until", "2026-12-31", "--json").stdout)
    assert [each["reason"] for each in passed["silent"]] == ["passed"]
    assert "2026-10-30" in operator.run("--today", "2026-05-01", "preview", "--until", "2026-12-31").stdout
    (sent,) = json.loads(operator.run("deliveries", "--json").stdout)
    assert (sent["key"], sent["state"], sent["mail"]) == (TRIED, "sent", mail_id(TRIED))


async def test_the_doctor_names_what_is_missing_and_is_content_when_nothing_is(
    operator: Operator, publisher: Publisher
):
    ill = operator.run("doctor")
    assert ill.returncode == 1
    assert "notifier migrate" in ill.stdout
    assert "stream missing" in ill.stdout
    operator.run("migrate")
    await publisher.open_streams()
    well = operator.run("doctor")
    assert (well.returncode, "✗" in well.stdout) == (0, False)


def test_a_chosen_day_with_a_real_mail_server_is_refused_before_anything_starts(operator: Operator):
    refused = operator.run(*TODAY, "serve", MOA_SMTP_URL="smtp://user:secret@mail.example.org")
    assert refused.returncode == 2
    assert "실제 메일 서버로 보내지 않습니다" in refused.stderr
    assert "nothing is sent through a real mail server" in refused.stderr
    assert "secret" not in refused.stderr + refused.stdout


def test_what_is_missing_or_taken_is_said_in_two_sentences_without_a_traceback(operator: Operator):
    missing = operator.run("migrate", MOA_NOTIFIER_DATABASE_URL="")
    assert missing.returncode == 2
    assert "MOA_NOTIFIER_DATABASE_URL" in missing.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", operator.port))
        taken.listen()
        refused = operator.run("serve")
    assert refused.returncode == 2
    assert "MOA_NOTIFIER_PORT" in refused.stderr
    unreachable = operator.run("migrate", MOA_NOTIFIER_DATABASE_URL="postgresql://a:b@127.0.0.1:1/x")
    assert unreachable.returncode == 1
    assert "Traceback" not in missing.stderr + refused.stderr + unreachable.stderr


async def test_parked_lists_what_could_not_be_read(operator: Operator, publisher: Publisher):
    operator.run("migrate")
    await publisher.open_streams()
    await publisher.raw(f"registry.v1.open.agreement.term-set.{BUSANJIN}", b"junk")
    operator.serve()
    await until(lambda: json.loads(operator.run("parked", "--json").stdout or "[]") != [])
    (parked,) = json.loads(operator.run("parked", "--json").stdout)
    assert (parked["position"], parked["why"], parked["bytes"]) == (1, "message: json_invalid", 4)
    assert any(line.get("alarm") for line in operator.log())
