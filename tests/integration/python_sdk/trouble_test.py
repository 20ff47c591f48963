"""A broker that is away, messages that it refuses, keys that are not known, signatures that are wrong."""

import sqlite3
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from broker_process import control, free_port
from loop_test import Office, request
from world import CAF, CCAS, PURPOSE, Listening, Program, World

import relais
from relais.keys import read_key_file
from relais.v1 import content_pb2, frames_pb2

GREETER = Path(__file__).resolve().parents[3] / "adapters" / "python" / "examples" / "greeter.py"


class TroubleTest(World):
    def test_the_outbox_fills_while_the_broker_is_away_and_empties_after_a_restart(self):
        ccas = self.adapter(CCAS)
        self.broker.kill()
        self.wait(lambda: not ccas.health().connected, "the end of the session")
        sent = [ccas.submit(request(CAF, f"Personne {number}")).message_id for number in range(100)]
        sent += [one.message_id for one in ccas.submit_all([request(CAF, f"Personne {number}") for number in range(100, 200)])]
        health = ccas.health()
        self.assertEqual((health.outbox_messages, health.receipts, health.ready), (200, 0, False))
        self.assertGreater(health.outbox_bytes, 200 * 300)
        ccas.close()
        self.broker.start()
        ccas = self.adapter(CCAS, endpoints=[f"tcp://127.0.0.1:{free_port()}", self.broker.endpoint])
        caf = self.adapter(CAF, listening := Listening())
        self.wait(lambda: len([m for m in listening.seen if m.kind == "referral_requested"]) >= 200, "all of them")
        self.wait(lambda: ccas.health().outbox_messages == 0, "the last receipt")
        requests = [message for message in listening.seen if message.kind == "referral_requested"]
        self.assertEqual(sorted(message.envelope.message_id for message in requests), sorted(sent))
        self.assertEqual(sorted(message.content(content_pb2.Identity).family_name for message in requests),
                         sorted(f"Personne {number}" for number in range(200)))
        self.assertEqual(caf.health().repeated, 0)

    def test_a_refusal_reaches_the_handler_and_waits_for_a_person(self):
        ccas = self.adapter(CCAS, listening := Listening())
        referral_id = relais.new_id()
        ccas.submit(request(CAF, "Exemple", referral_id=referral_id))
        own_id = relais.named_id("test", "accepted")
        ccas.submit(relais.draft("referral_accepted", referral_id=referral_id, message_id=own_id))
        self.wait(lambda: listening.refusals, "the refusal")
        (message_id, refusal), = listening.refusals
        self.assertEqual((message_id, refusal.code, refusal.retry), (own_id, "lifecycle.not_your_role", False))
        self.wait(lambda: ccas.health().refused_messages == 1, "the refused message")
        kept, = ccas.refused()
        self.assertEqual((kept.message_id, kept.refusal, kept.envelope.referral_id), (own_id, refusal, referral_id))
        self.assertFalse(ccas.was_submitted(own_id), "it may be tried again")
        self.assertIsNotNone(ccas.known_referral(referral_id))
        ccas.forget_refused(own_id)
        self.assertEqual(ccas.refused(), [])
        self.assertEqual(ccas.health().refusals, 1)

    def test_a_refused_request_opened_nothing(self):
        ccas = self.adapter(CCAS, listening := Listening())
        referral_id = relais.new_id()
        draft = request(CAF, "Exemple", referral_id=referral_id)
        draft.envelope.referral_requested.based_on = relais.new_id()
        ccas.submit(draft)
        self.wait(lambda: ccas.health().refused_messages == 1, "the refused message")
        self.assertEqual(listening.refusals[0][1].code, "referral.unknown")
        self.assertIsNone(ccas.known_referral(referral_id))

    def test_what_the_agreement_does_not_allow_is_withheld_and_told(self):
        ccas = self.adapter(CCAS)
        self.adapter(CAF, listening := Listening())
        draft = relais.draft("referral_requested", [content_pb2.Identity(family_name="Exemple"), content_pb2.Health(need="soin")],
                             recipients=[CAF], purpose=PURPOSE)
        submission = ccas.submit(draft)
        withheld, = submission.withheld
        self.assertEqual((withheld.recipient, withheld.why.code), (CAF, "secrecy.category_not_needed"))
        self.assertIn("health", withheld.why.english)
        self.wait(lambda: listening.seen, "the referral")
        self.assertEqual([type(one.message) for one in listening.seen[0].contents], [content_pb2.Identity])
        self.assertEqual((ccas.health().withheld, ccas.health().refusals), (1, 0))

    def test_a_forged_signature_is_rejected_and_its_sender_is_told(self):
        ccas = self.adapter(CCAS)
        ccas.stop()
        message_id = ccas.submit(request(CAF, "Exemple")).message_id
        ccas.close()
        with sqlite3.connect(self.folder / f"python-{CCAS}-data" / "adapter.sqlite") as db:
            (data,), = db.execute("select submit from outbox")
            submit = frames_pb2.Submit.FromString(data)
            submit.signature = bytes(64)
            db.execute("update outbox set submit = ?", (submit.SerializeToString(),))
        db.close()
        self.adapter(CCAS, told := Listening())
        caf = self.adapter(CAF, listening := Listening())
        self.wait(lambda: told.seen, "delivery_failed")
        self.assertEqual((told.seen[0].envelope.sender, told.seen[0].kind), ("relais", "delivery_failed"))
        self.assertEqual(told.seen[0].body.message_id, message_id)
        self.assertEqual(told.seen[0].body.reason, "delivery.rejected")
        self.assertEqual(listening.seen, [])
        self.assertEqual((caf.health().rejected, caf.health().last_error), (1, "signature.invalid"))

    def test_a_key_serves_no_other_institution(self):
        path = self.settings(CCAS, keys=CAF)
        adapter = relais.Adapter(relais.read_config(path), Listening())
        self.addCleanup(adapter.close)
        adapter.start()
        self.wait(lambda: adapter.health().last_error == "identity.not_served", "the refusal")
        self.assertFalse(adapter.health().connected)

    def test_an_unknown_key_gets_no_session(self):
        stranger = self.folder / "stranger.key"
        control("keys", "new", "--use", "transport", "--id", "stranger", stranger)
        path = self.settings(CCAS)
        own = next(key for key in self.broker.keys_of(CCAS) if read_key_file(key).use == "transport")
        path.write_text(path.read_text().replace(str(own), str(stranger)))
        adapter = relais.Adapter(relais.read_config(path), Listening())
        self.addCleanup(adapter.close)
        adapter.start()
        self.wait(lambda: adapter.health().last_error == "connection.failed", "the end of the handshake")
        with self.assertRaises(relais.Refusal) as no:
            adapter.submit(request(CAF, "Exemple"))
        self.assertEqual(no.exception.code, "network.none")
        self.assertEqual(adapter.health().sessions, 0)

    def test_a_handler_that_fails_gets_the_message_again(self):
        class Failing(Listening):
            def on_message(self, message):
                super().on_message(message)
                if len(self.seen) == 1:
                    raise RuntimeError("secret of a person")
                if len(self.seen) == 2:
                    return relais.retry("software.down", after_ms=100)
                return relais.handled()

        ccas = self.adapter(CCAS)
        caf = self.adapter(CAF, failing := Failing())
        ccas.submit(request(CAF, "Exemple"))
        self.wait(lambda: caf.health().handled == 1, "the third attempt")
        self.assertEqual([message.attempt for message in failing.seen], [1, 2, 3])
        self.assertEqual([message.maybe_repeated for message in failing.seen], [False, True, False])
        self.assertEqual(caf.health().retried, 2)

    def test_the_example_refers_and_accepts_and_answers_to_probes(self):
        port = free_port()
        path = self.settings(CCAS, extra=f'[greeter]\nrecipients = ["{CAF}"]\n')
        path.write_text(path.read_text().replace("[relais]\n", f"[relais]\nhealth_port = {port}\n"))
        greeter = Program(self, GREETER, path).start()
        caf = self.adapter(CAF, office := Office())
        self.wait(lambda: "outcome_acknowledged" in office.kinds(), "the end of the loop")
        caf.submit(request(CCAS, "Retour"))
        self.wait(lambda: "referral_accepted" in office.kinds(), "the greeter's acceptance")

        def page(name):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as no:
                return no.code, ""

        self.assertEqual(page("ready")[0], 200)
        self.assertIn('"connected":true', page("health")[1])
        self.assertIn(f'relais_adapter_connected{{adapter="python-{CCAS}"}} 1', page("metrics")[1])
        self.assertEqual(page("else")[0], 404)
        self.broker.kill()
        self.wait(lambda: page("ready")[0] == 503, "not ready without a broker")
        self.assertEqual(page("health")[0], 200)
        self.assertEqual(greeter.stop(), 0, greeter.log())
        self.assertNotIn("Exemple", greeter.log())


if __name__ == "__main__":
    unittest.main()
