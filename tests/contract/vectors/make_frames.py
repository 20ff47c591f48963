"""frames.json: what a frame is and what is none, for the broker (adapter frames) and for an adapter (broker frames)."""

from google.protobuf import json_format
from make_common import CAF, CCAS, draw, refused
from relais.v1 import frames_pb2, refusal_pb2

FRAME_BYTES_MAX = 8 << 20
SESSION = 0x0102030405060708
MALFORMED = refused("frame.malformed")


def hello(**fields):
    whole = {"protocol_versions": [1], "adapter": "files", "adapter_version": "0.1.0", "institutions": [CCAS], **fields}
    return frames_pb2.Hello(**whole)


def good(name, frame, data=None, why=""):
    data = frame.SerializeToString() if data is None else data
    return {"name": name, "frame": data.hex(), "frame_bytes_max": FRAME_BYTES_MAX,
            "expect": {"json": json_format.MessageToDict(frame, preserving_proto_field_name=True)}} | ({"why": why} if why else {})


def bad(name, data, expect=None, frame_bytes_max=FRAME_BYTES_MAX):
    return {"name": name, "frame": data.hex(), "frame_bytes_max": frame_bytes_max, "expect": expect or MALFORMED}


def adapter_frames():
    frame = frames_pb2.AdapterFrame
    submit = frames_pb2.Submit(envelope=draw("an envelope", 40), signature=draw("a signature", 64),
                               compartments=[draw("a compartment", 30), draw("another", 30)])
    settles = [
        frames_pb2.Settle(delivery_ids=[1, 2, 300], acknowledge=frames_pb2.Acknowledge()),
        frames_pb2.Settle(delivery_ids=[4], retry=frames_pb2.Retry(after_ms=30_000, reason="software.down")),
        frames_pb2.Settle(delivery_ids=[5], reject=frames_pb2.Reject(reason="signature.invalid")),
    ]
    queries = [
        frames_pb2.Query(query_id=1, network=frames_pb2.NetworkQuery()),
        frames_pb2.Query(query_id=2, referral_id=draw("a referral", 16)),
        frames_pb2.Query(query_id=3, message_id=draw("a message", 16)),
    ]
    full = frame(session=SESSION, submits=[submit], grant=frames_pb2.Grant(messages=256, bytes=16 << 20), settles=settles,
                 queries=queries, ping=frames_pb2.Ping(), bye=frames_pb2.Bye())
    whole = full.SerializeToString()
    ping = frame(session=SESSION, ping=frames_pb2.Ping())
    hello_frame = frame(hello=hello())
    hello_data = hello_frame.SerializeToString()
    return [
        good("hello", hello_frame),
        good("hello of a later version", frame(hello=hello(protocol_versions=[1, 2, 9]))),
        good("everything at once", full),
        good("nothing", frame()),
        good("ping", ping),
        good("bye beside a submission", frame(session=SESSION, submits=[submit], bye=frames_pb2.Bye())),
        good("a field of a later version", ping, ping.SerializeToString() + bytes.fromhex("fa0603616263"),
             "field 111 is not known and is ignored"),
        good("session given twice", ping, bytes.fromhex("09ffffffffffffffff") + ping.SerializeToString(), "the last one counts"),
        good("session as a varint", frame(ping=frames_pb2.Ping()), bytes.fromhex("08053a00"),
             "a field of another wire type is one that is not known"),
        bad("hello with a session", frame(session=SESSION, hello=hello()).SerializeToString(), refused("frame.malformed", "hello")),
        bad("hello beside a grant", frame(hello=hello(), grant=frames_pb2.Grant(messages=1)).SerializeToString(),
            refused("frame.malformed", "hello")),
        bad("hello beside a bye", frame(hello=hello(), bye=frames_pb2.Bye()).SerializeToString(), refused("frame.malformed", "hello")),
        bad("hello beside a submission", frame(hello=hello(), submits=[submit]).SerializeToString(),
            refused("frame.malformed", "hello")),
        bad("random bytes", b"\xff\xff\xff"),
        bad("a text", b"hello, broker\r\n"),
        bad("cut within the session", whole[:5]),
        bad("cut within a submission", whole[:60]),
        bad("cut before its last byte", hello_data[:-1]),
        bad("a length beyond the end", bytes.fromhex("12ff01")),
        bad("a number of eleven bytes", b"\x08" + b"\xff" * 10 + b"\x01"),
        bad("field number 0", bytes.fromhex("0000")),
        bad("a group that does not end", bytes.fromhex("0b")),
        bad("a group that did not begin", bytes.fromhex("0c")),
        bad("wire type 6", bytes.fromhex("0e00")),
        bad("a name that is not UTF-8", hello_data.replace(b"files", b"f\xffles")),
        bad("one byte too large", hello_data, refused("frame.too_large"), len(hello_data) - 1),
        bad("too large, and not read", b"\xff" * 101, refused("frame.too_large"), 100),
    ]


