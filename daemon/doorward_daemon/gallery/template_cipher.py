"""Seals templates: AES-256-GCM with a key per subject, which the device key wraps; also keys of transfers."""

import hmac
import secrets
from dataclasses import dataclass

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from doorward_daemon.gallery.transfer_cipher import TransferCipher, TransferSealBroken

NONCE_BYTES = 12
"""Random nonces of 96 bits. Source: NIST SP 800-38D section 8.2.2; a key seals far fewer than 2^32 messages."""
TAG_BYTES = 16
"""Length of the authentication tag."""

_TRANSFER = b"doorward gallery transfer key"


class SealBroken(Exception):
    """What was sealed cannot be opened: another key, another place, or changed bytes."""


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """Where a template belongs; bound to its ciphertext, so that no row can be moved to another subject or space."""

    subject_id: str
    """The subject."""
    reference_id: str
    """The reference."""
    embedding_id: str
    """Embedding space of the template."""


class SubjectCipher:
    """Seals and opens the templates of one subject.

    Args:
        key: the subject's own key, 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, place: TemplatePlace, vector: NDArray[np.float32]) -> bytes:
        """Encrypts a template.

        Args:
            place: where it belongs.
            vector: (D,) float32.

        Returns:
            Nonce, ciphertext and tag.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, vector.astype("<f4").tobytes(), _place_bytes(place))

    def open_into(self, place: TemplatePlace, sealed: bytes, row: NDArray[np.float32]) -> None:
        """Decrypts a template straight into its place in memory, so that no copy is left behind.

        Args:
            place: where it belongs.
            sealed: what `seal` returned.
            row: (D,) float32, writable; zeroed where the seal is broken.

        Raises:
            SealBroken: the key, the place, the length or a byte is wrong.
        """
        if len(sealed) != NONCE_BYTES + 4 * row.shape[0] + TAG_BYTES:
            raise SealBroken(f"{len(sealed)} bytes do not hold {row.shape[0]} numbers")
        view = memoryview(sealed)
        try:
            self._aead.decrypt_into(view[:NONCE_BYTES], view[NONCE_BYTES:], _place_bytes(place), row.data.cast("B"))
        except InvalidTag as error:
            row.fill(0.0)
            raise SealBroken("the authentication tag does not fit") from error


class TemplateCipher:
    """Makes, wraps and unwraps subject keys.

    Args:
        device_key: 32 bytes.
    """

    def __init__(self, device_key: bytes) -> None:
        self._aead = AESGCM(device_key)
        self._check = hmac.digest(device_key, b"doorward gallery key check", "sha256")

    @property
    def key_check(self) -> bytes:
        """Recognises the device key without telling it, 32 bytes."""
        return self._check

    def new_subject(self, subject_id: str) -> tuple[bytes, SubjectCipher]:
        """Makes a random key for a subject.

        Returns:
            The key wrapped, whose destruction destroys the templates, and what seals with it.
        """
        nonce, key = secrets.token_bytes(NONCE_BYTES), AESGCM.generate_key(256)
        return nonce + self._aead.encrypt(nonce, key, _key_bytes(subject_id)), SubjectCipher(key)

    def of_subject(self, subject_id: str, wrapped_key: bytes) -> SubjectCipher:
        """Unwraps a subject's key.

        Raises:
            SealBroken: another device key, another subject, or changed bytes.
        """
        try:
            key = self._aead.decrypt(wrapped_key[:NONCE_BYTES], wrapped_key[NONCE_BYTES:], _key_bytes(subject_id))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the key of subject {subject_id} cannot be unwrapped") from error
        return SubjectCipher(key)

    def new_wrapped_transfer_key(self) -> bytes:
        """Makes a random key for a transfer and wraps it; whoever destroys these bytes destroys what it sealed."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, AESGCM.generate_key(256), _TRANSFER)

    def of_transfer(self, wrapped_key: bytes) -> TransferCipher:
        """Unwraps a transfer's key.

        Raises:
            TransferSealBroken: another device key, or changed bytes.
        """
        try:
            return TransferCipher(self._aead.decrypt(wrapped_key[:NONCE_BYTES], wrapped_key[NONCE_BYTES:], _TRANSFER))
        except (InvalidTag, ValueError) as error:
            raise TransferSealBroken("the key of the transfer cannot be unwrapped") from error


def numbers_in(sealed: bytes) -> int:
    """Numbers a sealed template holds.

    Raises:
        SealBroken: the length is none of a sealed template.
    """
    plain_bytes = len(sealed) - NONCE_BYTES - TAG_BYTES
    if plain_bytes <= 0 or plain_bytes % 4:
        raise SealBroken(f"{len(sealed)} bytes are no sealed template")
    return plain_bytes // 4


def _key_bytes(subject_id: str) -> bytes:
    return b"doorward subject key\x00" + subject_id.encode("utf-8")


def _place_bytes(place: TemplatePlace) -> bytes:
    # Lengths in front: no two places may give the same bytes.
    parts = [part.encode("utf-8") for part in (place.subject_id, place.reference_id, place.embedding_id)]
    return b"doorward template\x00" + b"".join(len(part).to_bytes(2, "big") + part for part in parts)
