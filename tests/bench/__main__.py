"""`make bench`: measures against peers in the same run, prints a table and writes var/bench.json."""

import asyncio
import json
import tempfile
from pathlib import Path

from registry import bootstrap
from registry.store.migrate import migrate
from rich.console import Console
from rich.table import Table

from deploy.embedded.home import open_home
from deploy.embedded.postgres import EmbeddedPostgres
from tests.bench import append

RESULTS = Path("var/bench.json")


def main() -> None:
    """Measure everything."""
    with tempfile.TemporaryDirectory(prefix="moa-", dir="/tmp") as folder:
        home = open_home(Path(folder))
        with EmbeddedPostgres(home, settings={"max_connections": "300"}) as postgres:
            owner, runner = (postgres.url(role, "registry") for role in ("moa_owner", "moa_registry"))
            asyncio.run(migrate(owner, runner))
            with (home.path / "bench.log").open("w", encoding="utf-8") as log:
                bootstrap.configure_logs("info", log)  # as in service: a JSON line a command
                results = append.measure(postgres)
    table = Table("what", "value", "unit", "peer", "peer value", "ratio")
    for name, row in results.items():
        table.add_row(name, *(str(row[key]) for key in ("value", "unit", "peer", "peer_value", "ratio")))
    Console().print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
