"""The master key, and the keys that come of it: each purpose has one of its own (HKDF, RFC 5869)."""

import base64
import binascii
from typing import Self
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.kernel.errors import Refusal
from registry.vault.sealing import open_sealed, seal

KEY_BYTES = 32
FINGERPRINT_BYTES = 16


class MasterKey:
    """Wraps the persons' own keys. It shows itself nowhere: no field of it is printed."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes; ValueError for any other number."""
        if len(key) != KEY_BYTES:
            raise ValueError("a master key has 32 bytes")
        self._wrapping = derive(key, b"moa/vault/wrapping/1")
        self.fingerprint = derive(key, b"moa/vault/fingerprint/1")[:FINGERPRINT_BYTES]

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The key in MOA_VAULT_KEY: base64 of 32 bytes. Refusal, which never repeats the text."""
        if not text.strip():
            raise Refusal(
                "vault.key_missing",
                ko="볼트의 마스터 키가 없습니다. MOA_VAULT_KEY에 32바이트 키를 base64로 지정해 주세요.",
                en="The vault has no master key: set MOA_VAULT_KEY to 32 bytes in base64.",
            )
        try:
            return cls(base64.b64decode(text.strip(), validate=True))
        except (binascii.Error, ValueError):
            raise Refusal(
                "vault.key_wrong",
                ko="MOA_VAULT_KEY를 읽을 수 없습니다. 32바이트를 base64로 적은 44자여야 합니다.",
                en="MOA_VAULT_KEY cannot be read: it must be 32 bytes in base64, which is 44 characters.",
            ) from None

    def wrap(self, person: UUID, key: bytes) -> bytes:
        """A person's key, to be stored: nonce and ciphertext in one, bound to the person."""
        nonce, wrapped = seal(self._wrapping, "key", person, key)
        return nonce + wrapped

    def unwrap(self, person: UUID, wrapped: bytes) -> bytes:
        """The key of `person`; Unopened if this master key did not wrap it, or not for that person."""
        nonce, rest = wrapped[:12], wrapped[12:]
        return open_sealed(self._wrapping, "key", person, nonce, rest)


def fresh_key() -> bytes:
    """A random key for one person, 256 bits."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def derive(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose; whoever has it learns nothing of `key`."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)
