"""What cannot run is refused before anything starts, in two sentences that say what to do."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).resolve().parents[2]
HANGUL = re.compile("[가-힣]")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root is replaced by somebody else")


@pytest.fixture
def place() -> Iterator[Path]:
    """Make a folder that the unprivileged user may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    """Make the MOA_HOME that `used_home` copies: making the databases takes the longest."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        with EmbeddedPostgres(Path(folder), durable=False):
            pass
        yield Path(folder)


@pytest.fixture
def used_home(place: Path, made_home: Path) -> Path:
    """Make a MOA_HOME with the data of an earlier run."""
    home = place / "home"
    subprocess.run(["cp", "-a", made_home, home], check=True)
    return home


@pytest.mark.parametrize("name", ["MOA_REGISTRY_PORT", "MOA_NOTIFIER_PORT", "MOA_NATS_PORT"])
def test_a_port_in_use_is_named_with_the_variable_to_change(place: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = refusal(place / "home", {name: str(port)})
    assert f"Port {port} is in use by another program; set {name} to another port." in refused


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8000.0", "\uff18\uff10"])
def test_a_port_that_is_none_is_refused(place: Path, port: str) -> None:
    refused = refusal(place / "home", {"MOA_NATS_PORT": port})
    assert "Set MOA_NATS_PORT to a number from 1 to 65535" in refused


def test_one_port_for_two_servers_is_refused(place: Path) -> None:
    refused = refusal(place / "home", {"MOA_NATS_PORT": "9001", "MOA_NOTIFIER_PORT": "9001"})
    assert "MOA_NOTIFIER_PORT and MOA_NATS_PORT are both 9001" in refused


@pytest.mark.parametrize("name", ["MOA_DATABASE_URL", "MOA_VAULT_DATABASE_URL", "MOA_NATS_URL", "MOA_SMTP_URL"])
def test_an_address_of_another_kind_is_refused_and_not_repeated(place: Path, name: str) -> None:
    refused = refusal(place / "home", {name: "https://user:hush@example.org/"})
    assert f"Set {name} to an address that starts with" in refused
    assert "hush" not in refused


def test_a_day_that_is_none_is_refused(place: Path) -> None:
    refused = refusal(place / "home", {"MOA_TODAY": "2026-02-30"})
    assert "Set MOA_TODAY to a date such as 2026-01-31" in refused


def test_a_home_too_long_for_a_socket_is_refused(place: Path) -> None:
    home = place / ("x" * 90)
    assert "too long for a socket path; set MOA_HOME to a shorter folder" in refusal(home)
    assert not home.exists()


def test_a_korean_home_counts_in_bytes(place: Path) -> None:
    assert "too long for a socket path" in refusal(place / ("업무협약" * 8))


def test_a_comma_in_the_home_is_refused(place: Path) -> None:
    assert "may not hold a comma" in refusal(place / "a,b")


def test_a_home_in_a_missing_folder_is_refused_and_nothing_is_made(place: Path) -> None:
    refused = refusal(place / "missing" / "home")
    assert f"The folder {place / 'missing'} does not exist" in refused
    assert list(place.iterdir()) == []


def test_a_home_that_is_a_file_is_refused(place: Path) -> None:
    (place / "file").write_text("a letter")
    assert "is not a folder; choose another MOA_HOME" in refusal(place / "file")


def test_a_folder_with_somebodys_files_is_refused_and_keeps_its_mode(place: Path) -> None:
    (place / "thesis.hwp").write_text("years of work")
    assert "holds files that are not Moa's" in refusal(place)
    assert place.stat().st_mode & 0o777 == 0o755


@as_root
def test_a_home_behind_a_closed_folder_is_refused_with_one_that_would_do(place: Path) -> None:
    place.chmod(0o700)
    refused = refusal(place / "home")
    assert f"cannot pass through {place};" in refused
    assert "/var/lib/moa" in refused


@as_root
def test_an_unprivileged_owner_of_a_home_stays_its_owner(place: Path) -> None:
    home = place / "home"
    home.mkdir()
    owner = pwd.getpwnam("daemon").pw_uid
    os.chown(home, owner, 0)
    with EmbeddedPostgres(home, durable=False) as postgres:
        assert Path(f"/proc/{postgres.child.pid}").stat().st_uid == owner
    assert {path.lstat().st_uid for path in home.rglob("*")} == {owner}


@as_root
def test_an_owner_without_an_account_is_refused(place: Path) -> None:
    (place / "home").mkdir()
    os.chown(place / "home", 12345, 12345)
    assert "uid 12345 has no account" in refusal(place / "home")


def test_data_of_another_major_version_is_refused(used_home: Path) -> None:
    (used_home / "postgres" / "PG_VERSION").write_text("15\n")
    assert "was written by Postgres 15 and this is 18" in refusal(used_home)


def test_data_without_a_version_is_refused(used_home: Path) -> None:
    (used_home / "postgres" / "PG_VERSION").unlink()
    assert "PG_VERSION in" in refusal(used_home)


@pytest.mark.parametrize("damage", ["gone", "cut", "garbled"])
def test_damaged_control_data_is_refused(used_home: Path, damage: str) -> None:
    control = used_home / "postgres" / "global" / "pg_control"
    match damage:
        case "gone":
            control.unlink()
        case "cut":
            os.truncate(control, 100)
        case _:
            control.write_bytes(b"\x01" * control.stat().st_size)
    assert "global/pg_control in" in refusal(used_home)


def test_a_server_that_gives_up_is_quoted_with_its_log(used_home: Path) -> None:
    for segment in (used_home / "postgres" / "pg_wal").glob("0*"):
        segment.unlink()
    (used_home / "postgres" / "pg_hba.conf").write_text("nonsense\n")
    refused = refusal(used_home)
    assert f"Postgres did not start; see its log ({used_home}/log/postgres.log)" in refused
    assert "which ends with: " in refused


def test_lost_secrets_are_never_made_anew_over_old_data(used_home: Path) -> None:
    (used_home / "secrets.json").unlink()
    assert "secrets.json is gone" in refusal(used_home)
    assert not (used_home / "secrets.json").exists()


def test_damaged_secrets_are_refused(used_home: Path) -> None:
    (used_home / "secrets.json").write_text('{"postgres": "half')
    assert "secrets.json is damaged; restore it from a backup." in refusal(used_home)


def test_the_secrets_of_another_home_are_refused(used_home: Path, place: Path) -> None:
    with EmbeddedPostgres(place / "other", durable=False) as other:
        shutil.copyfile(other.home.secrets, used_home / "secrets.json")
    assert "The password in secrets.json is not the one of this data" in refusal(used_home)


def test_a_stale_pid_file_after_a_power_cut_stops_nobody(used_home: Path) -> None:
    pid_file = used_home / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{used_home / 'postgres'}\n")
    owner = used_home.stat()
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    with EmbeddedPostgres(used_home, durable=False) as postgres:
        assert postgres.child.exit_code() is None


def refusal(home: Path, more: dict[str, str] | None = None) -> str:
    """Run the stack and see it refuse: exit code 2, two sentences, nothing else on stderr."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOA_")}
    ports = {f"MOA_{name}_PORT": port for name, port in zip(SERVERS, free_ports(), strict=True)}
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-m", "deploy.embedded"],
        env={**clean, **ports, "MOA_HOME": str(home), **(more or {})},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 2, answer.stdout + answer.stderr
    korean, english = answer.stderr.splitlines()
    assert HANGUL.search(korean)
    assert not HANGUL.search(english.replace(str(home), "").replace(str(home.parent), ""))
    return english


SERVERS = ("REGISTRY", "NOTIFIER", "NATS")


def free_ports() -> list[str]:
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for each in (one, two, three):
            each.bind(("127.0.0.1", 0))
        return [str(each.getsockname()[1]) for each in (one, two, three)]
