"""What the body of each kind of message needs beyond its presence."""

from collections.abc import Callable

from relais.case_rules import (
    check_consent_granted, check_consent_withdrawn, check_note, check_rights_answered, check_rights_requested,
)
from relais.refusal import Refusal
from relais.slot_rules import check_published, check_withdrawn
from relais.v1 import appointment_pb2, envelope_pb2, referral_pb2
from relais.words import is_commune, is_institution_id, is_meeting_time, is_thematic, names_one, need, need_id, optional_code


def check_body(envelope: envelope_pb2.Envelope, now_ms: int) -> None:
    """envelope.malformed, appointment.bad_meeting, slot.in_the_past; each names the field."""
    kind = envelope.WhichOneof("body") or ""
    if kind == "slots_published":
        return check_published(envelope, now_ms)
    check = _CHECKS.get(kind)
    if check:
        check(envelope)


def _requested(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.referral_requested
    need(not body.service_need or is_thematic(body.service_need), "referral_requested.service_need",
         "a thematic [a-z0-9][a-z0-9_.-]{0,127}")
    optional_code(body.service_id, "referral_requested.service_id")
    need(not body.commune or is_commune(body.commune), "referral_requested.commune", "an INSEE code of 5 characters")
    if body.based_on:
        need_id(body.based_on, "referral_requested.based_on")


def _accepted(envelope: envelope_pb2.Envelope) -> None:
    member = envelope.referral_accepted.member
    need(not member or is_institution_id(member), "referral_accepted.member", "an institution id")


def _announced(envelope: envelope_pb2.Envelope) -> None:
    until = envelope.announcement_made.valid_until_ms
    need(until == 0 or until > envelope.sent_at_ms, "announcement_made.valid_until_ms", "0 or an instant after sent_at_ms")


def _rejected(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.referral_rejected
    need(names_one(body.reason, referral_pb2.RejectionReason), "referral_rejected.reason", "a reason")
    need(not body.better_recipient or is_institution_id(body.better_recipient), "referral_rejected.better_recipient",
         "an institution id")


def _forwarded(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.referral_forwarded
    need(is_institution_id(body.to), "referral_forwarded.to", "an institution id")
    need(body.to in envelope.recipients, "recipients", "the sender of the referral and referral_forwarded.to")
    need_id(body.new_referral_id, "referral_forwarded.new_referral_id")


def _held(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.referral_held
    need(names_one(body.reason, referral_pb2.HoldReason), "referral_held.reason", "a reason")
    need(body.until_ms > envelope.sent_at_ms, "referral_held.until_ms", "an instant after sent_at_ms")


def _completed(envelope: envelope_pb2.Envelope) -> None:
    need(names_one(envelope.referral_completed.outcome, referral_pb2.Outcome), "referral_completed.outcome", "an outcome")


def _may_cancel_for(reason: int) -> bool:
    """That an appointment ended with its referral, the broker says."""
    return names_one(reason, referral_pb2.CancellationReason) and reason != referral_pb2.CANCELLATION_REASON_REFERRAL_ENDED


def _cancelled(envelope: envelope_pb2.Envelope) -> None:
    need(_may_cancel_for(envelope.referral_cancelled.reason), "referral_cancelled.reason", "a reason")


def _provided(envelope: envelope_pb2.Envelope) -> None:
    if envelope.information_provided.in_reply_to:
        need_id(envelope.information_provided.in_reply_to, "information_provided.in_reply_to")


def _meeting(meeting: appointment_pb2.Meeting, field: str) -> None:
    optional_code(meeting.slot_id, f"{field}.slot_id")
    as_the_slot = meeting.slot_id and not meeting.start_ms and not meeting.end_ms
    if not as_the_slot and not is_meeting_time(meeting.start_ms, meeting.end_ms):
        raise Refusal("appointment.bad_meeting", field)
    optional_code(meeting.location_id, f"{field}.location_id")
    optional_code(meeting.service_id, f"{field}.service_id")


def _appointment_held(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.appointment_held
    need(body.expires_at_ms > envelope.sent_at_ms, "appointment_held.expires_at_ms", "an instant after sent_at_ms")
    _meeting(body.meeting, "appointment_held.meeting")


def _appointment_booked(envelope: envelope_pb2.Envelope) -> None:
    if envelope.appointment_booked.HasField("meeting"):
        _meeting(envelope.appointment_booked.meeting, "appointment_booked.meeting")


def _appointment_cancelled(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.appointment_cancelled
    need(body.by in (appointment_pb2.CANCELLED_BY_PERSON, appointment_pb2.CANCELLED_BY_INSTITUTION),
         "appointment_cancelled.by", "CANCELLED_BY_PERSON or CANCELLED_BY_INSTITUTION")
    need(_may_cancel_for(body.reason), "appointment_cancelled.reason", "a reason")


_CHECKS: dict[str, Callable[[envelope_pb2.Envelope], None]] = {
    "referral_requested": _requested,
    "referral_accepted": _accepted,
    "announcement_made": _announced,
    "referral_rejected": _rejected,
    "referral_forwarded": _forwarded,
    "referral_held": _held,
    "referral_completed": _completed,
    "referral_cancelled": _cancelled,
    "information_provided": _provided,
    "note_shared": check_note,
    "consent_granted": check_consent_granted,
    "consent_withdrawn": check_consent_withdrawn,
    "rights_requested": check_rights_requested,
    "rights_answered": check_rights_answered,
    "slots_withdrawn": check_withdrawn,
    "appointment_proposed": lambda e: _meeting(e.appointment_proposed.meeting, "appointment_proposed.meeting"),
    "appointment_held": _appointment_held,
    "appointment_booked": _appointment_booked,
    "appointment_rescheduled": lambda e: _meeting(e.appointment_rescheduled.meeting, "appointment_rescheduled.meeting"),
    "appointment_cancelled": _appointment_cancelled,
}
