"""Ed25519 signatures over a domain and bytes, so that no signature serves two purposes."""

import nacl.exceptions
import nacl.signing

ENVELOPE_DOMAIN = b"relais.v1.envelope"
NETWORK_DOMAIN = b"relais.v1.network"
SIGNATURE_BYTES = 64


def sign(seed: bytes, domain: bytes, data: bytes) -> bytes:
    return bytes(nacl.signing.SigningKey(seed).sign(domain + data).signature)


def verifies(public: bytes, domain: bytes, data: bytes, signature: bytes) -> bool:
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        nacl.signing.VerifyKey(public).verify(domain + data, signature)
        return True
    except (nacl.exceptions.BadSignatureError, nacl.exceptions.ValueError):
        return False
