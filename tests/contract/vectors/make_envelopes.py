"""envelopes.json: submissions of every kind that are well formed, and one for each rule that is broken."""

from make_common import CAF, CCAS, CPAM, NOW_MS, SEALING, SIGNING, digest, draw, refused, sealed_for, sealing_public, seal, sign
from relais.v1 import appointment_pb2, content_pb2, envelope_pb2, frames_pb2, referral_pb2

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
IDENTITY, NOTE = 1, 10


def meeting(**fields):
    whole = {"start_ms": NOW_MS + DAY_MS, "end_ms": NOW_MS + DAY_MS + HOUR_MS, "mode": 1, **fields}
    return appointment_pb2.Meeting(**whole)


BODIES = {
    "referral_requested": referral_pb2.ReferralRequested(service_need="logement-hebergement", commune="25056"),
    "referral_received": referral_pb2.ReferralReceived(),
    "referral_accepted": referral_pb2.ReferralAccepted(),
    "referral_rejected": referral_pb2.ReferralRejected(reason=2, better_recipient=CPAM),
    "referral_forwarded": referral_pb2.ReferralForwarded(to=CPAM, new_referral_id=draw("new referral", 16)),
    "referral_started": referral_pb2.ReferralStarted(),
    "referral_held": referral_pb2.ReferralHeld(reason=1, until_ms=NOW_MS + DAY_MS),
    "referral_completed": referral_pb2.ReferralCompleted(outcome=1),
    "referral_cancelled": referral_pb2.ReferralCancelled(reason=1),
    "outcome_acknowledged": referral_pb2.OutcomeAcknowledged(),
    "information_requested": referral_pb2.InformationRequested(),
    "information_provided": referral_pb2.InformationProvided(in_reply_to=draw("a question", 16)),
    "appointment_proposed": appointment_pb2.AppointmentProposed(meeting=meeting()),
    "appointment_held": appointment_pb2.AppointmentHeld(meeting=meeting(), expires_at_ms=NOW_MS + HOUR_MS),
    "appointment_booked": appointment_pb2.AppointmentBooked(meeting=meeting()),
    "appointment_rescheduled": appointment_pb2.AppointmentRescheduled(meeting=meeting()),
    "appointment_cancelled": appointment_pb2.AppointmentCancelled(by=1, reason=2),
    "appointment_arrived": appointment_pb2.AppointmentArrived(),
    "appointment_fulfilled": appointment_pb2.AppointmentFulfilled(),
    "appointment_no_show": appointment_pb2.AppointmentNoShow(),
}


def envelope(kind="referral_requested", body=None):
    made = envelope_pb2.Envelope(
        version=1, message_id=draw("message", 16), sender=CCAS, recipients=[CAF], case_id=draw("case", 16),
        referral_id=draw("referral", 16), purpose="access_to_rights", priority=1, sent_at_ms=NOW_MS, signing_key="signing-1")
    if kind == "referral_forwarded":
        made.recipients.append(CPAM)
    if kind.startswith("appointment_"):
        made.appointment_id = draw("appointment", 16)
    if kind:
        getattr(made, kind).SetInParent()
        getattr(made, kind).CopyFrom(body if body is not None else BODIES.get(kind, getattr(made, kind)))
    return made


def submit(made, compartments=(), signature=None):
    data = made.SerializeToString()
    signature = sign(SIGNING[CCAS], b"relais.v1.envelope", data) if signature is None else signature
    return frames_pb2.Submit(envelope=data, signature=signature, compartments=compartments)


def vector(name, made, expect=None):
    return {"name": name, "submit": made.SerializeToString().hex(), "expect": expect or {"good": True}}


def changed(name, expect=None, kind="referral_requested", body=None, clear=(), **fields):
    """A good message of that kind, but for these fields."""
    made = envelope(kind, body)
    for field in (*clear, *fields):
        made.ClearField(field)
    made.MergeFrom(envelope_pb2.Envelope(**fields))
    return vector(name, submit(made), expect)


def malformed(field):
    return refused("envelope.malformed", field)


def later_body():
    """Field 100 is a body that version 1 does not know."""
    data = envelope("").SerializeToString() + bytes.fromhex("a20600")
    return frames_pb2.Submit(envelope=data, signature=sign(SIGNING[CCAS], b"relais.v1.envelope", data))


