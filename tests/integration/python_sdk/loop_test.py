"""Referrals pass both ways between adapters of the SDK, and every loop is closed."""

import os
import unittest

from world import CAF, CCAS, PURPOSE, Listening, World

import relais
from relais.v1 import appointment_pb2, common_pb2, content_pb2, referral_pb2

HOUR_MS = 3_600_000


class Office(Listening):
    """Takes in charge what it is asked, as far as the outcome."""

    def on_message(self, message):
        self.seen.append(message)
        if message.kind == "referral_requested":
            start = message.envelope.sent_at_ms + HOUR_MS
            meeting = appointment_pb2.Meeting(start_ms=start, end_ms=start + HOUR_MS)
            appointment = {"appointment_id": relais.named_id("appointment", message.envelope.message_id.hex())}
            return relais.handled([
                message.reply("referral_accepted"),
                message.reply("appointment_booked", body=appointment_pb2.AppointmentBooked(meeting=meeting), **appointment),
                message.reply("appointment_arrived", **appointment),
                message.reply("appointment_fulfilled", **appointment),
                message.reply("referral_completed", [content_pb2.Note(text="Venue, dossier ouvert.")],
                              body=referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)),
            ], notes={message.envelope.referral_id.hex(): b"held"})
        return relais.handled()


ANSWERS = ["referral_received", "referral_accepted", "appointment_booked", "appointment_arrived", "appointment_fulfilled",
           "referral_completed"]


def request(recipient, name, **fields):
    person = content_pb2.Identity(family_name=name, given_names="Camille", birth_date="1990-01-31")
    return relais.draft("referral_requested", [person], recipients=[recipient], purpose=PURPOSE,
                        referral_id=fields.pop("referral_id", relais.new_id()), **fields)


class LoopTest(World):
    def test_a_referral_passes_both_ways_to_its_end(self):
        offices = {CCAS: Office(), CAF: Office()}
        adapters = {institution: self.adapter(institution, office) for institution, office in offices.items()}
        sent = {}
        for institution, other in ((CCAS, CAF), (CAF, CCAS)):
            draft = request(other, f"De {institution}", exercise=institution == CAF)
            sent[institution] = draft.envelope.referral_id
            adapters[institution].submit(draft)
        for institution, other in ((CCAS, CAF), (CAF, CCAS)):
            office, adapter = offices[institution], adapters[institution]
            self.wait(lambda: "outcome_acknowledged" in office.kinds(), "the end of the loop")
            self.wait(lambda: adapter.health().outbox_messages == 0, "the last receipt")
            self.assertEqual([kind for kind in office.kinds() if kind in ANSWERS], ANSWERS)
            asked = next(message for message in office.seen if message.kind == "referral_requested")
            self.assertEqual(asked.content(content_pb2.Identity).family_name, f"De {other}")
            self.assertEqual(asked.recipient, institution)
            done = next(message for message in office.seen if message.kind == "referral_completed")
            self.assertEqual(done.content(content_pb2.Note).text, "Venue, dossier ouvert.")
            self.assertEqual(office.refusals, [])
            view = adapter.referral(sent[institution])
            self.assertTrue(view.closed)
            self.assertEqual(view.status, common_pb2.REFERRAL_STATUS_COMPLETED)
            self.assertEqual(view.exercise, institution == CAF)
            self.assertEqual([one.status for one in view.appointments], [common_pb2.APPOINTMENT_STATUS_FULFILLED])
            self.assertEqual([name for name, _ in adapter.notes.scan()], [sent[other].hex()])
            self.assertIsNone(adapter.known_referral(sent[institution]), "what is closed is forgotten")
            health = adapter.health()
            self.assertTrue(health.ready)
            self.assertEqual((health.received, health.handled, health.repeated, health.retried), (8, 8, 0, 0))
            self.assertEqual(health.receipts, health.submitted)

    def test_the_broker_answers_about_messages_and_hides_what_is_not_ours(self):
        adapter = self.adapter(CCAS)
        message_id = adapter.submit(request(CAF, "Exemple")).message_id
        self.wait(lambda: adapter.health().receipts == 1, "the receipt")
        view = adapter.message(message_id)
        self.assertEqual([(one.recipient, one.state) for one in view.deliveries], [(CAF, "queued")])
        with self.assertRaises(relais.Refusal) as no:
            adapter.referral(os.urandom(16))
        self.assertEqual(no.exception.code, "not.found")

    def test_our_own_cancellation_closes_the_loop(self):
        ccas, caf = self.adapter(CCAS), self.adapter(CAF, office := Listening())
        referral_id = relais.new_id()
        ccas.submit(request(CAF, "Exemple", referral_id=referral_id))
        cancelled = referral_pb2.ReferralCancelled(reason=referral_pb2.CANCELLATION_REASON_SENT_BY_MISTAKE)
        ccas.submit(relais.draft("referral_cancelled", body=cancelled, referral_id=referral_id))
        self.wait(lambda: office.kinds()[-1:] == ["outcome_acknowledged"], "the end of the loop")
        self.assertEqual(office.kinds(), ["referral_requested", "referral_cancelled", "outcome_acknowledged"])
        self.assertTrue(ccas.referral(referral_id).closed)


if __name__ == "__main__":
    unittest.main()
