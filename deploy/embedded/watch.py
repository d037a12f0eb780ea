"""The eye on a running stack: stop signals, and processes that end by themselves."""

import itertools
import signal
import time
from types import FrameType

from deploy.embedded.child import Child
from deploy.embedded.refusal import StopRequested

LOOK_EVERY = 0.1
LOOKS_PER_LOG_CHECK = 600
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Watch:
    """Looks after the children, and remembers a stop signal until somebody looks.

    A signal never interrupts: whoever waits calls `pulse`, so nothing is left half done.
    """

    def __init__(self) -> None:
        """Watch nothing yet."""
        self._stop_requested = False
        self._children: list[Child] = []

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and the terminal's hang-up as requests to stop."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._remember)

    def over(self, child: Child) -> None:
        """From now on, report this child if it ends by itself."""
        self._children.append(child)

    def pulse(self) -> None:
        """Raise StopRequested or, for a child that ended by itself, Breakdown."""
        if self._stop_requested:
            raise StopRequested
        for child in self._children:
            if child.exit_code() is not None:
                raise child.breakdown()

    def keep(self) -> None:
        """Watch until `pulse` raises, and keep the logs within bounds."""
        for tick in itertools.count(1):
            self.pulse()
            time.sleep(LOOK_EVERY)
            if tick % LOOKS_PER_LOG_CHECK == 0:
                for child in self._children:
                    child.shorten_log()

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True
