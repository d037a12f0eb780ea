"""`make bench`: measures against peers in the same run, prints a table and writes var/bench.json."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from registry import bootstrap
from rich.console import Console

from tests.bench import append, busy, draining, growth, lag, looking_back, mapping, posting, projecting
from tests.bench.figures import Figure, table, write
from tests.bench.ground import Ground, machine, prepared

RESULTS = Path("var/bench.json")
WIDTH = 200
# A figure of a machine that somebody else keeps busy is worth little; ratios suffer less.
OTHERS = "share_of_the_machine_taken_by_others"
PARTS: dict[str, Callable[[Ground], Sequence[Figure]]] = {
    "append": append.measure,
    "mapper": mapping.measure,
    "http": posting.measure,
    "lag": lag.measure,
    "relay": draining.measure,
    "projection": projecting.measure,
    "size": growth.measure,
    "history": looking_back.measure,
}


def main() -> None:
    """Measure everything, or the parts that MOA_BENCH_ONLY names; MOA_BENCH_EVENTS is the size of the large log."""
    console = Console(width=WIDTH) if not sys.stdout.isatty() else Console()
    wanted = [name for name in os.environ.get("MOA_BENCH_ONLY", "").split(",") if name] or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        raise SystemExit(f"MOA_BENCH_ONLY: choose among {', '.join(PARTS)}; there is no {', '.join(unknown)}.")
    figures: list[Figure] = []
    with prepared(int(os.environ.get("MOA_BENCH_EVENTS", "1000000"))) as ground, _log(ground):
        for number, name in enumerate(wanted, start=1):
            console.print(f"[{number}/{len(wanted)}] {name} …", markup=False, highlight=False)
            started, share = time.perf_counter(), busy.elsewhere()
            measured, others = PARTS[name](ground), f"{share():.0%}"
            figures += [replace(each, conditions={**each.conditions, OTHERS: others}) for each in measured]
            console.print(f"      {time.perf_counter() - started:.0f} s; to other programs: {others}", highlight=False)
    console.print(table(figures))
    write(RESULTS, figures, machine())


@contextmanager
def _log(ground: Ground) -> Iterator[None]:
    """Log as in service: a JSON line a command, into a file. The collector is settled as there, for all rivals."""
    with (ground.home.path / "bench.log").open("w", encoding="utf-8") as log:
        bootstrap.configure_logs("info", log, for_good=True)
        bootstrap.settle_memory()
        yield


if __name__ == "__main__":
    main()
