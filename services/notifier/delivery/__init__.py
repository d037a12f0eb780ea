"""How a letter reaches somebody: one port, and its channels."""

from email.message import EmailMessage
from typing import Protocol


class Delivery(Protocol):
    """A way to send mail. `name` derives from the reminder, so that the same mail has the same name."""

    @property
    def channel(self) -> str:
        """What receipts call it."""

    async def send(self, name: str, message: EmailMessage) -> None:
        """Hand the mail over, durably; Undeliverable when it never will be taken, ChannelDown to try again."""

    async def has(self, name: str) -> bool:
        """Was it handed over already? False where the channel cannot tell."""
