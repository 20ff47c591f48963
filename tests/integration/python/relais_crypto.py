"""Keys, signatures and sealed compartments, as proto/README.md (2, 11) describes them."""

import base64
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import nacl.bindings as sodium
import nacl.exceptions
import nacl.signing
from relais.v1 import common_pb2, content_pb2, envelope_pb2

ENVELOPE_DOMAIN = b"relais.v1.envelope"
NETWORK_DOMAIN = b"relais.v1.network"

# The message of content.proto for each category: CATEGORY_SOCIAL_SITUATION holds a SocialSituation, and so on.
CONTENTS = {
    number: getattr(content_pb2, name.removeprefix("CATEGORY_").title().replace("_", ""))
    for name, number in common_pb2.Category.items()
    if number != common_pb2.CATEGORY_UNSPECIFIED
}


class DoesNotOpen(Exception):
    """A compartment that fails to authenticate, or is not the one announced."""


@dataclass(frozen=True)
class Key:
    use: str
    id: str
    public: bytes
    secret: bytes

    @staticmethod
    def read(path: Path) -> "Key":
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise PermissionError(f"{path}: others than its owner may read it")
        values = dict(re.findall(r'^([a-z-]+) = "([^"]*)"\s*$', path.read_text(), re.MULTILINE))
        if values["relais-key"] != "1":
            raise ValueError(f"{path}: not a key file of version 1")
        public, secret = (base64.b64decode(values[half]) for half in ("public", "secret"))
        return Key(values["use"], values["id"], public, secret)


def sign(key: Key, domain: bytes, data: bytes) -> bytes:
    return nacl.signing.SigningKey(key.secret).sign(domain + data).signature


def verifies(public: bytes, domain: bytes, data: bytes, signature: bytes) -> bool:
    try:
        nacl.signing.VerifyKey(public).verify(domain + data, signature)
        return True
    except (nacl.exceptions.BadSignatureError, ValueError):
        return False


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


def seal(message_id, category, content, sender_key, recipients, random=os.urandom) -> envelope_pb2.Compartment:
    """`recipients`: institution id -> (id, public bytes) of its sealing key."""
    compartment = envelope_pb2.Compartment(category=category)
    key, compartment.nonce = random(32), random(24)
    compartment.ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        content.SerializeToString(), message_id + bytes([category]), compartment.nonce, key
    )
    for recipient, (key_id, public) in recipients.items():
        nonce = random(24)
        sealed = sodium.crypto_box_afternm(key, nonce, sodium.crypto_box_beforenm(public, sender_key.secret))
        compartment.wraps.add(
            recipient=recipient, recipient_key=key_id, sender_key=sender_key.id, nonce=nonce, sealed_key=sealed
        )
    return compartment


def open_compartment(compartment, message_id, wrap, own_secret, sender_public):
    """The content message. DoesNotOpen."""
    try:
        shared = sodium.crypto_box_beforenm(sender_public, own_secret)
        key = sodium.crypto_box_open_afternm(wrap.sealed_key, wrap.nonce, shared)
        content = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
            compartment.ciphertext, message_id + bytes([compartment.category]), compartment.nonce, key
        )
        return CONTENTS[compartment.category].FromString(content)
    except Exception as fault:  # whatever is wrong with it, it does not open
        raise DoesNotOpen(str(fault)) from None
