"""Where the processors' time goes while something is measured: to which program, and to programs that are not ours."""

import time
from collections.abc import Callable, Mapping, Sequence

import psutil

Seconds = Mapping[str, float]


def watch(programs: Mapping[str, int]) -> Callable[[], Seconds]:
    """Begin to watch programs by pid; the answer tells the seconds that each has used since, its children's too."""
    before = {name: _used(pid) for name, pid in programs.items()}
    return lambda: {name: _used(pid) - before[name] for name, pid in programs.items()}


def told(each: Sequence[Seconds], done: int) -> str:
    """Milliseconds of processor time a request, by program."""
    names = each[0] if each else {}
    return ", ".join(f"{name} {1000 * sum(one[name] for one in each) / done:.2f}" for name in names)


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
