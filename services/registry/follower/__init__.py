"""How parts follow the log, and how they stand."""

from registry.follower.follower import Fold, Follower, React
from registry.follower.standing import STANDINGS, Standing, note, standings, why

__all__ = ["STANDINGS", "Fold", "Follower", "React", "Standing", "note", "standings", "why"]
