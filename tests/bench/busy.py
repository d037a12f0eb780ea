"""Where the processor's time goes while something is measured: seconds by program, children included."""

from collections.abc import Callable, Mapping

import psutil

Seconds = Mapping[str, float]


def watch(programs: Mapping[str, int]) -> Callable[[], Seconds]:
    """Begin to watch programs by pid; the answer tells what each has used since. Those that end meanwhile are lost."""
    before = {name: _used(pid) for name, pid in programs.items()}
    return lambda: {name: _used(pid) - before[name] for name, pid in programs.items()}


def told(each: list[Seconds], done: int) -> str:
    """Milliseconds of processor time a request, by program."""
    names = each[0] if each else {}
    return ", ".join(f"{name} {1000 * sum(one[name] for one in each) / done:.2f}" for name in names)


def _used(pid: int) -> float:
    used = 0.0
    program = psutil.Process(pid)
    for process in (program, *program.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # a backend whose client has gone; what it used is not in question
        used += times.user + times.system
    return used
