"""Who the stack runs as: the operator, or, for root, an unprivileged uid.

Postgres refuses to run as root. No user is created: a MOA_HOME that belongs to somebody runs as
that somebody, any other as the overflow uid that Linux calls "nobody".
"""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from deploy.embedded.refusal import Refusal

NOBODY = 65534


class ProcessOwner(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that give a child to this identity."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Identity:
    """The uid and gid of the children and of every file in MOA_HOME."""

    uid: int
    gid: int
    dropped: bool

    @classmethod
    def for_home(cls, home: Path) -> "Identity":
        """Take the operator's own; for root, that of the owner of `home`, or nobody's."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), dropped=False)
        uid = home.stat().st_uid if home.exists() else 0
        uid = uid or _nobody()
        return cls(uid, _group_of(uid), dropped=True)

    @property
    def has_account(self) -> bool:
        """Whether the uid has a name in the system's user list, which Postgres insists on."""
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            return False
        return True

    @property
    def process_owner(self) -> ProcessOwner:
        """What `subprocess.Popen` needs to start a child as this identity."""
        if not self.dropped:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Touch files as this identity, so that root follows nobody's symlinks."""
        if not self.dropped or os.geteuid() != 0:
            yield
            return
        groups, gid = os.getgroups(), os.getegid()
        try:
            os.setgroups([])
            os.setegid(self.gid)
            os.seteuid(self.uid)
        except OSError as refused:
            raise Refusal(
                f"여기서는 root가 uid {self.uid}로 바꿀 수 없으니({refused.strerror}) 일반 사용자로 실행하십시오.",
                f"Root may not switch to uid {self.uid} here ({refused.strerror}); run the stack as an ordinary user.",
            ) from None
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(gid)
            os.setgroups(groups)

    def may(self, mode: int, path: Path) -> bool:
        """Whether this identity has access `mode` (os.R_OK, W_OK, X_OK) to `path`."""
        with self.acting():
            return os.access(path, mode, effective_ids=True)

    def first_closed_folder(self, path: Path) -> Path | None:
        """Find the topmost folder on the way to `path` that this identity cannot pass through."""
        ways = [folder for folder in reversed(path.parents) if folder.exists()]
        return next((folder for folder in ways if not self.may(os.X_OK, folder)), None)


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid or NOBODY
    except KeyError:
        return NOBODY


def _group_of(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid or NOBODY
    except KeyError:
        return NOBODY
