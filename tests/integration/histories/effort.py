"""How many histories are tried: a fixed set in the suite, fresh ones for as long as somebody asks.

`MOA_HYPOTHESIS_EXAMPLES=5000 .venv/bin/python -m pytest tests/integration/histories` draws 5,000 new ones for each
property, and prints how to try a failing one again.
"""

import os

from hypothesis import HealthCheck, Phase, settings

ASKED = os.environ.get("MOA_HYPOTHESIS_EXAMPLES")
# A failure in the suite is reported as it was found: to shrink it takes minutes, and races seldom come back.
PHASES = tuple(Phase) if ASKED else (Phase.explicit, Phase.generate)


def histories(examples: int) -> settings:
    """So many in the suite, always the same."""
    return settings(
        max_examples=int(ASKED or examples),
        derandomize=ASKED is None,
        print_blob=True,
        deadline=None,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
