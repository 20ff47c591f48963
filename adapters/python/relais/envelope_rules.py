"""The shape of a submission, checked completely before it is stored: the rules that the broker applies at its edge.

What needs the broker's state (the life of the referral, the parties' case) is not here.
"""

import re
from collections.abc import Sequence

from google.protobuf.message import DecodeError

from relais.body_rules import check_body
from relais.frames import read_envelope
from relais.message_kinds import ANNOUNCEMENT, BROKER_KINDS, CASE_KINDS, SLOT_KINDS
from relais.refusal import Refusal
from relais.sealing import NONCE_BYTES, SEALED_KEY_BYTES, TAG_BYTES, digest, is_category
from relais.signing import SIGNATURE_BYTES
from relais.slot_rules import check_about_slots
from relais.v1 import common_pb2, envelope_pb2, frames_pb2
from relais.wire import parse
from relais.words import DAY_MS, is_code, is_institution_id, malformed, need, need_id

ENVELOPE_VERSION = 1
COMPARTMENTS_MAX = 32
TRACE_PARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
AGE_MAX_MS = 90 * DAY_MS
AHEAD_MAX_MS = DAY_MS
FALLBACKS_MAX = 4
TEAM_MEMBERS_MAX = 16
WITHHELD_MAX = 64
_RECIPIENTS = {
    "referral_forwarded": (2, 2, "exactly two institutions"),
    "note_shared": (1, 16, "1 to 16 institutions"),
    "consent_granted": (0, 16, "at most 16 institutions"),
    "consent_withdrawn": (0, 0, "nobody: the broker tells every participant"),
    "rights_requested": (0, 0, "nobody: the broker asks everybody who was told something"),
    ANNOUNCEMENT: (1, 1000, "1 to 1000 institutions"),
    **dict.fromkeys(
        ("referral_requested", "lead_offered", "lead_accepted", "lead_declined", "participant_kept", "participant_released",
         "rights_answered"),
        (1, 1, "exactly one institution")),
}


def readers_of(envelope: envelope_pb2.Envelope) -> tuple[str, ...]:
    """Who may open a compartment of the message, now or later."""
    acted_for = (envelope.on_behalf_of,) if envelope.on_behalf_of else ()
    return (*envelope.recipients, *envelope.fallbacks, *envelope.team_members, *acted_for)


def check_submission(submit: frames_pb2.Submit, now_ms: int) -> envelope_pb2.Envelope:
    """The envelope. envelope.*, compartment.*, lifecycle.not_your_role, appointment.bad_meeting, slot.in_the_past,
    signature.invalid (its size only); each names the field."""
    envelope = read_envelope(submit.envelope)
    check_envelope(envelope, now_ms)
    if len(submit.signature) != SIGNATURE_BYTES:
        raise Refusal("signature.invalid", "signature")
    need(len(submit.compartments) == len(envelope.compartments) <= COMPARTMENTS_MAX, "compartments",
         f"one compartment for each digest, at most {COMPARTMENTS_MAX}")
    for index, data in enumerate(submit.compartments):
        _check_compartment(envelope, index, data)
    return envelope


def check_envelope(envelope: envelope_pb2.Envelope, now_ms: int) -> None:
    if envelope.version != ENVELOPE_VERSION:
        raise Refusal("envelope.version", "version")
    need_id(envelope.message_id, "message_id")
    kind = envelope.WhichOneof("body")
    if kind is None:
        raise malformed("body", "one body of this version")
    if kind in BROKER_KINDS:
        raise Refusal("lifecycle.not_your_role", kind, message=kind)
    need(is_institution_id(envelope.sender), "sender", "an institution id")
    _check_subject(envelope, kind)
    if kind.startswith("appointment_"):
        need_id(envelope.appointment_id, "appointment_id")
    else:
        need(not envelope.appointment_id, "appointment_id", "nothing in a message that is not about an appointment")
    need(is_code(envelope.purpose), "purpose", "a code [a-z0-9][a-z0-9_.-]{0,63}")
    need(envelope.priority in common_pb2.Priority.values(), "priority", "a priority of this version")
    need(0 < envelope.sent_at_ms <= now_ms + AHEAD_MAX_MS, "sent_at_ms", "an instant not in the future")
    if envelope.sent_at_ms < now_ms - AGE_MAX_MS:
        raise Refusal("envelope.too_old", "sent_at_ms")
    need(envelope.expires_at_ms == 0 or envelope.expires_at_ms > envelope.sent_at_ms, "expires_at_ms",
         "0 or an instant after sent_at_ms")
    need(is_code(envelope.signing_key), "signing_key", "the id of a signing key")
    need(not envelope.trace_parent or TRACE_PARENT.fullmatch(envelope.trace_parent) is not None, "trace_parent",
         "a W3C traceparent of version 00")
    _check_fallbacks(envelope, kind)
    _check_beside(envelope, kind)
    _check_withheld(envelope)
    check_body(envelope, now_ms)


