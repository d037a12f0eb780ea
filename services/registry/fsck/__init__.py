"""`registry fsck`: do log, head, records, commands, names, views and stream agree?"""

from registry.fsck.check import Check
from registry.fsck.findings import Finding, Progress
from registry.fsck.stream import Marks, StreamLook, StreamSide

__all__ = ["Check", "Finding", "Marks", "Progress", "StreamLook", "StreamSide"]
