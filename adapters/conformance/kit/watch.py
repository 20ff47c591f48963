"""What an adapter must never do, looked at in every frame of a run."""

from google.protobuf.message import DecodeError

from kit.letters import Faults, Submission, read_submission
from kit.network import OURS, Network
from relais.envelope_rules import check_submission
from relais.frames import check_hello
from relais.ids import now_ms
from relais.refusal import Refusal
from relais.v1 import envelope_pb2, frames_pb2
from relais.wire import parse

ALWAYS = {
    "one_part": ("4", "One ZeroMQ message is one part that holds one serialised AdapterFrame."),
    "frame_size": ("15", "No frame is larger than frame_bytes_max."),
    "hello": ("5", "A Hello stands alone, with session 0, and names a version, the adapter and its institutions."),
    "session": ("4", "Every frame but the Hello carries the session of the Welcome."),
    "heartbeat": ("5", "Something is said within silence_ms, as long as the session lasts."),
    "credit": ("12", "No credit is granted before a network definition was verified."),
    "envelope": ("9", "Each envelope keeps the rules of its fields and of its kind."),
    "signature": ("11", "Each envelope is signed with a key of its sender."),
    "sealing": ("11", "Each compartment is the one announced, and opens for each of its recipients."),
    "secrecy": ("9", "Nothing about a person is readable in a frame."),
    "same_bytes": ("6", "A message that is sent again is sent byte for byte."),
    "case_order": ("6", "The next message of a case is sent after the receipt of the one before."),
    "message_size": ("6", "No submission is larger than message_bytes_max."),
    "settle_once": ("7", "Each delivery is settled once, in the session that brought it."),
}
"""promise -> (section, sentence)"""


class Watch:
    """Threads: the broker's. `faults` is read when the run is over, or under the broker's lock."""

    def __init__(self, network: Network, token_mark: bytes) -> None:
        self._network = network
        self.mark = token_mark
        self.step = ""
        self.faults: dict[str, list[str]] = {promise: [] for promise in ALWAYS}
        self.counted = dict.fromkeys(ALWAYS, 0)
        """How often there was an occasion to break each."""

    def check(self, promise: str, kept: bool, how: str) -> bool:
        self.counted[promise] += 1
        if not kept:
            self.faults[promise].append(f"{how} (during {self.step})")
        return kept

    def frame(self, parts: list[bytes], frame_bytes_max: int) -> frames_pb2.AdapterFrame | None:
        """None when it can not be read."""
        data = parts[0] if parts else b""
        if not self.check("one_part", len(parts) == 1, f"a message of {len(parts)} parts"):
            return None
        self.check("frame_size", len(data) <= frame_bytes_max, f"{len(data)} bytes, {frame_bytes_max} are allowed")
        self.check("secrecy", self.mark not in data, "a family name stands in a frame")
        try:
            return parse(frames_pb2.AdapterFrame, data)
        except DecodeError:
            self.check("one_part", False, "bytes that are no AdapterFrame")
            return None

    def hello(self, frame: frames_pb2.AdapterFrame) -> None:
        alone = {field.name for field, _ in frame.ListFields()} == {"hello"}
        self.check("hello", alone, "a Hello beside other entries, or with a session")
        try:
            check_hello(frame.hello)
        except Refusal as refusal:
            self.check("hello", False, f"{refusal.code} in {refusal.field}")
        self.check("hello", list(frame.hello.institutions) == [OURS], f"it names other institutions than {OURS}")

    def submission(self, submit: frames_pb2.Submit, message_bytes_max: int) -> Submission | None:
        """None when the envelope can not be read."""
        try:
            envelope = check_submission(submit, now_ms())
        except Refusal as refusal:
            self.check("envelope", False, f"{refusal.code} in {refusal.field}")
            envelope = _readable(submit.envelope)
            return Submission(submit.SerializeToString(), envelope, "") if envelope else None
        self.check("envelope", envelope.sender == OURS and OURS not in envelope.recipients, "a sender or recipient is wrong")
        made = Submission(submit.SerializeToString(), envelope, "")
        self.check("message_size", made.size <= message_bytes_max, f"{made.size} bytes, {message_bytes_max} are allowed")
        try:
            made.token = read_submission(self._network, submit, envelope)
            self.check("signature", True, "")
            self.check("sealing", True, "")
        except Faults as faults:
            self.check(faults.promise, False, str(faults))
        return made


def _readable(data: bytes) -> envelope_pb2.Envelope | None:
    try:
        return parse(envelope_pb2.Envelope, data)
    except DecodeError:
        return None
