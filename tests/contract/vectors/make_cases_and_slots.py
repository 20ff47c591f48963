"""Part of envelopes.json: what is said about a whole case, fallbacks, what was withheld, and slots."""

from make_common import CAF, CCAS, CPAM, NOW_MS, digest, draw, refused, sealed_for
from make_envelopes import DAY_MS, HOUR_MS, NOTE, envelope, malformed, meeting, submit, vector
from relais.v1 import appointment_pb2, case_pb2, content_pb2, envelope_pb2, rights_pb2

ABOUT_CASES = ("lead_offered", "lead_accepted", "lead_declined", "participant_kept", "participant_released")


def about_case(kind, body=None, recipients=(CAF,), **fields):
    made = envelope(kind, body)
    made.ClearField("referral_id")
    del made.recipients[:]
    made.recipients.extend(recipients)
    made.MergeFrom(envelope_pb2.Envelope(**fields))
    return made


def note(recipients=(CAF,), **fields):
    made = about_case("note_shared", recipients=recipients, **fields)
    data = sealed_for(draw("message", 16), NOTE, content_pb2.Note(text="Un mot.").SerializeToString(), CAF)
    made.compartments.add(category=NOTE, digest=digest(data), recipients=[CAF])
    return submit(made, [data])


def granted(recipients=(), **fields):
    return submit(about_case("consent_granted", case_pb2.ConsentGranted(**{"purposes": ["housing"], "form": 1, **fields}), recipients))


def withdrawn(recipients=(), **fields):
    return submit(about_case("consent_withdrawn", case_pb2.ConsentWithdrawn(**fields), recipients))


def asked(recipients=(), **fields):
    return submit(about_case("rights_requested", rights_pb2.RightsRequested(**{"right": 2, **fields}), recipients))


def answered(recipients=(CAF,), **fields):
    request = {"request_id": draw("request", 16), "reply": 1}
    return submit(about_case("rights_answered", rights_pb2.RightsAnswered(**{**request, **fields}), recipients))


def rights():
    late = refused("lifecycle.not_your_role", "rights_overdue")
    return [
        vector("a person asks for erasure", asked()),
        vector("a person asks for nothing", asked(right=0), malformed("rights_requested.right")),
        vector("a person asks for what no version knows", asked(right=9), malformed("rights_requested.right")),
        vector("a person's request to one", asked((CAF,)), malformed("recipients")),
        vector("a person's request that says whom to answer", asked(by=CPAM), malformed("rights_requested")),
        vector("a good answer to a person's request", answered()),
        vector("an answer to two", answered((CAF, CPAM)), malformed("recipients")),
        vector("an answer that says nothing", answered(reply=0), malformed("rights_answered.reply")),
        vector("an answer to no request", answered(request_id=b""), malformed("rights_answered.request_id")),
        vector("lateness told by an institution", submit(about_case("rights_overdue")), late),
        vector("a test sent by an institution", submit(about_case("connection_tested")),
               refused("lifecycle.not_your_role", "connection_tested")),
    ]


def cases():
    with_contents = about_case("lead_offered")
    sealed = sealed_for(draw("message", 16), NOTE, content_pb2.Note(text="Un mot.").SerializeToString(), CAF)
    with_contents.compartments.add(category=NOTE, digest=digest(sealed), recipients=[CAF])
    purposes = "consent_granted.purposes"
    return [
        *(vector(f"a good {kind}", submit(about_case(kind))) for kind in ABOUT_CASES),
        vector("a note to one", note()),
        vector("a note to two", note((CAF, CPAM))),
        vector("a note to nobody", note(()), malformed("recipients")),
        vector("a note to 17", note([f"ccas-{i}" for i in range(17)]), malformed("recipients")),
        vector("a note without contents", submit(about_case("note_shared")), malformed("compartments")),
        vector("a note about a referral", note(referral_id=draw("referral", 16)), malformed("referral_id")),
        vector("the lead offered to two", submit(about_case("lead_offered", recipients=(CAF, CPAM))), malformed("recipients")),
        vector("the lead offered with contents", submit(with_contents, [sealed]), malformed("compartments")),
        vector("a good consent_granted", granted()),
        vector("consent told to one", granted((CAF,))),
        vector("consent for nothing", granted(purposes=[]), malformed(purposes)),
        vector("consent in no form", granted(form=0), malformed("consent_granted.form")),
        vector("consent for one purpose twice", granted(purposes=["housing", "housing"]), malformed(f"{purposes}[1]")),
        vector("consent for a purpose that is no code", granted(purposes=["Housing"]), malformed(f"{purposes}[0]")),
        vector("consent for 33 purposes", granted(purposes=[f"p{i}" for i in range(33)]), malformed(purposes)),
        vector("consent that is over", granted(valid_until_ms=NOW_MS), malformed("consent_granted.valid_until_ms")),
        vector("consent withdrawn altogether", withdrawn()),
        vector("consent withdrawn for one purpose", withdrawn(purposes=["housing"])),
        vector("consent withdrawn before one", withdrawn((CAF,)), malformed("recipients")),
    ]