def broker_frames():
    frame = frames_pb2.BrokerFrame
    welcome = frames_pb2.Welcome(protocol_version=1, broker="relaisd 0.1.0", network_version=7, heartbeat_ms=5_000,
                                 silence_ms=15_000, frame_bytes_max=8 << 20, message_bytes_max=1 << 20,
                                 credit_messages_max=4_096, credit_bytes_max=64 << 20, broker_time_ms=1_767_225_600_000)
    delivery = frames_pb2.Deliver(delivery_id=9, attempt=2, envelope=draw("an envelope", 40), signature=draw("a signature", 64),
                                  compartments=[draw("a compartment", 30)], recipient=CAF, position=77,
                                  accepted_at_ms=1_767_225_600_001)
    refusal = refusal_pb2.Refused(code="lifecycle.invalid_transition", english="No.", french="Non.", field="referral_id",
                                  message_id=draw("a message", 16), allowed=["referral_received"], present="requested")
    later = refusal_pb2.Refused(code="future.code", english="Later.", french="Plus tard.", retry=True, retry_after_ms=2_500,
                                message_id=draw("a message", 16))
    full = frame(session=SESSION, receipts=[frames_pb2.Receipt(message_id=draw("a message", 16), position=12, repeated=True)],
                 refusals=[refusal, later], deliveries=[delivery], pong=frames_pb2.Pong(),
                 notice=frames_pb2.Notice(draining=True, network_version=8))
    views = frame(session=SESSION, answers=[
        frames_pb2.Answer(query_id=1, refused=refusal_pb2.Refused(code="not.found")),
        frames_pb2.Answer(query_id=2, referral=frames_pb2.ReferralView(referral_id=draw("a referral", 16), closed=True, status=8)),
        frames_pb2.Answer(query_id=3, message=frames_pb2.MessageView(position=3, deliveries=[
            frames_pb2.DeliveryView(recipient=CAF, state="parked", attempts=4, reason="")])),
    ])
    whole = full.SerializeToString()
    return [
        good("welcome", frame(session=SESSION, welcome=welcome)),
        good("everything at once", full),
        good("answers", views),
        good("nothing", frame()),
        good("a field of a later version", frame(session=SESSION, pong=frames_pb2.Pong()),
             frame(session=SESSION, pong=frames_pb2.Pong()).SerializeToString() + bytes.fromhex("a00601")),
        bad("random bytes", b"\xfe\xfe"),
        bad("cut within a delivery", whole[:-20]),
        bad("a code that is not UTF-8", whole.replace(b"future.code", b"future\xffcode")),
        bad("a length beyond the end", bytes.fromhex("2aff7f")),
    ]


def hellos():
    """What a broker of version 1 says of a Hello, before it looks at the key."""
    def one(name, expect=None, **fields):
        return {"name": name, "hello": hello(**fields).SerializeToString().hex(), "expect": expect or {"good": True}}

    names = "hello.adapter", "hello.adapter_version"
    return [
        one("as it should be"),
        one("every character of a name", adapter="Az09._-+", adapter_version="x" * 64),
        one("also later versions", protocol_versions=[3, 1]),
        one("256 institutions", institutions=[CCAS] * 256),
        one("only a later version", refused("frame.version", "hello.protocol_versions"), protocol_versions=[2]),
        one("no version", refused("frame.version", "hello.protocol_versions"), protocol_versions=[]),
        one("no name", refused("frame.malformed", names[0]), adapter=""),
        one("a name of 65", refused("frame.malformed", names[0]), adapter="x" * 65),
        one("a name with a space", refused("frame.malformed", names[0]), adapter="my files"),
        one("a name with a line end", refused("frame.malformed", names[0]), adapter="files\n"),
        one("a name with an accent", refused("frame.malformed", names[0]), adapter="fichés"),
        one("no adapter version", refused("frame.malformed", names[1]), adapter_version=""),
        one("no institution", refused("frame.malformed", "hello.institutions"), institutions=[]),
        one("257 institutions", refused("frame.malformed", "hello.institutions"), institutions=[CCAS] * 257),
    ]


def make():
    return {"adapter_frames": adapter_frames(), "broker_frames": broker_frames(), "hellos": hellos()}
