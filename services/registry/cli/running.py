"""How the command line gets at a house."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from registry.house import House

Open = Callable[[], AbstractAsyncContextManager[House]]
