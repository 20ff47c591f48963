"""An adapter written from proto/README.md alone passes referrals both ways through a real relaisd."""

import os
import time
import unittest

import generated  # noqa: F401  (puts the generated messages on the path)
from relais.v1 import common_pb2, frames_pb2

import roles
import two_offices
from relais_adapter import Adapter
from relaisctl import PATIENCE_S
from two_offices import CAF, CCAS, PURPOSE, Killed, person

# What the two sides of one complete referral are told, in this order for each of them.
TAKEN = ["referral_requested", "information_provided", "outcome_acknowledged"]
ANSWERED = ["referral_received", "referral_accepted", "information_requested", "appointment_booked", "referral_started",
            "appointment_arrived", "appointment_fulfilled", "referral_completed"]


class KilledBeforeSettling(Adapter):
    """Handles what it is given, and dies before it can say so."""

    def _send(self, frame):
        if frame.settles:
            raise Killed
        super()._send(frame)


class AdapterTest(two_offices.TwoOffices):
    def view(self, adapter, referral_id):
        """The broker's answer about a referral. A question dies with its session: it is asked again of whoever serves
        the institution by then."""
        institution = adapter.settings.institution
        answers = []
        until = time.monotonic() + PATIENCE_S
        while not answers:
            self.assertLess(time.monotonic(), until, "no answer\n" + self.broker.log())
            asked = self.adapters[institution]
            read = asked._read
            asked._read = lambda frame: (answers.extend(a for a in frame.answers if a.query_id == 99), read(frame))
            asked._send(frames_pb2.AdapterFrame(queries=[frames_pb2.Query(query_id=99, referral_id=referral_id)]))
            again = time.monotonic() + 2
            self.run_until(lambda: answers or time.monotonic() > again, "an answer")
            asked._read = read
        return answers[0]

    def test_a_referral_passes_both_ways_to_its_end(self):
        ccas, caf = self.adapter(CCAS), self.adapter(CAF)
        self.ready(ccas, caf)
        there = self.ask(ccas, CAF, "Aller")
        back = self.ask(caf, CCAS, "Retour", exercise=True)
        self.run_until(lambda: self.inbox(ccas).count("outcome_acknowledged") and
                       self.inbox(caf).count("outcome_acknowledged") and self.idle(ccas, caf), "the end of both loops")
        for adapter, name in ((ccas, "Retour"), (caf, "Aller")):
            kinds = adapter.role.kinds()
            self.assertEqual([kind for kind in kinds if kind in TAKEN], TAKEN)
            self.assertEqual([kind for kind in kinds if kind in ANSWERED], ANSWERED)
            self.assertEqual([state for _, state, _ in self.outbox(adapter)], ["accepted"] * 11)
            asked = next(contents for kind, _, contents in adapter.role.seen if kind == "referral_requested")
            self.assertEqual(asked[common_pb2.CATEGORY_IDENTITY], person(name))
            answered = next(contents for kind, _, contents in adapter.role.seen if kind == "information_provided")
            self.assertEqual(answered[common_pb2.CATEGORY_NOTE].text, "Dossier complété.")
            self.assertEqual(adapter.refusals, [])
        for adapter, referral_id, exercise in ((ccas, there, False), (caf, back, True)):
            view = self.view(adapter, referral_id).referral
            self.assertTrue(view.closed)
            self.assertEqual(view.status, common_pb2.REFERRAL_STATUS_COMPLETED)
            self.assertEqual(view.exercise, exercise)
            self.assertEqual([a.status for a in view.appointments], [common_pb2.APPOINTMENT_STATUS_FULFILLED])
        self.assertEqual(self.view(ccas, os.urandom(16)).refused.code, "not.found")

    def test_nothing_is_lost_or_done_twice_when_everyone_is_killed(self):
        ccas, caf = self.adapter(CCAS), self.adapter(CAF)
        self.ready(ccas, caf)
        referral_id = self.ask(ccas, CAF, "Aller")
        handled = lambda: sum(len(self.inbox(adapter)) for adapter in self.adapters.values())
        while "outcome_acknowledged" not in self.inbox(self.adapters[CAF]):
            before = handled()
            self.run_until(lambda: handled() > before, "the next message")
            self.broker.kill()
            for institution, adapter in list(self.adapters.items()):
                adapter.close(bye=False)
                self.adapter(institution, kind=KilledBeforeSettling)
            self.broker.start()
        self.run_until(lambda: self.idle(*self.adapters.values()), "the last receipts")
        ccas, caf = self.adapters[CCAS], self.adapters[CAF]
        self.assertEqual(self.inbox(caf), TAKEN)
        self.assertEqual(self.inbox(ccas), ANSWERED)
        self.assertEqual([state for _, state, _ in self.outbox(ccas)], ["accepted"] * 3)
        self.assertEqual([state for _, state, _ in self.outbox(caf)], ["accepted"] * 8)
        ccas = self.adapters[CCAS]
        self.ready(ccas)
        self.run_until(lambda: ccas.connection and ccas.connection.session, "a session")
        self.assertTrue(self.view(ccas, referral_id).referral.closed)

    def test_refusals_are_read_and_final(self):
        ccas, caf = self.adapter(CCAS, role=roles.Role), self.adapter(CAF, role=roles.Role)
        self.ready(ccas, caf)
        case_id, referral_id = os.urandom(16), os.urandom(16)
        roles.Asking().ask(ccas, CAF, PURPOSE, case_id, referral_id, person("Aller"))
        ccas.submit("referral_accepted", [CAF], case_id, referral_id, PURPOSE)
        ccas.submit("outcome_acknowledged", [CAF], case_id, referral_id, PURPOSE)
        ccas.submit("information_requested", ["cpam-25"], case_id, referral_id, PURPOSE)
        self.run_until(lambda: self.idle(ccas), "four answers")
        self.assertEqual([code for _, _, code in self.outbox(ccas)],
                         [None, "lifecycle.not_your_role", "lifecycle.invalid_transition", "route.none"])

    def test_a_key_serves_no_other_institution(self):
        thief = self.adapter(CCAS, role=roles.Role, keys=CAF)
        self.run_until(lambda: thief.refusals, "a refusal")
        self.assertEqual(thief.refusals[0], ("identity.not_served", "hello.institutions[0]"))

    def test_a_forged_signature_is_rejected_by_the_recipient_and_the_sender_is_told(self):
        ccas, caf = self.adapter(CCAS, role=roles.Role), self.adapter(CAF, role=roles.Role)
        self.ready(ccas, caf)
        message_id = roles.Asking().ask(ccas, CAF, PURPOSE, os.urandom(16), os.urandom(16), person("Aller"))
        (data,), = ccas.store.db.execute("select submit from outbox")
        submit = frames_pb2.Submit.FromString(data)
        submit.signature = bytes(64)
        ccas.store.db.execute("update outbox set submit = ?", (submit.SerializeToString(),))
        failures = []
        ccas.role.on_delivery_failed = lambda adapter, envelope, contents: failures.append(envelope)
        self.run_until(lambda: failures, "delivery_failed")
        self.assertEqual(failures[0].sender, "relais")
        self.assertEqual(failures[0].delivery_failed.message_id, message_id)
        self.assertEqual(failures[0].delivery_failed.reason, "delivery.rejected")
        self.assertEqual(caf.role.seen, [])


if __name__ == "__main__":
    unittest.main()
