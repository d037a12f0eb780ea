"""AES-256-GCM with the identity of the row as associated data: what is moved to another row does not open."""

import secrets
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Part = Literal["key", "fields"]
NONCE_BYTES = 12


class Unopened(Exception):
    """The key, the row or the bytes are not the ones that this was sealed with; which of them, nobody can tell."""


def seal(key: bytes, part: Part, person: UUID, plain: bytes) -> tuple[bytes, bytes]:
    """A random 96-bit nonce, and the ciphertext with its tag, bound to `part` of `person`'s row."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, plain, _identity(part, person))


def open_sealed(key: bytes, part: Part, person: UUID, nonce: bytes, sealed: bytes) -> bytes:
    """What was sealed; Unopened for another key, part, person, or changed bytes."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, _identity(part, person))
    except (InvalidTag, ValueError):  # ValueError: cut off in the nonce or before the tag
        raise Unopened from None


def _identity(part: Part, person: UUID) -> bytes:
    return f"moa/vault/{part}/1/".encode() + person.bytes
