"""Shared by the makers of test vectors: fixed draws, keys, and the primitives, straight from proto/README.md (11).

Only the generated messages and libsodium are used here, no SDK: what two implementations are held against must come from
neither.
"""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "integration" / "python"))
import generated  # noqa: E402,F401  (puts the generated messages on the path)
import nacl.bindings as sodium  # noqa: E402
from relais.v1 import envelope_pb2  # noqa: E402

NOW_MS = 1_767_225_600_000
CCAS, CAF, CPAM, MISSION = "ccas-25056", "caf-25", "cpam-25", "ml-25"


def draw(name: str, count: int = 32) -> bytes:
    """Stands in for randomness: follows from its name."""
    return hashlib.shake_256(f"relais vectors {name}".encode()).digest(count)


def signing_public(seed: bytes) -> bytes:
    return sodium.crypto_sign_seed_keypair(seed)[0]


def sign(seed: bytes, domain: bytes, data: bytes) -> bytes:
    _, secret = sodium.crypto_sign_seed_keypair(seed)
    return sodium.crypto_sign(domain + data, secret)[:64]


def sealing_public(secret: bytes) -> bytes:
    return sodium.crypto_scalarmult_base(secret)


def digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=32).digest()


SIGNING = {name: draw(f"signing seed of {name}") for name in (CCAS, CAF, CPAM, "relais", "authority", "stranger")}
SEALING = {name: draw(f"sealing secret of {name}") for name in (CCAS, CAF, CPAM, MISSION)}


def seal(message_id: bytes, category: int, content: bytes, key: bytes, nonce: bytes, wraps) -> envelope_pb2.Compartment:
    """`wraps`: (recipient, recipient_key, sender_key, secret of the sender, public of the recipient, nonce)."""
    compartment = envelope_pb2.Compartment(category=category, nonce=nonce)
    compartment.ciphertext = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        content, message_id + bytes([category]), nonce, key)
    for recipient, recipient_key, sender_key, secret, public, wrap_nonce in wraps:
        sealed_key = sodium.crypto_box(key, wrap_nonce, public, secret)  # the "easy" form: tag first
        compartment.wraps.add(recipient=recipient, recipient_key=recipient_key, sender_key=sender_key, nonce=wrap_nonce,
                              sealed_key=sealed_key)
    return compartment


def sealed_for(message_id: bytes, category: int, content: bytes, *recipients: str) -> bytes:
    """A good compartment from the CCAS."""
    name = f"{message_id.hex()} {category}"
    wraps = [(one, "sealing-1", "sealing-1", SEALING[CCAS], sealing_public(SEALING[one]), draw(f"wrap {name} {one}", 24))
             for one in recipients]
    return seal(message_id, category, content, draw(f"key {name}"), draw(f"nonce {name}", 24), wraps).SerializeToString()


def refused(code: str, field: str = "") -> dict:
    return {"code": code, "field": field}
