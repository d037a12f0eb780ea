"""A Maildir: mails as files, each under a name that its reminder decides, so that none is there twice.

Source: D. J. Bernstein, "Using maildir format": written under tmp/, then linked into new/.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from contracts.reminders import MailV1
from notifier.errors import ChannelDown

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
NEWEST = 200
_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Maildir:
    """A mailbox in a folder, made when the first mail comes."""

    folder: Path
    channel: str = "maildir"

    async def send(self, name: str, message: EmailMessage) -> None:
        """Put a mail into new/ and have it on disk; nothing happens if it is there, read or unread."""
        body = message.as_bytes(policy=message.policy.clone(linesep="\n"))
        await asyncio.to_thread(self._deliver, name, body)

    async def has(self, name: str) -> bool:
        """Is it there, read or unread?"""
        return await asyncio.to_thread(lambda: self._find(name) is not None)

    async def mails(self) -> tuple[MailV1, ...]:
        """The newest mails first, two hundred at most."""
        return await asyncio.to_thread(self._mails)

    async def mail(self, name: str) -> MailV1 | None:
        """One mail; None when there is none of that name."""
        return await asyncio.to_thread(self._mail, name)

    def prepare(self) -> None:
        """Make the folders; ChannelDown when they cannot be written."""
        try:
            for part in ("tmp", "new", "cur"):
                (self.folder / part).mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
                if not os.access(self.folder / part, os.W_OK | os.X_OK):
                    raise PermissionError(part)
        except OSError as failure:
            raise self._unusable(failure) from failure

    def _deliver(self, name: str, body: bytes) -> None:
        self.prepare()
        if self._find(name):
            return
        draft = self.folder / "tmp" / f"{name}.{os.getpid()}"
        try:
            _write(draft, body)
            _link(draft, self.folder / "new" / name)
            draft.unlink()
            _sync(self.folder / "new")
        except OSError as failure:
            raise self._unusable(failure) from failure

    def _find(self, name: str) -> Path | None:
        """The mail's file: a reader moves it to cur/ and puts flags behind its name."""
        unread = self.folder / "new" / name
        if unread.exists():
            return unread
        return next((self.folder / "cur").glob(f"{name}*"), None) if _NAME.fullmatch(name) else None

    def _mails(self) -> tuple[MailV1, ...]:
        files = sorted(self._files(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return tuple(_read(file) for file in files[:NEWEST])

    def _mail(self, name: str) -> MailV1 | None:
        file = self._find(name) if _NAME.fullmatch(name) else None
        return _read(file) if file else None

    def _files(self) -> Iterator[Path]:
        for part in ("new", "cur"):
            yield from (file for file in (self.folder / part).glob("*") if _NAME.match(file.name))

    def _unusable(self, failure: OSError) -> ChannelDown:
        return ChannelDown(
            "maildir.unavailable",
            ko=f"메일 폴더 {self.folder}에 쓸 수 없습니다({failure.strerror}). MOA_MAILDIR과 권한을 확인하십시오.",
            en=f"The mail folder {self.folder} cannot be written ({failure.strerror});"
            " check MOA_MAILDIR and its permissions.",
        )


def _read(file: Path) -> MailV1:
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    body = message.get_body(("plain",))
    return MailV1(
        id=file.name[:32],
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        text=body.get_content() if body else "",
    )


def _write(path: Path, body: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _link(draft: Path, place: Path) -> None:
    """Put the mail in its place unless it is there: of two at once, one wins."""
    try:
        os.link(draft, place)
    except FileExistsError:
        return


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
