"""How parts follow the log, and how they stand."""

from registry.follower.follower import Fold, Follower, React
from registry.follower.place import BEGIN, PLACE, Place
from registry.follower.standing import STANDINGS, Standing, note, standings, why

__all__ = ["BEGIN", "PLACE", "STANDINGS", "Fold", "Follower", "Place", "React", "Standing", "note", "standings", "why"]