def _check_subject(envelope: envelope_pb2.Envelope, kind: str) -> None:
    """To whom, and about which case and referral."""
    if kind in SLOT_KINDS:
        return check_about_slots(envelope)
    if kind == ANNOUNCEMENT:
        need(not envelope.case_id, "case_id", "nothing in an announcement")
        need(not envelope.referral_id, "referral_id", "nothing in an announcement")
        need([one.category for one in envelope.compartments] == [common_pb2.CATEGORY_NOTE], "compartments", "one, of category note")
    least, most, text = _RECIPIENTS.get(kind, (1, 4, "1 to 4 institutions"))
    need(least <= len(envelope.recipients) <= most, "recipients", text)
    _check_institutions(envelope, envelope.recipients, "recipients")
    if kind == ANNOUNCEMENT:
        return None
    need_id(envelope.case_id, "case_id")
    if kind not in CASE_KINDS:
        return need_id(envelope.referral_id, "referral_id")
    need(not envelope.referral_id, "referral_id", "nothing in a message about a whole case")
    need(kind == "note_shared" or not envelope.compartments, "compartments", "nothing: only a note has contents here")


def _check_institutions(envelope: envelope_pb2.Envelope, ids: Sequence[str], where: str) -> None:
    for index, institution in enumerate(ids):
        field = f"{where}[{index}]"
        need(is_institution_id(institution), field, "an institution id")
        need(institution != envelope.sender, field, "an institution other than the sender")
        need(institution not in ids[:index], field, "each institution once")


def _check_fallbacks(envelope: envelope_pb2.Envelope, kind: str) -> None:
    fallbacks = envelope.fallbacks
    if not fallbacks:
        return
    need(kind == "referral_requested", "fallbacks", "nothing in a message that requests nothing")
    need(len(fallbacks) <= FALLBACKS_MAX, "fallbacks", "at most 4 institutions")
    for index, fallback in enumerate(fallbacks):
        need(fallback not in envelope.recipients, f"fallbacks[{index}]", "an institution other than the recipient")
    _check_institutions(envelope, fallbacks, "fallbacks")


def _check_beside(envelope: envelope_pb2.Envelope, kind: str) -> None:
    """Whom the sender acts for, and the members of a team who may have to act."""
    principal = envelope.on_behalf_of
    if principal:
        need(kind not in CASE_KINDS | SLOT_KINDS | {ANNOUNCEMENT}, "on_behalf_of",
             "nothing in a message that is not about a referral")
        need(is_institution_id(principal), "on_behalf_of", "an institution id")
        need(principal not in (envelope.sender, *envelope.recipients), "on_behalf_of",
             "an institution other than sender and recipients")
    members = envelope.team_members
    if not members:
        return
    need(kind == "referral_requested", "team_members", "nothing in a message that requests nothing")
    need(len(members) <= TEAM_MEMBERS_MAX, "team_members", "at most 16 institutions")
    for index, member in enumerate(members):
        need(member not in (*envelope.recipients, *envelope.fallbacks), f"team_members[{index}]",
             "an institution other than recipient and fallbacks")
    _check_institutions(envelope, members, "team_members")


def _check_withheld(envelope: envelope_pb2.Envelope) -> None:
    need(len(envelope.withheld) <= WITHHELD_MAX, "withheld", "at most 64 entries")
    for index, entry in enumerate(envelope.withheld):
        field = f"withheld[{index}]"
        need(is_category(entry.category), f"{field}.category", "a category of this version")
        need(entry.recipient in readers_of(envelope), f"{field}.recipient", "a recipient of the envelope")
        need(is_code(entry.rule), f"{field}.rule", "the code of a refusal")


def _check_compartment(envelope: envelope_pb2.Envelope, index: int, data: bytes) -> None:
    announced = envelope.compartments[index]
    field = f"compartments[{index}]"
    need(is_category(announced.category), f"{field}.category", "a category of this version")
    need(len(announced.recipients) > 0, f"{field}.recipients", "at least one of the recipients")
    readers = readers_of(envelope)
    need(all(recipient in readers for recipient in announced.recipients), f"{field}.recipients",
         "recipients of the envelope")
    if announced.digest != digest(data):
        raise Refusal("compartment.digest_mismatch", field)
    try:
        compartment = parse(envelope_pb2.Compartment, data)
    except DecodeError:
        raise Refusal("compartment.malformed", field) from None
    if (
        compartment.category != announced.category
        or len(compartment.nonce) != NONCE_BYTES
        or len(compartment.ciphertext) < TAG_BYTES
    ):
        raise Refusal("compartment.malformed", field)
    _check_wraps(compartment, announced, f"{field}.wraps")


def _check_wraps(
    compartment: envelope_pb2.Compartment, announced: envelope_pb2.CompartmentDigest, field: str
) -> None:
    wraps = {wrap.recipient: wrap for wrap in reversed(compartment.wraps)}
    good = len(compartment.wraps) == len(announced.recipients) and all(
        recipient in wraps
        and len(wraps[recipient].nonce) == NONCE_BYTES
        and len(wraps[recipient].sealed_key) == SEALED_KEY_BYTES
        and is_code(wraps[recipient].recipient_key)
        and is_code(wraps[recipient].sender_key)
        for recipient in announced.recipients
    )
    if not good:
        raise Refusal("compartment.malformed", field)
