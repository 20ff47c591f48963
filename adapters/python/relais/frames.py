"""One frame: its size, its shape, its grammar (proto/README.md, 4)."""

import re

from google.protobuf.message import DecodeError

from relais.refusal import Refusal
from relais.v1 import envelope_pb2, frames_pb2
from relais.wire import parse

PROTOCOL_VERSION = 1
INSTITUTIONS_MAX = 256
_NAME = re.compile(r"[A-Za-z0-9._+-]{1,64}", re.ASCII)


def is_name(text: str) -> bool:
    """What adapters call themselves."""
    return _NAME.fullmatch(text) is not None


def read_broker_frame(data: bytes) -> frames_pb2.BrokerFrame:
    """frame.malformed."""
    try:
        return parse(frames_pb2.BrokerFrame, data)
    except DecodeError:
        raise Refusal("frame.malformed", why="not a serialised BrokerFrame") from None


def read_adapter_frame(data: bytes, frame_bytes_max: int) -> frames_pb2.AdapterFrame:
    """As the broker reads it: for tests of adapters. frame.too_large, frame.malformed."""
    if len(data) > frame_bytes_max:
        raise Refusal("frame.too_large", max=str(frame_bytes_max))
    try:
        frame = parse(frames_pb2.AdapterFrame, data)
    except DecodeError:
        raise Refusal("frame.malformed", why="not a serialised AdapterFrame") from None
    if frame.HasField("hello") and not _stands_alone(frame):
        raise Refusal("frame.malformed", "hello", why="a hello stands alone in its frame, with session 0")
    return frame


def check_hello(hello: frames_pb2.Hello) -> None:
    """frame.version; frame.malformed (field names what). Who the key belongs to is the broker's to know."""
    if PROTOCOL_VERSION not in hello.protocol_versions:
        raise Refusal("frame.version", "hello.protocol_versions", versions=str(PROTOCOL_VERSION))
    for field, name in (("hello.adapter", hello.adapter), ("hello.adapter_version", hello.adapter_version)):
        if not is_name(name):
            raise Refusal("frame.malformed", field, why="1 to 64 letters, digits, '.', '_', '-' or '+'")
    if not 1 <= len(hello.institutions) <= INSTITUTIONS_MAX:
        raise Refusal("frame.malformed", "hello.institutions", why=f"1 to {INSTITUTIONS_MAX} institutions")


def check_message_size(submit: frames_pb2.Submit, message_bytes_max: int, field: str = "") -> None:
    """message.too_large."""
    if submit_bytes(submit) > message_bytes_max:
        raise Refusal("message.too_large", field, max=str(message_bytes_max))


def submit_bytes(message: frames_pb2.Submit | frames_pb2.Deliver) -> int:
    """What counts against limits and credit: envelope and compartments."""
    return len(message.envelope) + sum(len(compartment) for compartment in message.compartments)


def read_envelope(data: bytes) -> envelope_pb2.Envelope:
    """envelope.malformed."""
    try:
        return parse(envelope_pb2.Envelope, data)
    except DecodeError:
        raise Refusal("envelope.malformed", "envelope", expected="a serialised Envelope") from None


def _stands_alone(frame: frames_pb2.AdapterFrame) -> bool:
    return {field.name for field, _ in frame.ListFields()} == {"hello"}
