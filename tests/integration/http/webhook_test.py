"""Messages go to the software's webhook, which somebody else's library verifies. Whatever the webhook does, the broker
keeps a message until its answer counted as success."""

import time
import unittest

from stage import NEXT_SECRET, SECRET, WEBHOOK, Receiver, Stage


class Webhook(Stage):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.receiver.start()
        self.begin(caf=self.webhook('"first.secret"'))

    def webhook(self, secrets):
        return WEBHOOK.format(port=self.receiver.port, secrets=secrets)

    def refer(self, number):
        status, said = self.ccas.submit({"action": "orienter", "numero": number, "nom": "CANARI"})
        self.assertEqual(202, status, said)
        return said["records"][0]["messages"][0]["message_id"]

    def delivery(self, message_id):
        return self.ccas.get(f"/v1/messages/{message_id}")[1].get("deliveries", [{}])[0]

    def delivered(self, message_id):
        self.until(lambda: self.delivery(message_id).get("state") == "delivered")

    def test_an_event_is_verified_and_its_number_is_known_afterwards(self):
        self.receiver.answer(201, body='{"numero": "CAF-88"}')
        self.delivered(self.refer("A-1"))
        event, = self.receiver.received()
        self.assertIs(True, event["verified"])
        self.assertEqual(("POST", "/relais?version=1"), (event["method"], event["url"]))
        self.assertEqual("referral_requested", event["body"]["type"])
        self.assertEqual("CANARI", event["body"]["data"]["data"]["contents"]["identity"]["family_name"])
        self.until(lambda: self.caf.submit({"action": "accepter", "numero": "CAF-88"})[0] == 202)
        self.until(lambda: [one for one in self.ccas.inbox() if one["kind"] == "referral_accepted"])
        self.silent()

    def test_what_is_not_a_success_comes_again_with_the_same_id(self):
        for wrong in ({"status": 500}, {"status": 200, "type": "text/html; charset=utf-8", "body": "<html>"},
                      {"status": 302}, {"status": 200, "hang": True}):
            before = len(self.receiver.received())
            self.receiver.answer(**wrong)
            message = self.refer(f"A-{before}")
            self.until(lambda: len(self.receiver.received()) > before)
            time.sleep(0.5)
            self.assertNotEqual("delivered", self.delivery(message).get("state"), wrong)
            self.receiver.answer(200)
            self.delivered(message)
            ids = {event["headers"]["webhook-id"] for event in self.receiver.received()[before:]}
            self.assertEqual(1, len(ids))
            self.assertTrue(all(event["verified"] is True for event in self.receiver.received()[before:]))
        self.assertEqual(0, self.caf.get("/v1/status")[1]["webhook"]["failures_in_a_row"])

    def test_a_software_that_is_away_and_an_adapter_that_is_killed_lose_nothing(self):
        self.receiver.kill()
        messages = [self.refer(f"A-{number}") for number in range(5)]
        self.until(lambda: self.caf.get("/v1/status")[1]["webhook"]["failures_in_a_row"] > 0)
        self.assertEqual("software.away", self.caf.get("/v1/status")[1]["webhook"]["last_failure"])
        self.caf.kill()
        self.caf.start()
        self.receiver.start()
        for message in messages:
            self.delivered(message)
        self.assertEqual(5, len({event["headers"]["webhook-id"] for event in self.receiver.received()}))
        self.silent()

    def test_gone_switches_it_off_until_somebody_switches_it_on(self):
        self.receiver.answer(410)
        first = self.refer("A-1")
        self.until(lambda: not self.caf.get("/v1/status")[1]["webhook"]["enabled"])
        self.assertIn("webhook switched off", self.caf.log())
        self.receiver.answer(200)
        self.caf.kill()
        self.caf.start()
        self.refer("A-2")
        time.sleep(2)
        self.assertEqual(1, len(self.receiver.received()), "nothing is sent to a webhook that is gone")
        self.assertEqual("parked", self.delivery(first)["state"], "the broker keeps it")
        self.assertTrue(self.caf.curl("POST", "/v1/webhook/enable")[1]["enabled"])
        self.delivered(self.refer("A-3"))

    def test_while_its_secret_changes_a_receiver_with_either_is_content(self):
        self.caf.kill()
        self.caf.configure(self.webhook('"next.secret", "first.secret"'))
        self.caf.start()
        self.delivered(self.refer("A-1"))
        self.receiver.expect(NEXT_SECRET)
        self.delivered(self.refer("A-2"))
        self.assertEqual([True, True], [event["verified"] for event in self.receiver.received()])
        self.caf.kill()
        self.caf.configure(self.webhook('"next.secret"'))
        self.caf.start()
        self.delivered(self.refer("A-3"))
        self.receiver.expect(SECRET)
        self.delivered(self.refer("A-4"))
        self.assertEqual([True, "No matching signature found"],
                         [event["verified"] for event in self.receiver.received()[2:]])


if __name__ == "__main__":
    unittest.main()
