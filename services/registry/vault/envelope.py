"""One person as stored: fields under the person's own key, and that key under the master key."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import msgspec

from registry.kernel.ports import Person
from registry.vault.keys import MasterKey, derive, fresh_key
from registry.vault.sealing import open_sealed, seal


@dataclass(frozen=True)
class Envelope:
    """The four columns of a person that nobody has forgotten.

    `request_mac` tells a repeated request from another one. It is keyed by the person's own key:
    a plain hash of a name is the name, to anybody with a list of names, and this one dies with the key.
    """

    wrapped_key: bytes
    nonce: bytes
    ciphertext: bytes
    request_mac: bytes

    @classmethod
    def around(cls, master: MasterKey, person: UUID, fields: Person, office: str) -> "Envelope":
        """Seal a person's fields under a new key."""
        key = fresh_key()
        nonce, ciphertext = seal(key, "fields", person, msgspec.json.encode(fields))
        return cls(master.wrap(person, key), nonce, ciphertext, _mac(key, fields, office))

    def open(self, master: MasterKey, person: UUID) -> Person:
        """The fields; Unopened if this is not `person`'s envelope, or was made under another master key."""
        key = master.unwrap(person, self.wrapped_key)
        return msgspec.json.decode(open_sealed(key, "fields", person, self.nonce, self.ciphertext), type=Person)

    def asked_with(self, master: MasterKey, person: UUID, fields: Person, office: str) -> bool:
        """Was it made by a request with just this content? Unopened as in `open`."""
        key = master.unwrap(person, self.wrapped_key)
        return hmac.compare_digest(self.request_mac, _mac(key, fields, office))


def _mac(key: bytes, fields: Person, office: str) -> bytes:
    content = msgspec.json.encode([office, fields])
    return hmac.new(derive(key, b"moa/vault/request/1"), content, hashlib.sha256).digest()
