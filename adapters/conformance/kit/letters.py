"""What partners write to the adapter's institution, and what they read of it."""

from dataclasses import dataclass, field

from kit.descriptor import PROPOSAL, REQUEST
from kit.network import OURS, PARTNER, PURPOSE, Network
from relais.frames import submit_bytes
from relais.ids import new_id, now_ms
from relais.keys import Key
from relais.sealing import SealedContent, agree, digest, open_compartment
from relais.signing import ENVELOPE_DOMAIN, sign, verifies
from relais.v1 import appointment_pb2, common_pb2, content_pb2, envelope_pb2, frames_pb2
from relais.wire import parse

_WEEK_MS, _HALF_HOUR_MS = 7 * 86_400_000, 1_800_000


@dataclass(eq=False)
class Letter:
    """One message for the adapter, and everything that it said of it."""

    token: str
    """The family name in it, by which the software's records are found again."""
    message_id: bytes
    case_id: bytes
    envelope: bytes
    signature: bytes
    compartments: list[bytes]
    recipient: str = OURS
    attempts: int = 0
    verdicts: list[frames_pb2.Settle] = field(default_factory=list)
    before: "Letter | None" = None
    """What the same case must have begun with."""

    def again(self) -> "Letter":
        """The same message, as a delivery of its own."""
        return Letter(self.token, self.message_id, self.case_id, self.envelope, self.signature, self.compartments, self.recipient)

    @property
    def verdict(self) -> str:
        """The last one: acknowledge, retry, reject, or nothing yet."""
        return (self.verdicts[-1].WhichOneof("verdict") or "") if self.verdicts else ""

    @property
    def reason(self) -> str:
        return getattr(self.verdicts[-1], self.verdict).reason if self.verdict in ("retry", "reject") else ""

    def deliver(self, number: int, position: int) -> frames_pb2.Deliver:
        return frames_pb2.Deliver(delivery_id=number, attempt=self.attempts, envelope=self.envelope, signature=self.signature,
                                  compartments=self.compartments, recipient=self.recipient, position=position,
                                  accepted_at_ms=now_ms())


class Partner:
    """Seals and signs as another institution's adapter would."""

    def __init__(self, network: Network, institution: str = PARTNER, kind: str = REQUEST) -> None:
        self._network = network
        self._kind = kind
        self.institution = institution

    def request(self, token: str, sealed_for: str | None = None, sealed_as: bytes | None = None, **fields) -> Letter:
        """Brings one person. `sealed_for`: another key of the adapter than its latest; `sealed_as`: another message."""
        net, message_id = self._network, new_id()
        signing, sealing = net.latest(self.institution, "signing"), net.latest(self.institution, "sealing")
        theirs = next((key for key in net.keys[OURS]["sealing"] if key.id == sealed_for), net.latest(OURS, "sealing"))
        content = SealedContent(sealed_as or message_id, common_pb2.CATEGORY_IDENTITY,
                                content_pb2.Identity(family_name=token).SerializeToString())
        content.add_wrap(OURS, theirs.id, sealing.id, agree(sealing.secret, theirs.public))
        compartment = content.compartment.SerializeToString()
        whole = envelope_pb2.Envelope(**{
            "version": 1, "message_id": message_id, "sender": self.institution, "recipients": [OURS], "case_id": new_id(),
            "referral_id": new_id(), "purpose": PURPOSE, "priority": common_pb2.PRIORITY_ROUTINE, "sent_at_ms": now_ms(),
            "signing_key": signing.id, **fields})
        whole.compartments.add(category=common_pb2.CATEGORY_IDENTITY, digest=digest(compartment), recipients=[OURS])
        getattr(whole, self._kind).SetInParent()
        before = None
        if self._kind == PROPOSAL:
            start_ms = now_ms() + _WEEK_MS
            whole.appointment_id = new_id()
            whole.appointment_proposed.meeting.CopyFrom(
                appointment_pb2.Meeting(start_ms=start_ms, end_ms=start_ms + _HALF_HOUR_MS))
            before = self._opening(whole)
        letter = self._signed(token, whole, [compartment])
        letter.before = before
        return letter

    def _opening(self, proposal: envelope_pb2.Envelope) -> Letter:
        """The referral that an appointment belongs to. Signed with the first key, which every definition lists: what a step asks
        is asked of the letter that follows."""
        first = self._network.keys[self.institution]["signing"][0]
        whole = envelope_pb2.Envelope.FromString(proposal.SerializeToString())
        for name in ("appointment_id", "compartments", PROPOSAL):
            whole.ClearField(name)
        whole.message_id, whole.signing_key = new_id(), first.id
        getattr(whole, REQUEST).SetInParent()
        return self._signed("", whole, [], first)

    def status(self, referral: envelope_pb2.Envelope, kind: str, body=None) -> Letter:
        """A message of the recipient about a referral that the adapter submitted."""
        whole = envelope_pb2.Envelope(
            version=1, message_id=new_id(), sender=self.institution, recipients=[OURS], case_id=referral.case_id,
            referral_id=referral.referral_id, purpose=referral.purpose, priority=referral.priority, sent_at_ms=now_ms(),
            signing_key=self._network.latest(self.institution, "signing").id)
        getattr(whole, kind).SetInParent()
        if body is not None:
            getattr(whole, kind).CopyFrom(body)
        return self._signed("", whole, [])

    def resigned(self, letter: Letter, change) -> Letter:
        """The same letter after `change(envelope)`, signed anew: what only a partner's own adapter could get wrong."""
        whole = envelope_pb2.Envelope.FromString(letter.envelope)
        change(whole)
        made = self._signed(letter.token, whole, letter.compartments)
        made.before = letter.before
        return made

    def _signed(self, token: str, whole: envelope_pb2.Envelope, compartments: list[bytes], key: Key | None = None) -> Letter:
        data = whole.SerializeToString()
        signing = key or self._network.latest(self.institution, "signing")
        return Letter(token, whole.message_id, whole.case_id, data, sign(signing.secret, ENVELOPE_DOMAIN, data), compartments)


