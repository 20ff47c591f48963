"""The shape of what participants say about a case as a whole."""

from collections.abc import Sequence

from relais.v1 import case_pb2, envelope_pb2, rights_pb2
from relais.words import is_code, malformed, names_one, need, need_id

CONSENT_PURPOSES_MAX = 32


def check_note(envelope: envelope_pb2.Envelope) -> None:
    need(len(envelope.compartments) > 0, "compartments", "at least one: the note itself")


def check_consent_granted(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.consent_granted
    need(len(body.purposes) > 0, "consent_granted.purposes", "at least one purpose")
    need(names_one(body.form, case_pb2.ConsentForm), "consent_granted.form", "a form")
    need(body.valid_until_ms == 0 or body.valid_until_ms > envelope.sent_at_ms, "consent_granted.valid_until_ms",
         "0 or an instant after sent_at_ms")
    _check_purposes(body.purposes, "consent_granted.purposes")


def check_consent_withdrawn(envelope: envelope_pb2.Envelope) -> None:
    _check_purposes(envelope.consent_withdrawn.purposes, "consent_withdrawn.purposes")


def check_rights_requested(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.rights_requested
    need(names_one(body.right, rights_pb2.Right), "rights_requested.right", "a right")
    need(not (body.request_id or body.by or body.due_ms), "rights_requested",
         "the right alone: the broker adds the rest")


def check_rights_answered(envelope: envelope_pb2.Envelope) -> None:
    body = envelope.rights_answered
    need(names_one(body.reply, rights_pb2.RightsReply), "rights_answered.reply", "a reply")
    need_id(body.request_id, "rights_answered.request_id")


def _check_purposes(purposes: Sequence[str], field: str) -> None:
    need(len(purposes) <= CONSENT_PURPOSES_MAX, field, "at most 32 purposes")
    for index, purpose in enumerate(purposes):
        if not is_code(purpose):
            raise malformed(f"{field}[{index}]", "a code [a-z0-9][a-z0-9_.-]{0,63}")
        need(purpose not in purposes[:index], f"{field}[{index}]", "each purpose once")
