"""Settles the collector of cycles before the work begins: looking through what stays for good costs time and pauses."""

import gc

# Facts and messages come and go by the thousand without cycles: look for some every 50,000 objects, not every 700.
# A view remembers many small objects without cycles too: looking through them often cost a quarter of its time.
YOUNG, MIDDLE, OLD = 50_000, 20, 100


def settle_memory() -> None:
    """What was imported stays for good: never look through it again, and look more rarely at what is new."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
