"""Where the processors' time goes while something is measured: to which program, and to programs that are not ours."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from tests.bench.rounds import Round

Seconds = Mapping[str, float]


def watch(programs: Mapping[str, int]) -> Callable[[], Seconds]:
    """Begin to watch programs by pid; the answer tells the seconds that each has used since, its children's too."""
    before = {name: _used(pid) for name, pid in programs.items()}
    return lambda: {name: _used(pid) - before[name] for name, pid in programs.items()}


@dataclass
class Meter:
    """What some programs use in the rounds of one rival; unlike its speed, that hardly depends on who else is busy."""

    programs: Mapping[str, int]
    done: int = 0
    used: Counter[str] = field(default_factory=Counter)

    def around(self, turn: Callable[[], Round]) -> Callable[[], Round]:
        """The same turn, with an eye on the programs."""

        def watched() -> Round:
            stop = watch(self.programs)
            taken = turn()
            self.used.update(stop())
            self.done += taken.done
            return taken

        return watched

    def __str__(self) -> str:
        """Microseconds of processor time a request, by program."""
        return ", ".join(f"{name} {1e6 * seconds / self.done:.0f}" for name, seconds in self.used.items())


def elsewhere() -> Callable[[], float]:
    """Begin to watch the machine; the answer is the share of all its cores that others than this process took."""
    ours = watch({"bench": psutil.Process().pid})
    began, before = time.perf_counter(), _busy()

    def share() -> float:
        room = (time.perf_counter() - began) * (psutil.cpu_count() or 1)
        return max(0.0, (_busy() - before - ours()["bench"]) / room)

    return share


def _used(pid: int) -> float:
    """What a program and all beneath it have used, those that have ended included."""
    used = 0.0
    program = psutil.Process(pid)
    for process in (program, *program.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # it has ended since it was listed: its parent has its times when asked again
        used += times.user + times.system + times.children_user + times.children_system
    return used


def _busy() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0))
