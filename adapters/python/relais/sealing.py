"""Compartments: one content under a fresh key (XChaCha20-Poly1305), the key wrapped for each recipient (crypto_box)."""

import hashlib
import os
from collections.abc import Callable

import nacl.bindings as sodium
import nacl.exceptions

from relais.refusal import Refusal
from relais.v1 import common_pb2, envelope_pb2

KEY_BYTES = 32
NONCE_BYTES = 24
TAG_BYTES = 16
SEALED_KEY_BYTES = KEY_BYTES + TAG_BYTES

Random = Callable[[int], bytes]


def digest(data: bytes) -> bytes:
    """BLAKE2b-256."""
    return hashlib.blake2b(data, digest_size=32).digest()


def agree(secret: bytes, public: bytes) -> bytes:
    """The key that two sealing pairs share. key.invalid when the public key is a weak point."""
    try:
        return bytes(sodium.crypto_box_beforenm(public, secret))
    except (nacl.exceptions.CryptoError, nacl.exceptions.TypeError, nacl.exceptions.ValueError):
        raise Refusal("key.invalid", why="weak public key") from None


class SealedContent:
    """A compartment with the key that opens it, until it is wrapped for every recipient."""

    def __init__(self, message_id: bytes, category: int, content: bytes, random: Random = os.urandom) -> None:
        self._key = random(KEY_BYTES)
        self._random = random
        self.compartment = envelope_pb2.Compartment(nonce=random(NONCE_BYTES))
        self.compartment.category = category  # type: ignore[assignment]
        self.compartment.ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            content, _associated_data(message_id, category), self.compartment.nonce, self._key
        )

    def add_wrap(self, recipient: str, recipient_key: str, sender_key: str, shared: bytes) -> None:
        nonce = self._random(NONCE_BYTES)
        self.compartment.wraps.add(
            recipient=recipient,
            recipient_key=recipient_key,
            sender_key=sender_key,
            nonce=nonce,
            sealed_key=sodium.crypto_box_afternm(self._key, nonce, shared),
        )


def open_compartment(
    compartment: envelope_pb2.Compartment, message_id: bytes, wrap: envelope_pb2.Wrap, shared: bytes
) -> bytes:
    """The serialised content.

    compartment.malformed (field) when a size or the category is wrong; compartment.does_not_open when the wrap or the
    content fails to authenticate, or belongs to another message.
    """
    _check_sizes(compartment, wrap)
    try:
        key = sodium.crypto_box_open_afternm(wrap.sealed_key, wrap.nonce, shared)
        return bytes(
            sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
                compartment.ciphertext, _associated_data(message_id, compartment.category), compartment.nonce, key
            )
        )
    except nacl.exceptions.CryptoError:
        raise Refusal("compartment.does_not_open", category=category_word(compartment.category)) from None


def category_word(category: int) -> str:
    """"health" for CATEGORY_HEALTH."""
    return common_pb2.Category.Name(category).removeprefix("CATEGORY_").lower()


def is_category(category: int) -> bool:
    return category != common_pb2.CATEGORY_UNSPECIFIED and category in common_pb2.Category.values()


def _associated_data(message_id: bytes, category: int) -> bytes:
    return message_id + bytes([category])


def _check_sizes(compartment: envelope_pb2.Compartment, wrap: envelope_pb2.Wrap) -> None:
    for field, good in (
        ("category", is_category(compartment.category)),
        ("nonce", len(compartment.nonce) == NONCE_BYTES),
        ("ciphertext", len(compartment.ciphertext) >= TAG_BYTES),
        ("wraps.nonce", len(wrap.nonce) == NONCE_BYTES),
        ("wraps.sealed_key", len(wrap.sealed_key) == SEALED_KEY_BYTES),
    ):
        if not good:
            raise Refusal("compartment.malformed", field)
