"""A referral goes its whole way between two institutions whose software asks a gateway, and back; every answer on the way
is one that the OpenAPI document describes."""

import json
import subprocess
import time
import unittest

from stage import CCAS, HOOK, NODE_FOLDER, SECRET, NEXT_SECRET, Stage, sign


class Gateway(Stage):
    def test_a_referral_and_its_appointment_go_all_the_way(self):
        self.begin()
        record = {"action": "orienter", "numero": "A-1", "nom": "CANARI", "agent": "X", "CANARI": {"CANARI": "X"}}
        status, answer = self.ccas.submit(record, key="k-1")
        self.assertEqual(202, status, answer)
        self.lost(answer, self.ccas.submit(record, key="k-1")[1])
        item = self.until(lambda: self.caf.inbox(wait=5))[0]
        self.assertEqual("CANARI", item["data"]["contents"]["identity"]["family_name"])
        self.assertEqual(answer["records"][0]["referral_id"], item["referral_id"])
        self.assertEqual(200, self.caf.acknowledge(item, reference="CAF-88")[0])
        for action in ("accepter", "rdv", "venu", "finir"):
            status, said = self.caf.submit({"action": action, "numero": "CAF-88", "debut": "2030-05-06T09:00:00Z"})
            self.assertEqual(202, status, said)
        told = []

        def work():
            for one in self.ccas.inbox():
                told.append(one["kind"])
                self.assertEqual("A-1", one["reference"])
                self.assertEqual(200, self.ccas.acknowledge(one)[0])
            return "referral_completed" in told
        self.until(work)
        self.assertEqual(["referral_received", "referral_accepted", "appointment_booked", "appointment_arrived",
                          "appointment_fulfilled", "referral_completed"], told)
        self.assertIn("field=body.outcome", self.ccas.log(), "the record of referral_completed has no place for it")
        view = self.until(lambda: (view := self.ccas.get("/v1/referrals?reference=A-1")[1])["closed"] and view)
        self.assertEqual(("completed", "fulfilled"), (view["status"], view["appointments"][0]["status"]))
        self.assertEqual(view["referral_id"], self.caf.get("/v1/referrals?reference=CAF-88")[1]["referral_id"])
        message = self.ccas.get(f"/v1/messages/{answer['records'][0]['messages'][0]['message_id']}")[1]
        self.assertEqual(("accepted", "delivered"), (message["state"], message["deliveries"][0]["state"]))
        self.assertEqual(200, self.ccas.get("/v1/slots?purpose=access_to_rights&commune=25056")[0])
        self.bad_input()
        self.silent()
        self.described()
        self.assertEqual(0, self.ccas.stop())
        self.assertEqual(0, self.caf.stop())

    def lost(self, *answers):
        """The sender is told every field that went nowhere; the log names those of the mapping only."""
        for answer in answers:
            self.assertEqual([{"field": "/CANARI/CANARI", "records": 1, "reason": None},
                              {"field": "/agent", "records": 1, "reason": "stays at the CCAS"}], answer["loss"])
        self.assertEqual([False, True], [answer["repeated"] for answer in answers])
        log = self.ccas.log()
        self.assertEqual(1, log.count("field=/agent"), log)
        self.assertEqual(1, log.count("fields not carried that the mapping does not name"), log)

    def bad_input(self):
        ccas = self.ccas
        faults = [
            (401, ccas.curl("POST", "/v1/submissions/orientations", body="{}", token=False)),
            (400, ccas.curl("POST", "/v1/submissions/orientations", body="{")),
            (413, ccas.curl("POST", "/v1/submissions/orientations", body=" " * (5 << 20))),
            (413, ccas.curl("POST", "/v1/submissions/orientations", "--header", "Transfer-Encoding: chunked",
                            body=" " * (5 << 20))),
            (415, ccas.curl("POST", "/v1/submissions/orientations", "--header", "Content-Type: text/plain", "--data", "x")),
            (404, ccas.curl("POST", "/v1/submissions/autre", body="{}")),
            (404, ccas.get("/v1/nothing")),
            (405, ccas.curl("DELETE", "/v1/inbox")),
            (422, ccas.submit({"action": "orienter", "numero": "A-9"})),
            (409, ccas.submit({"action": "orienter", "numero": "A-2", "nom": "X"}) and
             ccas.submit({"action": "orienter", "numero": "A-2", "nom": "Y"})),
            (422, ccas.submit({"action": "orienter", "numero": "A-8", "nom": "Y"}, key="k-1")),
            (404, ccas.get("/v1/referrals?reference=none")),
            (400, ccas.get("/v1/inbox?wait=soon")),
            (404, ccas.get("/v1/messages/00000000-0000-0000-0000-000000000001")),
        ]
        for wanted, (status, body) in faults:
            self.assertEqual(wanted, status, body)
            self.assertEqual(wanted, body["status"])
            self.assertTrue(body["code"] and body["detail"] and body["detail_fr"])
        # Refused by the broker: the software's people see it, and the corrected record goes under the same number.
        self.assertEqual(202, ccas.submit({"action": "orienter", "numero": "A-3", "nom": "Z", "finalite": "logement"})[0])
        problem = self.until(lambda: ccas.get("/v1/problems")[1]["problems"])[0]
        self.assertEqual(("A-3", "broker"), (problem["reference"], problem["source"]))
        self.assertEqual(200, ccas.curl("DELETE", f"/v1/problems/{problem['id']}")[0])
        self.assertEqual(202, ccas.submit({"action": "orienter", "numero": "A-3", "nom": "Z"})[0])
        self.until(lambda: [one for one in self.caf.inbox() if self.caf.acknowledge(one) and
                            one["data"].get("contents", {}).get("identity", {}).get("family_name") == "Z"])

    def described(self):
        document = self.broker.folder / "openapi.json"
        status, served = self.ccas.get("/openapi.json", token=False)
        self.assertEqual(200, status)
        document.write_text(json.dumps(served))
        checked = subprocess.run(["node", NODE_FOLDER / "check_openapi.mjs", document, self.ccas.exchanges],
                                 capture_output=True, text=True)
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)

    def test_a_broker_that_is_away_loses_nothing(self):
        self.begin()
        self.broker.kill()
        for number in range(3):
            status, said = self.ccas.submit({"action": "orienter", "numero": f"A-{number}", "nom": "CANARI"})
            self.assertEqual(202, status, said)
        message_id = said["records"][0]["messages"][0]["message_id"]
        self.assertEqual("submitted", self.ccas.get(f"/v1/messages/{message_id}")[1]["state"])
        self.assertEqual(3, self.ccas.get("/v1/status")[1]["outbox"]["messages"])
        self.ccas.kill()  # right after the answer: what was answered is on the disk
        self.broker.start()
        self.ccas.start()
        self.until(lambda: len(self.caf.inbox()) == 3)
        self.until(lambda: self.ccas.get(f"/v1/messages/{message_id}")[1]["state"] == "accepted")
        self.caf.kill()
        self.caf.start()
        self.assertEqual(3, len(self.caf.inbox()), "the inbox survives, each item once")
        self.silent()

    def test_another_systems_webhook_is_verified_and_taken_once(self):
        self.begin(ccas=HOOK.format(institution=CCAS))
        body = json.dumps({"action": "orienter", "nom": "CANARI", "agent": "X", "CANARI-cle": 1})
        now = int(time.time())

        def send(event_id, seconds, secret=SECRET, sent=body):
            return self.ccas.curl("POST", f"/v1/hooks/rdv-{CCAS}", "--header", f"webhook-id: {event_id}", "--header",
                                  f"webhook-timestamp: {seconds}", "--header",
                                  f"webhook-signature: {sign(secret, event_id, seconds, body)}", body=sent, token=False)
        self.assertEqual((401, "signature.wrong"), self.code(send("evt_1", now, secret=NEXT_SECRET)))
        self.assertEqual((401, "signature.wrong"), self.code(send("evt_1", now, sent=body.replace("CANARI", "AUTRE"))))
        self.assertEqual((401, "signature.too_old"), self.code(send("evt_1", now - 600)))
        self.assertEqual(202, send("evt_1", now)[0])
        for told in ("field=/agent", "fields not carried that the mapping does not name"):
            self.assertEqual(1, self.ccas.log().count(told), self.ccas.log())
        self.assertTrue(send("evt_1", now + 1)[1]["repeated"])
        self.ccas.kill()
        self.ccas.start()
        self.assertTrue(send("evt_1", now + 2)[1]["repeated"], "known after a crash")
        self.until(lambda: self.caf.inbox())
        time.sleep(2)
        self.assertEqual(1, len(self.caf.inbox()))
        self.described()
        self.silent()

    @staticmethod
    def code(said):
        return said[0], said[1]["code"]


if __name__ == "__main__":
    unittest.main()
