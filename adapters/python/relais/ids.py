"""Ids: 16 random bytes, or bytes that follow from a name."""

import hashlib
import os
import time
import uuid

ID_BYTES = 16


def new_id() -> bytes:
    return os.urandom(ID_BYTES)


def named_id(scope: str, name: str) -> bytes:
    """The same id whenever the same `scope` and `name` are given, here and in the C++ SDK.

    For things that may be read twice, e.g. ("files ccas-25056", digest of the file and number of the row). Do not feed
    it a person: a short name can be guessed from its id.
    """
    data = scope.encode()
    prefix = b"relais.sdk.named_id/" + str(len(data)).encode() + b"/" + data
    return hashlib.blake2b(prefix + name.encode(), digest_size=32).digest()[:ID_BYTES]


def is_id(data: bytes) -> bool:
    return len(data) == ID_BYTES and any(data)


def id_text(data: bytes) -> str:
    """As logs and tools of Relais show it."""
    return str(uuid.UUID(bytes=data)) if len(data) == ID_BYTES else data.hex()


def now_ms() -> int:
    return time.time_ns() // 1_000_000
