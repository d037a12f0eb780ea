"""Imports point down only, and whoever breaks a boundary is told which one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What somebody might write, where, and the boundary that must catch it.
VIOLATIONS = [
    ("registry/kernel/dates.py", "import registry.application", "Dependencies point down, towards the rules"),
    ("registry/agreement/events.py", "import registry.organisation.events", "Dependencies point down"),
    ("registry/store/log.py", "import registry.web.words", "Dependencies point down"),
    ("registry/api/app.py", "import registry.store.log", "Dependencies point down"),
    ("registry/process/renewals.py", "import registry.views.register", "Dependencies point down"),
    ("notifier/schedule.py", "import registry.kernel.terms", "The services meet only in contracts"),
    ("notifier/schedule.py", "import notifier.clock", "The notifier decides on paper"),
    ("notifier/inbox.py", "import nats", "In the notifier one room each"),
    ("contracts/envelope.py", "import httpx", "Contracts depend on nobody"),
    ("registry/agreement/commands.py", "import contracts.agreement", "Only published.py and the relay"),
    ("registry/views/register.py", "import asyncpg", "Slices, views, processes and the kernel do no I/O"),
    ("registry/store/mapper.py", "import registry.agreement.events", "The store knows no slice"),
    ("registry/agreement/events.py", "import registry.agreement.aggregate", "Inside a slice"),
    ("registry/agreement/projection.py", "import registry.agreement.aggregate", "Views and messages"),
    ("registry/kernel/values.py", "import registry.kernel.terms\nimport registry.kernel.facts", "No cycles anywhere"),
    ("registry/projector/keeper.py", "import asyncpg", "Only the store and the vault speak to Postgres"),
    ("registry/relay/lead.py", "import asyncpg", "Only the store and the vault speak to Postgres"),
    ("registry/fsck/records.py", "import asyncpg", "Only the store and the vault speak to Postgres"),
    ("registry/fsck/stream.py", "import nats", "Only relay and receipts speak to NATS"),
    ("registry/fsck/stream.py", "import registry.relay.stream", "Dependencies point down"),
    ("registry/access/policy.py", "import nats", "Only relay and receipts speak to NATS"),
    ("registry/store/log.py", "import nats", "Only relay and receipts speak to NATS"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code that may be broken."""
    copy = tmp_path_factory.mktemp("house")
    forget = shutil.ignore_patterns("__pycache__", "static")
    for part in ("services/registry", "services/notifier", "contracts"):
        shutil.copytree(ROOT / part, copy / Path(part).name, ignore=forget)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def boundaries(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(house), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )


def test_the_house_as_it_stands_keeps_every_boundary(house: Path) -> None:
    found = boundaries(house)
    assert found.returncode == 0, found.stdout
    assert " 0 broken" in found.stdout


@pytest.mark.parametrize(("file", "line", "boundary"), VIOLATIONS, ids=[f"{f}: {line}" for f, line, _ in VIOLATIONS])
def test_a_planted_violation_is_caught(house: Path, file: str, line: str, boundary: str) -> None:
    place = house / file
    before = place.read_text(encoding="utf-8")
    place.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        found = boundaries(house)
    finally:
        place.write_text(before, encoding="utf-8")
    assert found.returncode == 1, found.stdout
    broken = [text for text in found.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(boundary) for text in broken), found.stdout
