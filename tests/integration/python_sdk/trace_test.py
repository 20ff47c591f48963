"""One trace from adapter to adapter, and what the broker says of it: the API and relaisctl. And in the logs of all three, where
both adapters are programs of the C++ SDK."""

import re
import unittest

from loop_test import ANSWERS, Office, request
from named_people import named_people
from relaisctl import Control
from world import CAF, CCAS, World

from relais.ids import id_text, new_id

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def trace_of(parent):
    version, trace, span, flags = parent.split("-")
    return trace


class TraceTest(Control, World):
    def parents(self, message_id):
        """What the API and relaisctl say."""
        shown = self.broker.get(f"/api/v1/messages/{message_id}")["trace_parent"]
        return [shown, self.control("trace", message_id, "--data", self.folder / "data")["trace_parent"]]

    def loop(self, **fields):
        """A referral to its end: the request as it was taken, and every message that was seen by either side."""
        ccas, caf = self.adapter(CCAS, asking := Office()), self.adapter(CAF, taking := Office())
        sent = ccas.submit(request(CAF, "Exemple", **fields)).message_id
        self.wait(lambda: "outcome_acknowledged" in taking.kinds(), "the end of the loop")
        self.assertEqual([kind for kind in asking.kinds() if kind in ANSWERS], ANSWERS)
        taken = next(message.envelope for message in taking.seen if message.kind == "referral_requested")
        self.assertEqual(taken.message_id, sent)
        return taken, [message.envelope for message in asking.seen + taking.seen]

    def test_the_trace_of_the_senders_software_is_that_of_every_answer(self):
        parent = f"00-{TRACE}-{SPAN}-01"
        taken, seen = self.loop(trace_parent=parent)
        self.assertEqual(taken.trace_parent, parent)
        self.assertEqual({trace_of(envelope.trace_parent) for envelope in seen}, {TRACE})
        answer = next(envelope for envelope in seen if envelope.sender == CAF)
        for envelope in (taken, answer):
            self.assertEqual(self.parents(id_text(envelope.message_id)), [envelope.trace_parent] * 2)

    def test_without_one_the_referral_is_the_trace_on_both_sides(self):
        referral_id = new_id()
        taken, seen = self.loop(referral_id=referral_id)
        self.assertEqual(taken.trace_parent, f"00-{referral_id.hex()}-{taken.message_id[:8].hex()}-01")
        self.assertEqual({trace_of(envelope.trace_parent) for envelope in seen}, {referral_id.hex()})
        self.assertEqual(self.parents(id_text(taken.message_id)), [taken.trace_parent] * 2)


LOG = """
[log]
level = "debug"
"""
NAME = "NOM-TRES-RECONNAISSABLE"


class TraceInLogsTest(Control, World):
    def setUp(self):
        super().setUp()
        self.stop_broker()
        with open(self.folder / "relaisd.toml", "a") as settings:
            settings.write(LOG)
        self.broker.start()
        self.ccas, self.caf = self.office(CCAS), self.office(CAF)

    def office(self, institution):
        folders = named_people(self.broker, institution, more=LOG)
        folders.start()
        self.addCleanup(folders.kill)
        self.wait(folders.ready, f"the folders of {institution}")
        return folders

    def traces(self, log, event, message):
        """In the lines of that event about the message."""
        lines = (line for line in log.splitlines() if f'event="{event}"' in line and f" message={message} " in line)
        return {re.search(r" trace=(\S+)", line)[1] for line in lines}

    def test_one_trace_is_in_the_logs_of_both_adapters_and_of_the_broker(self):
        self.ccas.drop([("Numero", "Nom"), ("D1", NAME)])
        self.wait(lambda: "message handled" in self.caf.log(), "the referral")
        message = re.search(r'event="message handled" message=(\S+)', self.caf.log())[1]
        trace = trace_of(self.broker.get(f"/api/v1/messages/{message}")["trace_parent"])
        self.assertRegex(trace, "^[0-9a-f]{32}$")
        self.wait(lambda: f'event="message accepted" message={message}' in self.ccas.log(), "the receipt")
        self.assertEqual(self.traces(self.ccas.log(), "message accepted", message), {trace})
        self.assertEqual(self.traces(self.broker.log(), "message received", message), {trace})
        self.assertEqual(self.traces(self.broker.log(), "message offered", message), {trace})
        self.assertEqual(self.traces(self.caf.log(), "message handled", message), {trace})
        for log in (self.ccas.log(), self.broker.log(), self.caf.log()):
            self.assertNotIn(NAME, log)


if __name__ == "__main__":
    unittest.main()
