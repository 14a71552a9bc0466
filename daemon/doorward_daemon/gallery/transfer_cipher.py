"""Seals the parts of a gallery on its way in: AES-256-GCM with a key per transfer, which the device key wraps."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class TransferSealBroken(Exception):
    """What was sealed cannot be opened: another key, another place, or changed bytes."""


class TransferCipher:
    """Seals and opens the chunks of one transfer.

    Args:
        key: the transfer's own key, 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, number: int, packed: bytes) -> bytes:
        """Encrypts a chunk.

        Args:
            number: of the chunk; bound to its bytes, so that no chunk takes the place of another.
            packed: what it holds.

        Returns:
            Nonce, ciphertext and tag.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, packed, _place_bytes(number))

    def open(self, number: int, sealed: bytes) -> bytes:
        """Decrypts a chunk.

        Raises:
            TransferSealBroken: the key, the number or a byte is wrong.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _place_bytes(number))
        except (InvalidTag, ValueError) as error:
            raise TransferSealBroken(f"chunk {number} cannot be opened") from error


def _place_bytes(number: int) -> bytes:
    return b"doorward gallery chunk\x00" + number.to_bytes(8, "big")
