"""The demonstration's tokens: one for each office, kept from run to run.

A command id counts within the account that used it. The first run's token is kept under
`MOA_HOME` (readable by its owner only), so that the next run is the same account's.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.refusal import Refusal

REPOSITORY = Path(__file__).resolve().parents[2]
ISSUE_SECONDS = 60


@dataclass(frozen=True)
class Tokens:
    """Where tokens come from: the environment, the last run, or the registry's own command."""

    environ: Mapping[str, str]
    folder: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Tokens":
        """Keep them beside the running stack's data."""
        return cls(environ, Path(environ.get("MOA_HOME") or REPOSITORY / "var") / "demo")

    def given(self, office: str) -> str | None:
        """The token that the environment names, if any (`MOA_DEMO_TOKEN_BUSANJIN`)."""
        return self.environ.get(variable(office)) or None

    def kept(self, office: str) -> str | None:
        """The token of the last run, if there was one."""
        try:
            return self._file(office).read_text(encoding="ascii").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, office: str, token: str) -> None:
        """Keep it for the next run, readable by its owner only."""
        file = self._file(office)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as kept:
                kept.write(token + "\n")
        except OSError as error:
            raise Refusal(
                f"{file}에 쓸 수 없습니다. MOA_HOME을 확인하거나 {variable(office)}에 토큰을 넣어 주세요.",
                f"{file} cannot be written: check MOA_HOME, or give a token in {variable(office)}.",
            ) from error

    def _file(self, office: str) -> Path:
        return self.folder / f"{office}.token"


def issued(office: str) -> str:
    """A new token of a new account, from the registry's own command."""
    command = [str(Path(sys.executable).parent / "registry"), "token", "issue", "--role", "staff", "--office", office]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ISSUE_SECONDS, check=False)  # noqa: S603 (our own script)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _not_issued(office, "") from error
    token = done.stdout.strip()
    if done.returncode or not token:
        raise _not_issued(office, "\n".join(done.stderr.strip().splitlines()[-1:]))
    return token


def _not_issued(office: str, why: str) -> Refusal:
    said = f"\n{why}" if why else ""
    return Refusal(
        f"토큰을 발급하지 못했습니다. 먼저 make run을 실행하거나 {variable(office)}에 토큰을 넣어 주세요.{said}",
        f"No token was issued: start the stack with make run, or give a token in {variable(office)}.",
    )


def variable(office: str) -> str:
    """The environment variable that may name an office's token."""
    return f"MOA_DEMO_TOKEN_{office.upper().replace('-', '_')}"
