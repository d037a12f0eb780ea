"""MOA_HOME: the one folder where the stack keeps everything, and the only one it touches."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.identity import Identity
from deploy.embedded.refusal import Refusal

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
LONGEST_SOCKET_PATH = 107
LOCK_NAME = "moa.lock"
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Home:
    """The places inside MOA_HOME, and whose they are."""

    path: Path
    identity: Identity

    @property
    def postgres(self) -> Path:
        """The Postgres data directory."""
        return self.path / "postgres"

    @property
    def nats(self) -> Path:
        """The JetStream store."""
        return self.path / "nats"

    @property
    def run(self) -> Path:
        """Sockets, pid and ports files, the NATS configuration: remade at every start."""
        return self.path / "run"

    @property
    def log(self) -> Path:
        """One log file per process."""
        return self.path / "log"

    @property
    def mail(self) -> Path:
        """The Maildir that stands in for a mail server."""
        return self.path / "mail"

    @property
    def secrets(self) -> Path:
        """Passwords and the vault's master key, made once."""
        return self.path / "secrets.json"

    @property
    def lock(self) -> Path:
        """Locked while a stack runs here; also the mark of a folder that is a MOA_HOME."""
        return self.path / LOCK_NAME

    @property
    def welcomed(self) -> Path:
        """Written once the first sign-in link was issued."""
        return self.path / "welcomed"

    def write(self, path: Path, text: str) -> None:
        """Replace a file of MOA_HOME as a whole, readable by its owner alone."""
        with self.identity.acting():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
            _sync(path.parent)


def open_home(path: Path, *, may_hold_other_files: bool = False) -> Home:
    """Create or check MOA_HOME and its folders. Raises Refusal if it cannot serve.

    Only `path` itself and what lies in it is created or re-permissioned. A folder that holds
    something else is refused, for closing it to others (0700) could lock somebody out.
    """
    path = Path(os.path.realpath(path))
    _refuse_long_socket_path(path)
    if not path.exists():
        _create(path)
    _refuse_foreign_folder(path, may_hold_other_files=may_hold_other_files)
    home = Home(path, Identity.for_home(path))
    if home.identity.dropped and path.stat().st_uid == 0:
        _give_away(path, home.identity)
    _refuse_unusable(home)
    with home.identity.acting():
        path.chmod(PRIVATE_FOLDER)
        for folder in (home.nats, home.run, home.log, home.mail):
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        home.lock.touch(mode=PRIVATE_FILE)
    if home.identity.dropped:  # mail that a service wrote when only root could run Python
        _give_away(home.mail, home.identity)
    return home


def _refuse_long_socket_path(path: Path) -> None:
    length = len(os.fsencode(path / "run" / SOCKET_NAME))
    if length > LONGEST_SOCKET_PATH:
        spare = length - LONGEST_SOCKET_PATH
        raise Refusal(
            f"MOA_HOME({path})이 소켓 경로 한도보다 {spare}바이트 기니 더 짧은 폴더를 MOA_HOME으로 지정하십시오.",
            f"MOA_HOME ({path}) is {spare} bytes too long for a socket path; set MOA_HOME to a shorter folder.",
        )


def _create(path: Path) -> None:
    try:
        path.mkdir(mode=PRIVATE_FOLDER)
        if os.geteuid() == 0:  # in somebody's folder it is that somebody's, not root's
            parent = path.parent.stat()
            os.chown(path, parent.st_uid, parent.st_gid)
    except FileNotFoundError:
        raise Refusal(
            f"{path.parent} 폴더가 없으니 먼저 만들거나 다른 MOA_HOME을 지정하십시오.",
            f"The folder {path.parent} does not exist; create it or choose another MOA_HOME.",
        ) from None
    except OSError as refused:
        raise Refusal(
            f"{path} 폴더를 만들 수 없으니({refused.strerror}) 쓸 수 있는 곳을 MOA_HOME으로 지정하십시오.",
            f"The folder {path} cannot be created ({refused.strerror}); set MOA_HOME to a place where you may write.",
        ) from None


def _refuse_foreign_folder(path: Path, *, may_hold_other_files: bool) -> None:
    if not path.is_dir():
        raise Refusal(
            f"{path}은(는) 폴더가 아니니 다른 MOA_HOME을 지정하십시오.",
            f"{path} is not a folder; choose another MOA_HOME.",
        )
    try:
        foreign = any(path.iterdir()) and not (path / LOCK_NAME).exists()
    except PermissionError:
        foreign = False  # reported with its reason by _refuse_unusable
    if foreign and not may_hold_other_files:
        raise Refusal(
            f"{path}에 모아의 것이 아닌 파일이 있으니 빈 폴더나 새 폴더를 MOA_HOME으로 지정하십시오.",
            f"{path} holds files that are not Moa's; set MOA_HOME to an empty or a new folder.",
        )


def _refuse_unusable(home: Home) -> None:
    path, identity = home.path, home.identity
    closed = identity.first_closed_folder(path)
    if closed is not None and identity.dropped:
        raise Refusal(
            f"root 대신 쓰는 uid {identity.uid}이(가) {closed}을(를) 지나갈 수 없으니"
            " /var/lib/moa나 /tmp/moa 같은 곳을 MOA_HOME으로 지정하십시오.",
            f"uid {identity.uid}, which stands in for root, cannot pass through {closed};"
            " set MOA_HOME to a folder such as /var/lib/moa or /tmp/moa.",
        )
    if not identity.may(os.R_OK | os.W_OK | os.X_OK, path):
        raise Refusal(
            f"uid {identity.uid}은(는) {path}에 쓸 수 없으니 주인(uid {_owner(path)})으로"
            " 실행하거나 다른 MOA_HOME을 지정하십시오.",
            f"uid {identity.uid} may not write to {path}; run as its owner (uid {_owner(path)})"
            " or choose another MOA_HOME.",
        )
    if _owner(path) != identity.uid:
        raise Refusal(
            f"{path}의 주인은 uid {_owner(path)}이니 그 사용자로 실행하거나 다른 MOA_HOME을 지정하십시오.",
            f"{path} belongs to uid {_owner(path)}; run as that user or choose another MOA_HOME.",
        )


def _owner(path: Path) -> int | str:
    try:
        return path.stat().st_uid
    except OSError:
        return "?"


def _give_away(path: Path, identity: Identity) -> None:
    """Hand a folder of root's in MOA_HOME to the unprivileged identity, the folder itself last.

    Through descriptors and never through a link: that identity could swap a folder meanwhile.
    """
    for _, folders, files, handle in os.fwalk(path):
        for name in (*folders, *files):
            found = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if found.st_uid == 0 and (name in folders or found.st_nlink == 1):
                os.chown(name, identity.uid, identity.gid, dir_fd=handle, follow_symlinks=False)
    os.chown(path, identity.uid, identity.gid, follow_symlinks=False)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
