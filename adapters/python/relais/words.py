"""The syntax of what an envelope may hold: ids, codes, institutions, communes."""

import re

from relais.ids import is_id
from relais.refusal import Refusal

DAY_MS = 86_400_000
_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_THEMATIC = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}")
_INSTITUTION = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_COMMUNE = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def is_thematic(text: str) -> bool:
    return _THEMATIC.fullmatch(text) is not None


def is_institution_id(text: str) -> bool:
    return _INSTITUTION.fullmatch(text) is not None


def is_commune(text: str) -> bool:
    return _COMMUNE.fullmatch(text) is not None


def malformed(field: str, expected: str) -> Refusal:
    return Refusal("envelope.malformed", field, expected=expected)


def need(good: bool, field: str, expected: str) -> None:
    if not good:
        raise malformed(field, expected)


def need_id(data: bytes, field: str) -> None:
    need(is_id(data), field, "16 random bytes")


def optional_code(text: str, field: str) -> None:
    need(not text or is_code(text), field, "a code [a-z0-9][a-z0-9_.-]{0,63}")


def names_one(value: int, of: object) -> bool:
    """Enumerations are open on the wire: a number that this version does not know is as good as none."""
    return value != 0 and value in of.values()  # type: ignore[attr-defined]


def is_meeting_time(start_ms: int, end_ms: int) -> bool:
    return start_ms > 0 and 0 < end_ms - start_ms <= DAY_MS
