"""The one desk at which every command is handled, whoever brings it: web, API, CLI or a process."""

from registry.application.desk import Application
from registry.application.request import CommandRequest

__all__ = ["Application", "CommandRequest"]
