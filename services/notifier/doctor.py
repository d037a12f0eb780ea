"""Looks at everything the notifier needs, one line each, with what to do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from contracts.subjects import NOTIFIER_STREAM, REGISTRY_STREAM
from notifier.bootstrap import delivery, open_desk
from notifier.delivery.maildir import Maildir
from notifier.errors import Notice, Unavailable
from notifier.settings import Settings
from notifier.wire import Wire


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `ko` and `en` say what to do when it is not well."""

    what: str
    well: bool
    ko: str
    en: str

    @classmethod
    def of(cls, what: str, notice: Notice) -> "Finding":
        """Something that is not well."""
        return cls(what, False, notice.ko, notice.en)


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at database, NATS, streams and mail, one after the other."""
    yield await _database(settings)
    async for finding in _nats(settings):
        yield finding
    yield _mail(settings)


async def _database(settings: Settings) -> Finding:
    try:
        async with open_desk(settings) as desk:
            pending = await desk.database.pending()
            if pending:
                return Finding("database", False, "`notifier migrate`를 실행하십시오.", "Run `notifier migrate`.")
            parked, orphans = len(await desk.mirror.parked()), await desk.mirror.orphans()
            position = (await desk.mirror.checkpoint()).position
    except Notice as notice:
        return Finding.of("database", notice)
    if parked or orphans:
        return Finding(
            "inbox",
            False,
            f"보류된 메시지 {parked}건, 협약을 모르는 기간 {orphans}건이 있습니다. `notifier parked`를 보십시오.",
            f"{parked} messages are parked and {orphans} terms belong to unknown agreements; see `notifier parked`.",
        )
    return Finding("database", True, f"위치 {position}까지 읽었습니다.", f"Read up to position {position}.")


async def _nats(settings: Settings) -> AsyncIterator[Finding]:
    try:
        wire = Wire(settings.nats)
    except Notice as notice:
        yield Finding.of("nats", notice)
        return
    try:
        for name in (REGISTRY_STREAM, NOTIFIER_STREAM):
            try:
                last = (await wire.stream(name)).state.last_seq
                yield Finding(f"stream {name}", True, f"마지막 번호 {last}.", f"Last sequence {last}.")
            except Unavailable as failure:
                yield Finding.of(f"stream {name}", failure)
    finally:
        await wire.close()


def _mail(settings: Settings) -> Finding:
    try:
        carrier = delivery(settings)
        if isinstance(carrier, Maildir):
            carrier.prepare()
            return Finding("maildir", True, f"{carrier.folder}에 씁니다.", f"Mail goes to {carrier.folder}.")
    except Notice as notice:
        return Finding.of("mail", notice)
    return Finding("mail", True, "메일 서버로 보냅니다(접속은 확인하지 않음).", "A mail server is set (not contacted).")
