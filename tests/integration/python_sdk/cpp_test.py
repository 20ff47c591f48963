"""The two SDKs understand each other: an adapter in C++ and one in Python, through a real relaisd, both ways."""

import subprocess
import unittest

from broker_process import BIN
from loop_test import request
from world import CAF, CCAS, PURPOSE, Listening, World

import relais
from relais.ids import id_text
from relais.v1 import announcement_pb2, content_pb2, referral_pb2

COUNT = 20


class Taking(Listening):
    def on_message(self, message):
        self.seen.append(message)
        done = referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)
        asked = message.kind == "referral_requested"
        return relais.handled([message.reply("referral_accepted"), message.reply("referral_completed", [content_pb2.Note(
            text="Venue.")], body=done)] if asked else [])


class CppTest(World):
    def child(self, institution, submit=0):
        """The C++ SDK's test adapter: submits requests, accepts nothing, acknowledges by itself."""
        ledger = self.folder / f"{institution}.ledger"
        settings = self.settings(institution, extra=f'[child]\nledger = "{ledger}"\n' + (f"submit = {submit}\n" if submit else ""))
        with open(settings.with_suffix(".log"), "ab") as log:
            process = subprocess.Popen([BIN / "sdk-child", settings], stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return lambda: [line.split() for line in ledger.read_text().splitlines()] if ledger.exists() else []

    def test_requests_from_cpp_are_taken_to_their_end_by_python(self):
        ledger = self.child(CCAS, COUNT)
        caf = self.adapter(CAF, taking := Taking())
        self.wait(lambda: taking.kinds().count("outcome_acknowledged") == COUNT, "the end of all loops")
        self.wait(lambda: caf.health().outbox_messages == 0, "the last receipt")
        sent = [words[1] for words in ledger() if words[0] == "receipt"]
        asked = [id_text(message.envelope.message_id) for message in taking.seen if message.kind == "referral_requested"]
        self.assertEqual(sorted(asked), sorted(sent))
        self.assertEqual(len(sent), COUNT)
        self.assertEqual((caf.health().refused_messages, caf.health().rejected, caf.health().retried), (0, 0, 0))
        for message in taking.seen:
            if message.kind == "referral_requested":
                self.assertTrue(caf.referral(message.envelope.referral_id).closed)

    def test_requests_from_python_reach_cpp(self):
        ccas = self.adapter(CCAS, listening := Listening())
        ledger = self.child(CAF)
        sent = [id_text(ccas.submit(request(CAF, f"Personne {number}")).message_id) for number in range(COUNT)]
        self.wait(lambda: listening.kinds().count("referral_received") == COUNT, "what C++ received")
        self.assertEqual(sorted(words[1] for words in ledger() if words[0] == "effect"), sorted(sent))
        self.assertEqual(listening.refusals, [])

    def test_an_announcement_from_python_reaches_cpp_and_the_sender_sees_who_has_it(self):
        ccas = self.adapter(CCAS, listening := Listening())
        said = ccas.submit(relais.draft("announcement_made", [content_pb2.Note(text="Portes ouvertes.")], purpose=PURPOSE,
                                        body=announcement_pb2.AnnouncementMade(kinds=["test"])))

        def who_has_it():
            return {one.recipient: one.state for one in ccas.message(said.message_id).deliveries}

        self.wait(lambda: ccas.health().receipts == 1, "the receipt")
        self.assertEqual(who_has_it(), {CAF: "queued"})
        ledger = self.child(CAF)
        self.wait(lambda: who_has_it() == {CAF: "delivered"}, "the delivery")
        self.assertEqual([words[1] for words in ledger() if words[0] == "effect"], [id_text(said.message_id)])
        self.assertEqual((listening.refusals, listening.seen), ([], []))


if __name__ == "__main__":
    unittest.main()
