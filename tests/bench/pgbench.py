"""The limit: pgbench's bare durable insert, one a transaction, with nothing around it."""

import os
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from deploy.embedded.postgres_data import program
from tests.bench.rounds import Round

TABLE = "create table bare (id bigserial primary key, state json)"
INSERT = 'insert into bare (state) values (\'{"kind":"local_government","office":"busanjin","n":1}\');\n'
# One transaction in so many is timed: a log of all of them would slow pgbench down.
SAMPLED = 0.2


class Pgbench:
    """pgbench on a database of its own."""

    def __init__(self, url: str) -> None:
        """Make the table."""
        parts = urlsplit(url)
        host = parse_qs(parts.query)["host"][0]
        self._address = ["-h", host, "-U", unquote(parts.username or ""), "-d", parts.path.lstrip("/")]
        self._environment = {"PGPASSWORD": unquote(parts.password or ""), "PATH": os.defpath}
        self._run("psql", "-q", "-c", TABLE, folder=None)

    def round(self, clients: int, seconds: int) -> Round:
        """One round of so many clients."""
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "insert.sql"
            script.write_text(INSERT, encoding="utf-8")
            how = ["-n", "-f", str(script), "-c", str(clients), "-j", str(min(2, clients)), "-T", str(seconds)]
            said = self._run("pgbench", *how, "--log", f"--sampling-rate={SAMPLED}", folder=folder)
            done = int(_said(said, "number of transactions actually processed: "))
            # Its own rate leaves out the time in which so many clients connect.
            return Round(done, done / float(_said(said, "tps = ")), _timed(Path(folder)))

    def _run(self, name: str, *told: str, folder: str | None) -> str:
        argv = [str(program(name)), *self._address, *told]
        done = subprocess.run(argv, env=self._environment, cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout


def _said(said: str, about: str) -> str:
    line = next(line for line in said.splitlines() if line.startswith(about))
    return line.removeprefix(about).split()[0]


def _timed(folder: Path) -> list[float]:
    """The milliseconds of the sampled transactions: the third column of pgbench's log, there in microseconds."""
    lines = (line for path in folder.glob("pgbench_log.*") for line in path.read_text().splitlines())
    return [int(line.split()[2]) / 1000 for line in lines]
