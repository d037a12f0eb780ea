"""A mail server. A crash between its acceptance and our record doubles the mail, with the same Message-ID."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from notifier.errors import ChannelDown, Refusal, Undeliverable

SECONDS = 30.0
PERMANENT = 500


@dataclass(frozen=True)
class Smtp:
    """`smtp://` upgrades to TLS where the server offers it, `smtps://` speaks TLS from the start."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    channel: str = "email"

    @classmethod
    def at(cls, url: str) -> Self:
        """The server at `smtp://user:password@host:port`; Refusal when that cannot be read."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise _unreadable() from None
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise _unreadable()
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587),
            tls=tls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    async def send(self, name: str, message: EmailMessage) -> None:
        """Hand the mail to the server; Undeliverable when it refuses for good, ChannelDown to try again."""
        del name
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.tls,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _verdict(max(each.code for each in refused.recipients)) from refused
        except aiosmtplib.SMTPAuthenticationError as failure:
            raise _later(str(failure.code)) from failure
        except aiosmtplib.SMTPResponseException as failure:
            raise _verdict(failure.code) from failure
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise _later(type(failure).__name__) from failure

    async def has(self, name: str) -> bool:
        """Say no: a mail server does not tell."""
        del name
        return False


def _verdict(code: int) -> Undeliverable | ChannelDown:
    return Undeliverable(f"smtp.{code}") if code >= PERMANENT else _later(str(code))


def _later(why: str) -> ChannelDown:
    return ChannelDown(
        "smtp.unavailable",
        ko=f"메일 서버가 지금 메일을 받지 않습니다({why}). MOA_SMTP_URL과 서버를 확인하십시오.",
        en=f"The mail server does not take mail just now ({why}); check MOA_SMTP_URL and the server.",
    )


def _unreadable() -> Refusal:
    return Refusal(
        "settings.smtp_url",
        ko="MOA_SMTP_URL은 smtp://사용자:비밀번호@서버:포트 또는 smtps://… 꼴이어야 합니다.",
        en="MOA_SMTP_URL must look like smtp://user:password@host:port or smtps://….",
    )
