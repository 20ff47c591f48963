"""Reading protobuf messages that others wrote."""

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

M = TypeVar("M", bound=Message)
_VARINT, _FIXED64, _BYTES, _GROUP, _END_GROUP, _FIXED32 = range(6)


def parse(kind: type[M], data: bytes) -> M:
    """All of `data`, or DecodeError."""
    if _stops_early(data):
        raise DecodeError("not all of it is a message")
    message = kind()
    message.MergeFromString(data)
    return message


def _stops_early(data: bytes) -> bool:
    """Where a group ends that never began, and at field number 0, Python's protobuf on top of the C++ one takes what stands
    before for the whole message. Other faults are found by protobuf itself."""
    at, groups = 0, 0
    try:
        while at < len(data):
            tag, at = _varint(data, at)
            form = tag & 7
            if tag >> 3 == 0:
                return True
            if form == _VARINT:
                _, at = _varint(data, at)
            elif form == _BYTES:
                size, at = _varint(data, at)
                at += size
            elif form in (_FIXED64, _FIXED32):
                at += 8 if form == _FIXED64 else 4
            elif form == _GROUP:
                groups += 1
            elif form == _END_GROUP and groups:
                groups -= 1
            else:
                return form == _END_GROUP
    except IndexError:
        pass
    return False


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Value and the place after it."""
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
