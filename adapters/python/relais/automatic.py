"""The messages that an adapter owes without anybody writing them."""

from relais.messages import Draft, Incoming, draft
from relais.v1 import envelope_pb2


def needs_side(envelope: envelope_pb2.Envelope) -> bool:
    """Whether it must be known if we are the referral's sender."""
    return envelope.WhichOneof("body") == "referral_expired"


def automatic_reply(message: Incoming, we_are_sender: bool) -> Draft | None:
    """referral_received when `message` brings us a referral; outcome_acknowledged when it tells us, its sender, how one
    ended. `we_are_sender` counts where needs_side() says so."""
    envelope, kind = message.envelope, message.kind
    if message.copy:
        return None
    if kind == "referral_requested" and message.recipient in envelope.team_members:
        return None  # it comes when the team has taken the referral in charge
    if kind == "referral_requested":
        return _answer("referral_received", envelope, message.recipient, envelope.sender)
    if kind == "referral_forwarded":
        return _after_forward(message)
    if kind in ("referral_rejected", "referral_completed"):
        return _answer("outcome_acknowledged", envelope, message.recipient, envelope.sender)
    if kind == "referral_expired" and we_are_sender:
        other = _other_recipient(envelope, message.recipient)
        return _answer("outcome_acknowledged", envelope, message.recipient, other) if other else None
    return None


def automatic_after_receipt(submitted: envelope_pb2.Envelope) -> Draft | None:
    """outcome_acknowledged once the broker promised our own cancellation: our software knows it already."""
    if submitted.WhichOneof("body") != "referral_cancelled" or not submitted.recipients:
        return None
    return _answer("outcome_acknowledged", submitted, submitted.sender, submitted.recipients[0])


def _after_forward(message: Incoming) -> Draft | None:
    forwarded = message.envelope.referral_forwarded
    if forwarded.to != message.recipient:
        return _answer("outcome_acknowledged", message.envelope, message.recipient, message.envelope.sender)
    sender = _other_recipient(message.envelope, forwarded.to)
    if sender is None:
        return None
    answer = _answer("referral_received", message.envelope, message.recipient, sender)
    answer.envelope.referral_id = forwarded.new_referral_id
    return answer


def _answer(kind: str, cause: envelope_pb2.Envelope, sender: str, recipient: str) -> Draft:
    return draft(
        kind, sender=sender, recipients=[recipient], case_id=cause.case_id, referral_id=cause.referral_id,
        purpose=cause.purpose, priority=cause.priority, exercise=cause.exercise, trace_parent=cause.trace_parent,
    )


def _other_recipient(envelope: envelope_pb2.Envelope, one: str) -> str | None:
    return next((recipient for recipient in envelope.recipients if recipient != one), None)
