"""`python -m deploy.embedded`: what `make run` starts."""

import os
import sys

from deploy.embedded.refusal import Refusal
from deploy.embedded.screen import Screen
from deploy.embedded.settings import Settings
from deploy.embedded.stack import run


def main() -> int:
    """Read the environment once and run the stack; the process's exit code."""
    try:
        settings = Settings.from_environment(os.environ)
    except Refusal as refusal:
        Screen().refuse(refusal)
        return refusal.exit_code
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
