"""Installs a lock file with pip and shows how far it has come. Standard library only: nothing is installed yet.

Run with the interpreter of the environment: `.venv/bin/python deploy/install.py requirements.lock`.
"""

import subprocess
import sys
from pathlib import Path

STEPS = ("Collecting ", "Requirement already satisfied: ")
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "--require-hashes", "-r")


def main(lock: str) -> int:
    """Install everything in `lock`, hashes checked; the exit code is pip's."""
    packages = sum("==" in line for line in Path(lock).read_text(encoding="utf-8").splitlines())
    said: list[str] = []
    seen = 0
    argv = [sys.executable, *PIP, lock]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603 (fixed words and our lock file)
        for line in pip.stdout or ():
            said.append(line)
            if line.startswith(STEPS):
                seen += 1
                name = line.removeprefix(STEPS[0]).removeprefix(STEPS[1]).split("==")[0].strip()
                _show(f"  {min(seen, packages)}/{packages} {name}")
            elif line.startswith("Installing collected"):
                _show(f"  {packages}/{packages} 설치하는 중 · unpacking")
        code = pip.wait()
    if sys.stdout.isatty():
        sys.stdout.write("\n")
    if code:
        sys.stderr.write("".join(said))
        sys.stderr.write(
            "✗ 패키지를 설치하지 못했습니다. 인터넷 연결을 확인한 뒤 다시 실행해 주세요.\n"
            "✗ The packages could not be installed: check the network, then run it again.\n"
        )
    return code


def _show(progress: str) -> None:
    """On one line where there is a terminal, a line each otherwise."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K{progress[:78]}")
    else:
        sys.stdout.write(f"{progress}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