def rules():
    """The fields of the envelope, in the order in which they are looked at."""
    too_far = {"sent_at_ms": NOW_MS + DAY_MS + 1}
    return [
        changed("version 0", refused("envelope.version", "version"), clear=["version"]),
        changed("version 2", refused("envelope.version", "version"), version=2),
        changed("no message id", malformed("message_id"), clear=["message_id"]),
        changed("a message id of 15 bytes", malformed("message_id"), message_id=draw("short", 15)),
        changed("a message id of zeros", malformed("message_id"), message_id=bytes(16)),
        vector("no body", submit(envelope("")), malformed("body")),
        vector("a body of a later version", later_body(), malformed("body")),
        *(changed(f"{kind} is the broker's alone", refused("lifecycle.not_your_role", kind), kind=kind)
          for kind in ("referral_expired", "deadline_missed", "delivery_failed")),
        changed("no sender", malformed("sender"), clear=["sender"]),
        changed("a sender of one letter", malformed("sender"), sender="c"),
        changed("a sender with a capital", malformed("sender"), sender="CCAS-25056"),
        changed("a sender that begins with a hyphen", malformed("sender"), sender="-ccas"),
        changed("a sender of 63", sender="c" * 63),
        changed("a sender of 64", malformed("sender"), sender="c" * 64),
        changed("no recipient", malformed("recipients"), clear=["recipients"]),
        changed("two recipients", malformed("recipients"), recipients=[CAF, CPAM]),
        changed("a recipient that is none", malformed("recipients[0]"), recipients=["caf_25"]),
        changed("the sender as recipient", malformed("recipients[0]"), recipients=[CCAS]),
        changed("a forward to one", malformed("recipients"), kind="referral_forwarded", recipients=[CAF]),
        changed("a forward to the same twice", malformed("recipients[1]"), kind="referral_forwarded", recipients=[CPAM, CPAM]),
        changed("no case", malformed("case_id"), clear=["case_id"]),
        changed("a case id of 17 bytes", malformed("case_id"), case_id=draw("long", 17)),
        changed("no referral", malformed("referral_id"), clear=["referral_id"]),
        changed("an appointment in a referral's message", malformed("appointment_id"), appointment_id=draw("appointment", 16)),
        changed("an appointment without its id", malformed("appointment_id"), kind="appointment_arrived", clear=["appointment_id"]),
        changed("no purpose", malformed("purpose"), clear=["purpose"]),
        changed("a purpose with a space", malformed("purpose"), purpose="access to rights"),
        changed("a purpose of 64", purpose="p" * 64),
        changed("a purpose of 65", malformed("purpose"), purpose="p" * 65),
        changed("a purpose with a line end", malformed("purpose"), purpose="access_to_rights\n"),
        changed("a priority of a later version", malformed("priority"), priority=9),
        changed("priority not said", clear=["priority"]),
        changed("no time of sending", malformed("sent_at_ms"), clear=["sent_at_ms"]),
        changed("sent before 1970", malformed("sent_at_ms"), sent_at_ms=-1),
        changed("sent a day ahead", sent_at_ms=NOW_MS + DAY_MS),
        changed("sent more than a day ahead", malformed("sent_at_ms"), **too_far),
        changed("sent 90 days ago", sent_at_ms=NOW_MS - 90 * DAY_MS),
        changed("sent more than 90 days ago", refused("envelope.too_old", "sent_at_ms"), sent_at_ms=NOW_MS - 90 * DAY_MS - 1),
        changed("expires later", expires_at_ms=NOW_MS + 1),
        changed("expires when it is sent", malformed("expires_at_ms"), expires_at_ms=NOW_MS),
        changed("expires before 1970", malformed("expires_at_ms"), expires_at_ms=-1),
        changed("no signing key", malformed("signing_key"), clear=["signing_key"]),
        changed("a trace", trace_parent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        changed("a trace of another length", malformed("trace_parent"), trace_parent="00-4bf9"),
        changed("a trace that is text", malformed("trace_parent"), trace_parent="00-Martine Durand, suivie par le CCAS0-00f067aa0ba902b7-01"),
        changed("a trace of no span", malformed("trace_parent"), trace_parent="00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
        changed("a trace of another version", malformed("trace_parent"), trace_parent="01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        changed("an exercise", exercise=True),
    ]


def bodies():
    def body(name, kind, expect=None, **fields):
        return changed(name, expect, kind=kind, body=type(BODIES[kind])(**fields))

    def timed(name, kind, expect, made):
        more = {"expires_at_ms": NOW_MS + HOUR_MS} if kind == "appointment_held" else {}
        return changed(name, expect, kind=kind, body=type(BODIES[kind])(meeting=made, **more))

    found = [changed(f"a good {kind}", kind=kind) for kind in BODIES]
    found += [
        body("a request that says nothing", "referral_requested"),
        body("a need of 128", "referral_requested", service_need="n" * 128),
        body("a need of 129", "referral_requested", malformed("referral_requested.service_need"), service_need="n" * 129),
        body("a service that is no code", "referral_requested", malformed("referral_requested.service_id"), service_id="Accueil"),
        body("a commune of Corsica", "referral_requested", commune="2A004"),
        body("a commune of four digits", "referral_requested", malformed("referral_requested.commune"), commune="2505"),
        body("a commune with a letter", "referral_requested", malformed("referral_requested.commune"), commune="2C004"),
        body("a commune in other digits", "referral_requested", malformed("referral_requested.commune"), commune="٢٥٠٥٦"),
        body("based on half an id", "referral_requested", malformed("referral_requested.based_on"), based_on=b"12345678"),
        body("rejected without a reason", "referral_rejected", malformed("referral_rejected.reason")),
        body("rejected for a reason of a later version", "referral_rejected", malformed("referral_rejected.reason"), reason=99),
        body("a better recipient that is none", "referral_rejected", malformed("referral_rejected.better_recipient"), reason=1,
             better_recipient="CAF"),
        body("forwarded to nobody", "referral_forwarded", malformed("referral_forwarded.to"),
             new_referral_id=draw("new referral", 16)),
        body("forwarded to another than the recipient", "referral_forwarded", malformed("recipients"), to="ml-25",
             new_referral_id=draw("new referral", 16)),
        body("forwarded without a new referral", "referral_forwarded", malformed("referral_forwarded.new_referral_id"), to=CPAM),
        body("held without a reason", "referral_held", malformed("referral_held.reason"), until_ms=NOW_MS + 1),
        body("held until it is sent", "referral_held", malformed("referral_held.until_ms"), reason=1, until_ms=NOW_MS),
        body("completed without an outcome", "referral_completed", malformed("referral_completed.outcome")),
        body("cancelled without a reason", "referral_cancelled", malformed("referral_cancelled.reason")),
        body("cancelled for what is an appointment's reason", "referral_cancelled", malformed("referral_cancelled.reason"), reason=7),
        body("an answer to no question", "information_provided"),
        body("an answer to half a question", "information_provided", malformed("information_provided.in_reply_to"),
             in_reply_to=b"1"),
        body("a confirmation", "appointment_booked"),
        body("cancelled by nobody", "appointment_cancelled", malformed("appointment_cancelled.by"), reason=1),
        body("cancelled by the broker", "appointment_cancelled", malformed("appointment_cancelled.by"), by=3, reason=1),
        body("an appointment cancelled without a reason", "appointment_cancelled", malformed("appointment_cancelled.reason"), by=2),
        body("cancelled for the broker's reason", "appointment_cancelled", malformed("appointment_cancelled.reason"), by=2, reason=7),
        body("a hold that ends when it is sent", "appointment_held", malformed("appointment_held.expires_at_ms"),
             meeting=meeting(), expires_at_ms=NOW_MS),
        body("proposed without a meeting", "appointment_proposed", refused("appointment.bad_meeting", "appointment_proposed.meeting")),
    ]
    for kind in ("appointment_proposed", "appointment_held", "appointment_booked", "appointment_rescheduled"):
        field = f"{kind}.meeting"
        wrong = refused("appointment.bad_meeting", field)
        start = NOW_MS + DAY_MS
        found += [
            timed(f"{kind}: no start", kind, wrong, meeting(start_ms=0)),
            timed(f"{kind}: ends when it starts", kind, wrong, meeting(end_ms=start)),
            timed(f"{kind}: 24 hours", kind, None, meeting(end_ms=start + DAY_MS)),
            timed(f"{kind}: more than 24 hours", kind, wrong, meeting(end_ms=start + DAY_MS + 1)),
            timed(f"{kind}: a location that is no code", kind, malformed(f"{field}.location_id"), meeting(location_id="Hall A")),
            timed(f"{kind}: a service that is no code", kind, malformed(f"{field}.service_id"), meeting(service_id="é")),
        ]
    return found


def compartments():
    person = content_pb2.Identity(family_name="Exemple").SerializeToString()
    message_id = draw("message", 16)
    good = sealed_for(message_id, IDENTITY, person, CAF)
    note = sealed_for(message_id, NOTE, content_pb2.Note(text="Un mot.").SerializeToString(), CAF)

    def announced(*parts, sent=None, signature=None, **fields):
        """`parts`: (category, data). The digest's fields may be changed."""
        made = envelope()
        for category, data in parts:
            made.compartments.add(**{"category": category, "digest": digest(data), "recipients": [CAF], **fields})
        return submit(made, [data for _, data in parts] if sent is None else sent, signature)

    def rewritten(change):
        compartment = envelope_pb2.Compartment.FromString(good)
        change(compartment)
        return announced((IDENTITY, compartment.SerializeToString()))

    def wrap(**fields):
        return lambda compartment: compartment.wraps[0].MergeFrom(envelope_pb2.Wrap(**fields))

    first, wraps = "compartments[0]", refused("compartment.malformed", "compartments[0].wraps")
    broken = refused("compartment.malformed", first)
    strange = (CPAM, "sealing-1", "sealing-1", SEALING[CCAS], sealing_public(SEALING[CPAM]), draw("a strange wrap", 24))
    other = seal(message_id, IDENTITY, person, draw("a strange key"), draw("a strange nonce", 24), [strange]).SerializeToString()
    return [
        vector("one compartment", announced((IDENTITY, good))),
        vector("two compartments", announced((IDENTITY, good), (NOTE, note))),
        vector("32 compartments", announced(*[(IDENTITY, good)] * 32)),
        vector("33 compartments", announced(*[(IDENTITY, good)] * 33), malformed("compartments")),
        vector("a compartment that is missing", announced((IDENTITY, good), (NOTE, note), sent=[good]), malformed("compartments")),
        vector("a compartment that nobody announced", announced((IDENTITY, good), sent=[good, note]), malformed("compartments")),
        vector("compartments in another order", announced((IDENTITY, good), (NOTE, note), sent=[note, good]),
               refused("compartment.digest_mismatch", first)),
        vector("a compartment with a bit turned", announced((IDENTITY, good), sent=[good[:-1] + bytes([good[-1] ^ 1])]),
               refused("compartment.digest_mismatch", first)),
        vector("a digest of 31 bytes", announced((IDENTITY, good), digest=digest(good)[:31]),
               refused("compartment.digest_mismatch", first)),
        vector("no category", announced((0, good)), malformed(f"{first}.category")),
        vector("a category of a later version", announced((77, good)), malformed(f"{first}.category")),
        vector("another category than it has", announced((NOTE, good)), broken),
        vector("for nobody", announced((IDENTITY, good), recipients=[]), malformed(f"{first}.recipients")),
        vector("for somebody else", announced((IDENTITY, other), recipients=[CPAM]), malformed(f"{first}.recipients")),
        vector("a compartment that is none", announced((IDENTITY, b"\xff\xff")), broken),
        vector("a nonce of 23 bytes", rewritten(lambda one: setattr(one, "nonce", one.nonce[:23])), broken),
        vector("a ciphertext without room for its tag", rewritten(lambda one: setattr(one, "ciphertext", bytes(15))), broken),
        vector("without a wrap", rewritten(lambda one: one.ClearField("wraps")), wraps),
        vector("with one wrap too many", rewritten(lambda one: one.wraps.add().CopyFrom(one.wraps[0])), wraps),
        vector("a wrap for another", rewritten(wrap(recipient=CPAM)), wraps),
        vector("a wrap's nonce of 25 bytes", rewritten(wrap(nonce=draw("long nonce", 25))), wraps),
        vector("a sealed key of 47 bytes", rewritten(wrap(sealed_key=draw("short key", 47))), wraps),
        vector("a wrap without the recipient's key", rewritten(lambda one: one.wraps[0].ClearField("recipient_key")), wraps),
        vector("a wrap whose sender's key is no code", rewritten(wrap(sender_key="Sealing 1")), wraps),
        vector("no signature", submit(envelope(), signature=b""), refused("signature.invalid", "signature")),
        vector("a signature of 63 bytes", submit(envelope(), signature=bytes(63)), refused("signature.invalid", "signature")),
        vector("an envelope that is none", frames_pb2.Submit(envelope=b"\xff\xff", signature=bytes(64)), malformed("envelope")),
        vector("no envelope", frames_pb2.Submit(), refused("envelope.version", "version")),
        vector("a purpose that is not UTF-8", frames_pb2.Submit(
            envelope=envelope().SerializeToString().replace(b"access_to_rights", b"access_to_right\xff"), signature=bytes(64)),
               malformed("envelope")),
    ]


def make():
    return {"now_ms": NOW_MS, "submissions": [*rules(), *bodies(), *compartments()]}
