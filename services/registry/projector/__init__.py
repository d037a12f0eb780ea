"""Keeps the views: folds facts into rows, and builds a view anew beside the live one."""

from registry.projector.projector import Projector
from registry.projector.rebuild import Progress, Rebuilt, rebuild

__all__ = ["Progress", "Projector", "Rebuilt", "rebuild"]
