"""Secret keys at rest: one key per file, as `relaisctl keys new` writes it; mode 0600 or refused."""

import base64
import binascii
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import nacl.bindings as sodium

from relais.refusal import Refusal

USES = ("transport", "signing", "sealing")
KEY_BYTES = 32
_FILE_BYTES_MAX = 4096
_NAMES = ("relais-key", "use", "id", "public", "secret")


@dataclass(frozen=True)
class Key:
    """For a signing key the secret is the 32-byte seed of Ed25519."""

    use: str
    id: str
    public: bytes
    secret: bytes = field(repr=False)


def read_key_file(path: Path) -> Key:
    """key.file_mode when others than the owner may read it; key.invalid (field names the line) when it is not such a file
    or the public half does not belong to the secret; io.failed when it can not be read."""
    return _interpret(path, _parse(path, _read_private(path)))


def public_half(use: str, secret: bytes) -> bytes:
    if use == "signing":
        return bytes(sodium.crypto_sign_seed_keypair(secret)[0])
    return bytes(sodium.crypto_scalarmult_base(secret))


def from_base64(text: str) -> bytes | None:
    """Strict: None for anything that encoding the result would not give back."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def _invalid(path: Path, place: str, why: str) -> Refusal:
    return Refusal("key.invalid", place, path=str(path), why=why)


def _read_private(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise _invalid(path, "", "not a regular file")
            if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Refusal("key.file_mode", path=str(path), mode=f"{stat.S_IMODE(facts.st_mode):04o}")
            data = os.read(descriptor, _FILE_BYTES_MAX + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Refusal("io.failed", path=str(path), why=os.strerror(error.errno or 0)) from None
    if len(data) > _FILE_BYTES_MAX:
        raise _invalid(path, "", "longer than a key file")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _invalid(path, "", "not a text") from None


def _parse(path: Path, text: str) -> dict[str, tuple[str, str]]:
    """name -> (value, "line 3")"""
    values: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        if not line or line.startswith("#"):
            continue
        place = f"line {number}"
        name, equals, rest = line.partition(' = "')
        value = rest.removesuffix('"')
        if not equals or value == rest or '"' in value:
            raise _invalid(path, place, 'expected: name = "value"')
        if name in values:
            raise _invalid(path, place, "given twice")
        values[name] = (value, place)
    for name in _NAMES:
        if name not in values:
            raise _invalid(path, "", f"{name} is missing")
    if len(values) != len(_NAMES):
        raise _invalid(path, "", f"allowed: {', '.join(_NAMES)}")
    return values


def _interpret(path: Path, values: dict[str, tuple[str, str]]) -> Key:
    version, place = values["relais-key"]
    if version != "1":
        raise _invalid(path, place, "expected: version 1")
    use, place = values["use"]
    if use not in USES:
        raise _invalid(path, place, f"allowed: {', '.join(USES)}")
    key_id, place = values["id"]
    if not key_id:
        raise _invalid(path, place, "empty")
    halves = []
    for half in ("public", "secret"):
        text, place = values[half]
        data = from_base64(text)
        if data is None or len(data) != KEY_BYTES:
            raise _invalid(path, place, "expected: 32 bytes as base64")
        halves.append(data)
    public, secret = halves
    if public_half(use, secret) != public:
        raise _invalid(path, values["public"][1], "does not belong to the secret")
    return Key(use, key_id, public, secret)
