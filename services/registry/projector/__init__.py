"""Keeps the views: folds facts into rows, and builds a view anew beside the live one."""

from registry.projector.projector import Projector
from registry.projector.rebuild import Progress, rebuild

__all__ = ["Progress", "Projector", "rebuild"]
