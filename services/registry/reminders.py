"""Asks the notifier's API what is due and what was sent, for the pages."""

from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from contracts.envelope import Message
from contracts.reminders import MailboxV1, MailV1, RemindersV1
from registry.kernel.errors import NotFound, Unavailable
from registry.kernel.ports import Row


class NotifierReminders:
    """The notifier over HTTP."""

    def __init__(self, base: str, token: str) -> None:
        """`base` is the notifier's address, `token` the secret shared with it."""
        self._client = httpx.AsyncClient(
            base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=3, trust_env=False
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def listing(self) -> Row:
        """Reminders due next and sent last; Unavailable when the notifier does not answer."""
        return await self._ask("/api/v1/reminders", RemindersV1)

    async def mailbox(self) -> Row:
        """The mails in the embedded mailbox, newest first."""
        return await self._ask("/api/v1/mailbox", MailboxV1)

    async def mail(self, mail: str) -> Row:
        """One mail; NotFound when there is none."""
        return await self._ask(f"/api/v1/mailbox/{quote(mail, safe='')}", MailV1)

    async def _ask(self, path: str, shape: type[Message]) -> dict[str, Any]:
        try:
            answer = await self._client.get(path)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise NotFound("mail.unknown", ko="이 메일을 찾을 수 없습니다.", en="There is no such mail.")
            answer.raise_for_status()
            return shape.model_validate_json(answer.content).model_dump()
        except (httpx.HTTPError, ValidationError) as error:
            raise Unavailable(
                "notifier.unreachable",
                ko="알림 서비스가 응답하지 않습니다. 알림은 서비스가 다시 시작되면 늦지 않게 이어서 발송됩니다.",
                en="The notifier does not answer; reminders go on from where they were once it is back.",
            ) from error
