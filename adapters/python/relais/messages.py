"""What a connector writes and gets: drafts, incoming messages, verdicts. It never sees a frame, a key or a retry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf.message import Message

from relais.contents import Content, OpenedContent, as_contents
from relais.refusal import Refusal
from relais.v1 import envelope_pb2
from relais.words import is_code

Notes = Mapping[str, bytes | None]
"""What to write into the adapter's own memory (None: erase), together with a message or with a verdict."""

RETRY_AFTER_MS_MAX = 3_600_000

C = TypeVar("C", bound=Message)


@dataclass
class Draft:
    """`envelope` with its body set by the caller. What the caller leaves empty, submit() fills in:

    version, sent_at_ms, signing_key, compartments: always, whatever stands there;
    message_id: random, unless given. A given one makes submit() repeatable: what was submitted with it before, and not
      refused for good, is not submitted again. Ids for things that may be read twice: named_id();
    sender: the institution, when the adapter serves only one; else that of the known referral;
    referral_id: random in a referral_requested;
    case_id: that of the known referral; random in a referral_requested;
    recipients, purpose, priority, exercise of a message about a known referral: from that referral; a forward goes to
      the referral's sender and to `to`;
    fallbacks of a referral_requested: as the agreements and the law for the purpose say;
    recipients of an announcement_made: the institutions of the kinds and places in its body, see audience.py.

    Messages about a whole case (notes, lead, consent) name case, purpose and recipients themselves; messages about slots
    only a purpose, see slots.py.

    trace_parent: one trace for all about a referral.

    A referral is known when it passed through this adapter. The rest (appointment_id, expires_at_ms) is the caller's.
    """

    envelope: envelope_pb2.Envelope
    contents: list[Content] = field(default_factory=list)


def draft(kind: str, contents: Iterable[Content | Message] = (), body: Message | None = None, **fields: Any) -> Draft:
    """A draft of that kind; `fields` are those of Envelope, e.g. draft("referral_accepted", referral_id=...)."""
    if kind not in KINDS:
        raise ValueError(f"no kind of message: {kind}")
    envelope = envelope_pb2.Envelope(**fields)
    part = getattr(envelope, kind)
    part.SetInParent()
    if body is not None:
        part.CopyFrom(body)
    return Draft(envelope, as_contents(contents))


KINDS = frozenset(one.name for one in envelope_pb2.Envelope.DESCRIPTOR.oneofs_by_name["body"].fields)


@dataclass(frozen=True)
class Withheld:
    """A content that was not sealed for a recipient, because the agreement or the recipient's mission does not allow it."""

    category: int
    recipient: str
    why: Refusal


@dataclass(frozen=True)
class Submission:
    """What became of a draft: it stands in the outbox, without what was `withheld`."""

    message_id: bytes
    withheld: tuple[Withheld, ...] = ()
    repeated: bool = False
    """It had been submitted before: nothing was written."""


@dataclass
class Incoming:
    """One message for one of our institutions. Its signature, its digests and its compartments were verified."""

    envelope: envelope_pb2.Envelope
    recipient: str
    contents: list[OpenedContent] = field(default_factory=list)
    withheld: list[int] = field(default_factory=list)
    """Categories that the message has for others only: they exist, and we do not get them."""
    attempt: int = 1
    maybe_repeated: bool = False
    """The handler may have been called with this message before, by a process that was killed before it could note that
    it was handled; then an effect outside the adapter's own memory may be there already."""
    position: int = 0
    accepted_at_ms: int = 0
    copy: bool = False
    """Not addressed to `recipient`, which is told because it stands on one side of the referral: the sender acts for it, or
    it is the member of a team that must act. Nobody waits for an answer."""

    @property
    def kind(self) -> str:
        """Name of the body, e.g. "referral_requested"."""
        return self.envelope.WhichOneof("body") or ""

    @property
    def body(self) -> Message:
        return getattr(self.envelope, self.kind)

    def content(self, kind: type[C]) -> C | None:
        """The content of this type, e.g. content(Identity); None when the message brings none."""
        return next((opened.message for opened in self.contents if isinstance(opened.message, kind)), None)

    def reply(self, kind: str, contents: Iterable[Content | Message] = (), body: Message | None = None, **fields: Any) -> Draft:
        """A draft about the same referral; of a referral forwarded to us, about the new one."""
        referral_id = self.envelope.referral_id
        if self.kind == "referral_forwarded" and self.envelope.referral_forwarded.to == self.recipient:
            referral_id = self.envelope.referral_forwarded.new_referral_id
        return draft(kind, contents, body, referral_id=referral_id, sender=self.recipient,
                     trace_parent=self.envelope.trace_parent, **fields)


@dataclass
class Verdict:
    """What the handler did with a message: see handled(), retry(), reject()."""

    kind: str
    notes: Notes = field(default_factory=dict)
    replies: list[Draft] = field(default_factory=list)
    after_ms: int = 0
    reason: str = ""


def handled(replies: Iterable[Draft] = (), notes: Notes | None = None) -> Verdict:
    """The institution's software holds it. In one write with the mark that it was handled: `notes`, and `replies`, sent
    after the SDK's own automatic message."""
    return Verdict("handled", notes or {}, list(replies))


def retry(reason: str, after_ms: int = 0) -> Verdict:
    """Not now. The broker offers it again after `after_ms` (at most an hour; 0: growing pauses), and holds back only the
    other messages of the same case. `reason` is a code for operators, e.g. "software.down"."""
    if not is_code(reason) or not 0 <= after_ms <= RETRY_AFTER_MS_MAX:
        raise ValueError("a code, and 0 to 3600000 ms")
    return Verdict("retry", after_ms=after_ms, reason=reason)


def reject(reason: str) -> Verdict:
    """Never: dead letter, and its sender is told. `reason` is a code."""
    if not is_code(reason):
        raise ValueError("a code")
    return Verdict("reject", reason=reason)
