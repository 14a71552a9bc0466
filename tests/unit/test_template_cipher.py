"""Sealed templates open only with their key, in their place, unchanged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from doorward_daemon.gallery.template_cipher import SealBroken, TemplateCipher, TemplatePlace, numbers_in

DEVICE_KEY = bytes(range(32))
PLACE = TemplatePlace("anna", "r1", "space")
VECTOR = np.linspace(-1, 1, 16).astype(np.float32)
VECTORS = arrays.arrays(np.float32, st.integers(1, 64), elements=st.floats(-1, 1, width=32))


def opened(cipher, place: TemplatePlace, sealed: bytes) -> np.ndarray:
    row = np.full(numbers_in(sealed), 7.0, np.float32)
    cipher.open_into(place, sealed, row)
    return row


@given(VECTORS)
@settings(deadline=None)
def test_what_was_sealed_opens_again_bit_by_bit(vector: np.ndarray):
    cipher = TemplateCipher(DEVICE_KEY)
    wrapped = cipher.new_subject("anna")[0]
    sealed = cipher.of_subject("anna", wrapped).seal(PLACE, vector)
    assert opened(TemplateCipher(DEVICE_KEY).of_subject("anna", wrapped), PLACE, sealed).tobytes() == vector.tobytes()


def test_the_same_template_never_seals_to_the_same_bytes():
    cipher = TemplateCipher(DEVICE_KEY)
    subject = cipher.of_subject("anna", cipher.new_subject("anna")[0])
    assert len({subject.seal(PLACE, VECTOR) for _ in range(100)}) == 100


def test_every_subject_has_a_key_of_its_own():
    cipher = TemplateCipher(DEVICE_KEY)
    sealed = cipher.of_subject("anna", cipher.new_subject("anna")[0]).seal(PLACE, VECTOR)
    with pytest.raises(SealBroken):
        opened(cipher.of_subject("anna", cipher.new_subject("anna")[0]), PLACE, sealed)


@pytest.mark.parametrize(
    "place",
    [
        TemplatePlace("bert", "r1", "space"),
        TemplatePlace("anna", "r2", "space"),
        TemplatePlace("anna", "r1", "other"),
        TemplatePlace("annar", "1", "space"),
    ],
)
def test_a_template_cannot_be_moved_to_another_place(place: TemplatePlace):
    cipher = TemplateCipher(DEVICE_KEY)
    subject = cipher.of_subject("anna", cipher.new_subject("anna")[0])
    sealed = subject.seal(PLACE, VECTOR)
    row = np.full(16, 7.0, np.float32)
    with pytest.raises(SealBroken):
        subject.open_into(place, sealed, row)
    assert not row.any()


def test_any_changed_byte_breaks_the_seal():
    cipher = TemplateCipher(DEVICE_KEY)
    subject = cipher.of_subject("anna", cipher.new_subject("anna")[0])
    sealed = subject.seal(PLACE, VECTOR)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            opened(subject, PLACE, bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 27, 28, 30, 31])
def test_bytes_of_another_length_are_no_template(length: int):
    with pytest.raises(SealBroken):
        numbers_in(bytes(length))


def test_a_wrapped_key_opens_for_its_subject_and_its_device_only():
    cipher = TemplateCipher(DEVICE_KEY)
    wrapped = cipher.new_subject("anna")[0]
    with pytest.raises(SealBroken):
        cipher.of_subject("bert", wrapped)
    with pytest.raises(SealBroken):
        TemplateCipher(bytes(32)).of_subject("anna", wrapped)
    for broken in (b"", wrapped[:11], wrapped[:-1], wrapped[:-1] + b"\x00\x00"):
        with pytest.raises(SealBroken):
            cipher.of_subject("anna", broken)


def test_the_key_check_tells_device_keys_apart_without_telling_them():
    assert TemplateCipher(DEVICE_KEY).key_check == TemplateCipher(DEVICE_KEY).key_check
    assert TemplateCipher(DEVICE_KEY).key_check != TemplateCipher(bytes(32)).key_check
    assert DEVICE_KEY not in TemplateCipher(DEVICE_KEY).key_check