@dataclass(eq=False)
class Submission:
    """One message of the adapter, as often as it sent it."""

    data: bytes
    envelope: envelope_pb2.Envelope
    token: str
    times: list[float] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    answered: bool = False
    """A receipt or a final refusal was sent."""

    @property
    def kind(self) -> str:
        return self.envelope.WhichOneof("body") or ""

    @property
    def size(self) -> int:
        return submit_bytes(frames_pb2.Submit.FromString(self.data))


class Faults(Exception):
    """What is wrong with a submission: (promise, how)."""

    def __init__(self, promise: str, how: str) -> None:
        super().__init__(how)
        self.promise = promise


def read_submission(network: Network, submit: frames_pb2.Submit, envelope: envelope_pb2.Envelope) -> str:
    """As its recipients read it; the answer is the family name in it. Faults."""
    key = next((one for one in network.keys[OURS]["signing"] if one.id == envelope.signing_key), None)
    if key is None or not verifies(key.public, ENVELOPE_DOMAIN, submit.envelope, submit.signature):
        raise Faults("signature", f"{envelope.WhichOneof('body')}: the signature is not that of key {envelope.signing_key!r}")
    token = ""
    for index, (announced, data) in enumerate(zip(envelope.compartments, submit.compartments, strict=True)):
        place = f"{envelope.WhichOneof('body')}, compartment {index}"
        if announced.digest != digest(data):
            raise Faults("sealing", f"{place}: the digest is that of other bytes")
        compartment = parse(envelope_pb2.Compartment, data)
        for recipient in announced.recipients:
            content = _open(network, envelope, compartment, recipient, place)
            if announced.category == common_pb2.CATEGORY_IDENTITY:
                token = parse(content_pb2.Identity, content).family_name
    return token


def _open(network: Network, envelope, compartment, recipient: str, place: str) -> bytes:
    wraps = [one for one in compartment.wraps if one.recipient == recipient]
    if len(wraps) != 1:
        raise Faults("sealing", f"{place}: {len(wraps)} wraps for {recipient}")
    ours = next((one for one in network.keys[OURS]["sealing"] if one.id == wraps[0].sender_key), None)
    theirs = next((one for one in network.keys[recipient]["sealing"] if one.id == wraps[0].recipient_key), None)
    if ours is None or theirs is None:
        raise Faults("sealing", f"{place}: sealed with a key that the network definition does not list")
    try:
        return open_compartment(compartment, envelope.message_id, wraps[0], agree(theirs.secret, ours.public))
    except Exception as error:
        raise Faults("sealing", f"{place}: does not open for {recipient} ({type(error).__name__})") from None