def requests():
    def request(name, expect=None, kind="referral_requested", **fields):
        made = envelope(kind)
        made.MergeFrom(envelope_pb2.Envelope(**fields))
        return vector(name, submit(made), expect)

    def left_out(category=1, recipient=CAF, rule="secrecy.mission"):
        return [envelope_pb2.WithheldCategory(category=category, recipient=recipient, rule=rule)]

    return [
        request("a fallback", fallbacks=[CPAM]),
        request("five fallbacks", malformed("fallbacks"), fallbacks=[f"ccas-{i}" for i in range(5)]),
        request("the recipient as fallback", malformed("fallbacks[0]"), fallbacks=[CAF]),
        request("the sender as fallback", malformed("fallbacks[0]"), fallbacks=[CCAS]),
        request("a fallback twice", malformed("fallbacks[1]"), fallbacks=[CPAM, CPAM]),
        request("a fallback of an answer", malformed("fallbacks"), kind="referral_accepted", fallbacks=[CPAM]),
        request("withheld from the recipient", withheld=left_out()),
        request("withheld from a fallback", fallbacks=[CPAM], withheld=left_out(recipient=CPAM)),
        request("withheld from somebody else", malformed("withheld[0].recipient"), withheld=left_out(recipient=CPAM)),
        request("no category withheld", malformed("withheld[0].category"), withheld=left_out(category=0)),
        request("withheld by no rule", malformed("withheld[0].rule"), withheld=left_out(rule="")),
        request("65 withheld", malformed("withheld"), withheld=left_out() * 65),
        request("referral_reassigned is the broker's alone", refused("lifecycle.not_your_role", "referral_reassigned"),
                kind="referral_reassigned"),
    ]


def slot(**fields):
    whole = {"slot_id": "permanence-1", "start_ms": NOW_MS + DAY_MS, "end_ms": NOW_MS + DAY_MS + HOUR_MS, "capacity": 1, "mode": 1}
    return appointment_pb2.Slot(**{**whole, **fields})


def about_slots(kind, body, **fields):
    made = envelope(kind, body)
    for field in ("recipients", "case_id", "referral_id"):
        made.ClearField(field)
    made.MergeFrom(envelope_pb2.Envelope(**fields))
    return submit(made)


def slots():
    def published(name, *some, expect=None, **fields):
        return vector(name, about_slots("slots_published", appointment_pb2.SlotsPublished(slots=some), **fields), expect)

    def withdrawn_slots(name, *ids, expect=None):
        return vector(name, about_slots("slots_withdrawn", appointment_pb2.SlotsWithdrawn(slot_ids=ids)), expect)

    first, over = "slots_published.slots[0]", NOW_MS - DAY_MS
    in_slot = appointment_pb2.AppointmentBooked(meeting=appointment_pb2.Meeting(slot_id="permanence-1"))
    in_none = appointment_pb2.AppointmentBooked(meeting=meeting(slot_id="Salle A"))
    return [
        published("slots", slot(), slot(slot_id="permanence-2", capacity=12, open=True)),
        published("no slot", expect=malformed("slots_published.slots")),
        published("501 slots", *(slot(slot_id=f"s{i}") for i in range(501)), expect=malformed("slots_published.slots")),
        published("a slot twice", slot(), slot(), expect=malformed("slots_published.slots[1].slot_id")),
        published("a slot without an id", slot(slot_id=""), expect=malformed(f"{first}.slot_id")),
        published("a slot whose service is no code", slot(service_id="Budget"), expect=malformed(f"{first}.service_id")),
        published("a slot that ends when it starts", slot(end_ms=NOW_MS + DAY_MS), expect=malformed(f"{first}.end_ms")),
        published("a slot that is over", slot(start_ms=over - HOUR_MS, end_ms=over - 1),
                  expect=refused("slot.in_the_past", f"{first}.end_ms")),
        published("a slot in three years", slot(start_ms=NOW_MS + 1_000 * DAY_MS, end_ms=NOW_MS + 1_000 * DAY_MS + 1),
                  expect=malformed(f"{first}.start_ms")),
        published("a slot without a place", slot(capacity=0), expect=malformed(f"{first}.capacity")),
        published("a slot of 10,001", slot(capacity=10_001), expect=malformed(f"{first}.capacity")),
        published("a slot in a mode of a later version", slot(mode=9), expect=malformed(f"{first}.mode")),
        published("slots told to somebody", slot(), recipients=[CAF], expect=malformed("recipients")),
        published("slots of a case", slot(), case_id=draw("case", 16), expect=malformed("case_id")),
        published("slots as an exercise", slot(), exercise=True, expect=malformed("exercise")),
        withdrawn_slots("a slot withdrawn", "permanence-1"),
        withdrawn_slots("nothing withdrawn", expect=malformed("slots_withdrawn.slot_ids")),
        withdrawn_slots("a slot withdrawn twice", "s1", "s1", expect=malformed("slots_withdrawn.slot_ids[1]")),
        vector("a meeting as the slot has it", submit(envelope("appointment_booked", in_slot))),
        vector("a meeting in a slot that is no code", submit(envelope("appointment_booked", in_none)),
               malformed("appointment_booked.meeting.slot_id")),
    ]


def make():
    return [*cases(), *rights(), *requests(), *slots()]
