"""Two roles for the test: one institution that asks, one that takes in charge. Each handler runs once per message."""

from relais.v1 import appointment_pb2, common_pb2, content_pb2, referral_pb2

from relais_network import now_ms

HOUR_MS = 3_600_000


class Role:
    """Remembers what it saw: (kind, sender, contents)."""

    def __init__(self):
        self.seen = []

    def handle(self, adapter, envelope, contents):
        kind = envelope.WhichOneof("body")
        self.seen.append((kind, envelope.sender, contents))
        answer = getattr(self, "on_" + kind, None)
        if answer:
            answer(adapter, envelope, contents)

    def kinds(self):
        return [kind for kind, _, _ in self.seen]

    @staticmethod
    def reply(adapter, envelope, body, message=None, **fields):
        """On the same referral, to the other side."""
        adapter.submit(body, [envelope.sender], envelope.case_id, envelope.referral_id, envelope.purpose,
                       message=message, exercise=envelope.exercise, **fields)


class Asking(Role):
    """Asks, answers questions, and closes the loop once it holds the outcome."""

    def ask(self, adapter, recipient, purpose, case_id, referral_id, person, exercise=False):
        return adapter.submit(
            "referral_requested", [recipient], case_id, referral_id, purpose,
            contents=[(common_pb2.CATEGORY_IDENTITY, person)],
            message=referral_pb2.ReferralRequested(service_need="logement-hebergement", commune="25056"),
            priority=common_pb2.PRIORITY_URGENT, exercise=exercise)

    def on_information_requested(self, adapter, envelope, contents):
        adapter.submit(
            "information_provided", [envelope.sender], envelope.case_id, envelope.referral_id, envelope.purpose,
            contents=[(common_pb2.CATEGORY_NOTE, content_pb2.Note(text="Dossier complété."))],
            message=referral_pb2.InformationProvided(in_reply_to=envelope.message_id), exercise=envelope.exercise)

    def on_referral_completed(self, adapter, envelope, contents):
        self.reply(adapter, envelope, "outcome_acknowledged")


class Taking(Role):
    """Receives, accepts, asks back, books, meets the person, completes."""

    def on_referral_requested(self, adapter, envelope, contents):
        for body in ("referral_received", "referral_accepted"):
            self.reply(adapter, envelope, body)
        adapter.submit(
            "information_requested", [envelope.sender], envelope.case_id, envelope.referral_id, envelope.purpose,
            contents=[(common_pb2.CATEGORY_NOTE, content_pb2.Note(text="Quelle pièce d'identité ?"))],
            exercise=envelope.exercise)

    def on_information_provided(self, adapter, envelope, contents):
        appointment = {"appointment_id": envelope.message_id}  # 16 random bytes, and the same after a crash
        start = now_ms() + HOUR_MS
        meeting = appointment_pb2.Meeting(start_ms=start, end_ms=start + HOUR_MS,
                                          mode=appointment_pb2.APPOINTMENT_MODE_ON_SITE)
        booked = appointment_pb2.AppointmentBooked(meeting=meeting)
        self.reply(adapter, envelope, "appointment_booked", booked, **appointment)
        self.reply(adapter, envelope, "referral_started")
        self.reply(adapter, envelope, "appointment_arrived", **appointment)
        self.reply(adapter, envelope, "appointment_fulfilled", **appointment)
        self.reply(adapter, envelope, "referral_completed",
                   referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED))


class Both(Asking, Taking):
    """An institution does both."""
