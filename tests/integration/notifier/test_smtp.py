"""A mail server takes a letter, refuses it for good, or asks to try again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from notifier.delivery.smtp import Smtp
from notifier.errors import Unavailable, Undeliverable


@dataclass
class MailServer:
    """Enough of RFC 5321 to take a mail; `answer` is what it says to a recipient."""

    answer: str = "250 ok"
    mails: list[bytes] = field(default_factory=list)
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write((self.answer if verb == b"RCPT" else "250 ok").encode() + b"\r\n")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def mail_server(answer: str = "250 ok") -> AsyncIterator[MailServer]:
    server = MailServer(answer)
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server


def letter() -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = "moa@moa.localhost", "busanjin@moa.localhost"
    message["Subject"] = "해지통보 기한"
    message.set_content("본문\n", cte="base64")
    return message


async def test_a_letter_arrives_whole():
    async with mail_server() as server:
        await Smtp.at(f"smtp://127.0.0.1:{server.port}").send("0" * 32, letter())
    received = message_from_bytes(server.mails[0], policy=policy.default)
    assert (received["Subject"], received.get_content().strip()[:2]) == ("해지통보 기한", "본문")


async def test_a_refusal_for_good_is_undeliverable():
    async with mail_server("550 no such user") as server:
        with pytest.raises(Undeliverable) as refused:
            await Smtp.at(f"smtp://127.0.0.1:{server.port}").send("0" * 32, letter())
    assert refused.value.code == "smtp.550"


async def test_greylisting_and_a_dead_server_ask_to_try_again():
    async with mail_server("451 later") as server:
        with pytest.raises(Unavailable):
            await Smtp.at(f"smtp://127.0.0.1:{server.port}").send("0" * 32, letter())
    with pytest.raises(Unavailable):
        await Smtp.at(f"smtp://127.0.0.1:{server.port}").send("0" * 32, letter())
