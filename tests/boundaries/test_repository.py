"""What the repository itself must keep to."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In parts, so that this file does not name what it looks for.
HOSTS = ("pypi" r"\.org", "python" r"hosted\.org", "registry" r"\.npmjs", "deb" r"\.debian\.org")
PACKAGE_HOSTS = re.compile("|".join(HOSTS))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines()]


def test_every_locked_package_carries_hashes_and_no_host_is_named() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        entries = (ROOT / lock).read_text(encoding="utf-8").split("\n")
        packages = [n for n, line in enumerate(entries) if "==" in line]
        assert packages
        for n in packages:
            assert "--hash=sha256:" in entries[n + 1], entries[n]
        assert not any("://" in line or line.startswith("--index") for line in entries)


def test_no_file_names_a_package_host() -> None:
    texts = [path for path in tracked() if path.suffix in {".py", ".md", ".toml", ".lock", ".yml", ".sql", ".html", ""}]
    assert texts
    named = [str(path) for path in texts if path.is_file() and PACKAGE_HOSTS.search(path.read_text("utf-8", "ignore"))]
    assert named == []


def test_make_help_lists_every_target() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    assert {line.split()[1] for line in shown.splitlines()} == set(phony[1].split())
