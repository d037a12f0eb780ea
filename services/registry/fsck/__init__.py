"""`registry fsck`: do log, head, records, snapshots, commands, names, followers, views and stream agree?"""

from registry.fsck.check import Check
from registry.fsck.findings import Finding, Progress
from registry.fsck.followers import Followed
from registry.fsck.stream import Marks, StreamLook, StreamSide

__all__ = ["Check", "Finding", "Followed", "Marks", "Progress", "StreamLook", "StreamSide"]
