"""Fills in what a connector left empty, from what is known of the referral."""

from relais.audience import name_audience
from relais.envelope_rules import ENVELOPE_VERSION
from relais.ids import new_id
from relais.keyring import Keyring
from relais.message_kinds import ANNOUNCEMENT, CASE_KINDS, SLOT_KINDS
from relais.messages import Draft
from relais.network import Network
from relais.referral_memory import KnownReferral, ReferralMemory
from relais.refusal import Refusal
from relais.v1 import envelope_pb2
from relais.words import malformed


def complete(
    draft: Draft, keyring: Keyring, referrals: ReferralMemory, network: Network, now_ms: int
) -> envelope_pb2.Envelope:
    """All but signing key and compartments. envelope.malformed (`why` it could not be filled in), identity.not_served,
    route.none. What stands in the draft is left as it is."""
    envelope = envelope_pb2.Envelope()
    envelope.CopyFrom(draft.envelope)
    kind = envelope.WhichOneof("body")
    if kind is None:
        raise malformed("body", "one body of this version")
    envelope.version = ENVELOPE_VERSION
    envelope.sent_at_ms = now_ms
    envelope.ClearField("compartments")
    envelope.message_id = envelope.message_id or new_id()
    if kind == "referral_requested":
        envelope.referral_id = envelope.referral_id or new_id()
        envelope.case_id = envelope.case_id or new_id()
    elif kind in CASE_KINDS:
        envelope.ClearField("referral_id")
    elif kind not in SLOT_KINDS:
        known = referrals.find(envelope.referral_id)
        if known:
            _fill_from(known, keyring, envelope)
    envelope.sender = envelope.sender or keyring.only_institution()
    if kind == ANNOUNCEMENT and not envelope.recipients:
        name_audience(envelope, network, now_ms)
        if not envelope.recipients:
            raise malformed("recipients", "an institution of the kinds and places that are named")
    for field in _wanted(kind):
        if not getattr(envelope, field):
            raise Refusal("envelope.malformed", field, why="is missing, and the referral is not known here")
    if not keyring.serves(envelope.sender):
        raise Refusal("identity.not_served", "sender", institution=envelope.sender)
    for index, recipient in enumerate(envelope.recipients):
        if network.institution(recipient) is None:
            raise Refusal("route.none", f"recipients[{index}]", recipient=recipient)
    if not network.has_purpose(envelope.purpose):
        raise Refusal("purpose.unknown", "purpose", purpose=envelope.purpose)
    envelope.trace_parent = envelope.trace_parent or _trace_parent(envelope)
    return envelope


def _trace_parent(envelope: envelope_pb2.Envelope) -> str:
    """W3C trace context: all about one referral is one trace, and nobody needs to remember it; the span is the message."""
    trace = envelope.referral_id or envelope.case_id or envelope.message_id
    return f"00-{trace.hex()}-{envelope.message_id[:8].hex()}-01"


def _wanted(kind: str) -> tuple[str, ...]:
    if kind in SLOT_KINDS or kind == ANNOUNCEMENT:
        return ("purpose",)
    return ("case_id", "purpose") if kind in CASE_KINDS else ("referral_id", "case_id", "purpose")


def _fill_from(known: KnownReferral, keyring: Keyring, envelope: envelope_pb2.Envelope) -> None:
    envelope.sender = envelope.sender or _our_side(known, keyring)
    envelope.case_id = envelope.case_id or known.case_id
    envelope.purpose = envelope.purpose or known.purpose
    envelope.priority = envelope.priority or known.priority  # type: ignore[assignment]
    envelope.exercise = envelope.exercise or known.exercise
    if envelope.recipients:
        return
    if envelope.WhichOneof("body") == "referral_forwarded":
        envelope.recipients.extend([known.sender, envelope.referral_forwarded.to])
    else:
        envelope.recipients.append(known.recipient if envelope.sender == known.sender else known.sender)


def _our_side(known: KnownReferral, keyring: Keyring) -> str:
    """Empty when it is neither, or both."""
    sender, recipient = keyring.serves(known.sender), keyring.serves(known.recipient)
    if sender == recipient:
        return ""
    return known.sender if sender else known.recipient
