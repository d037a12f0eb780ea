"""Who is told. Thin: one mailbox for each office, `<office>@<MOA_MAIL_DOMAIN>`, role `renewals`.

The address book of offices, roles, substitutes and absences (encrypted, erasable) takes its place.
"""

import re
from dataclasses import dataclass

from notifier.errors import Undeliverable

ROLE = "renewals"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Recipient:
    """An office's role. No address: that is asked for when the mail is written."""

    office: str
    role: str = ROLE

    @property
    def name(self) -> str:
        """How the reminder's key names it."""
        return f"{self.office}/{self.role}"


@dataclass(frozen=True)
class AddressBook:
    """Addresses by rule."""

    domain: str

    def address(self, recipient: Recipient) -> str:
        """Where the mail goes; Undeliverable when the office's code makes no address."""
        if not _PLAIN.fullmatch(recipient.office):
            raise Undeliverable("recipient.no_address")
        return f"{recipient.office}@{self.domain}"
