"""What may go next, what goes again, and how much credit is due."""

import json
import socket
import unittest

from preparation_test import request
from small_network import CCAS, WithDesks

import relais
from relais.credit import Credit
from relais.health import Figures, Health
from relais.health_server import HealthServer
from relais.submissions import OUT_MAX, Submissions
from relais.v1 import frames_pb2

ROOM = 1 << 20


class SubmissionsTest(WithDesks):
    def setUp(self):
        super().setUp()
        self.ccas = self.desk(CCAS)
        self.submissions = Submissions(self.ccas.outbox, answer_within_s=30, refused_first_s=1, refused_most_s=60)

    def submit(self, case_id=None):
        return self.ccas.add(request(case_id=case_id or relais.new_id())).message_id

    def sent(self, now=0.0, room=ROOM):
        """Ids of what goes into the next frame."""
        frame = frames_pb2.AdapterFrame()
        self.submissions.fill(frame, room, now)
        return [relais.messages.envelope_pb2.Envelope.FromString(submit.envelope).message_id for submit in frame.submits]

    def test_one_case_goes_one_after_another_and_different_cases_side_by_side(self):
        case = relais.new_id()
        first, second, other, third = self.submit(case), self.submit(case), self.submit(), self.submit(case)
        self.assertEqual(self.sent(), [first, other])
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.submissions.answered(first).message_id, first)
        self.assertEqual(self.sent(), [second])
        self.submissions.answered(second)
        self.assertEqual(self.sent(), [third])
        self.submissions.answered(third)
        self.assertIsNone(self.submissions.answered(third))

    def test_a_new_session_sends_everything_that_is_out_again_and_what_was_answered_not(self):
        first, second = self.submit(), self.submit()
        self.assertEqual(self.sent(), [first, second])
        entry = self.submissions.answered(first)
        self.ccas.outbox.settle(entry)
        self.submissions.session_opened()
        self.assertEqual(self.sent(), [second])

    def test_what_was_settled_meanwhile_is_not_sent_again(self):
        case = relais.new_id()
        first, second = self.submit(case), self.submit(case)
        self.assertEqual(self.sent(), [first])
        self.submissions.session_opened()
        self.ccas.outbox.settle(self.ccas.outbox.entries(0, 1)[0])
        self.assertEqual(self.sent(), [second])

    def test_pauses_after_refusals_grow_and_are_one_for_all(self):
        ids = [self.submit() for _ in range(3)]
        self.assertEqual(self.sent(), ids)
        for one in ids:
            self.assertIsNotNone(self.submissions.put_off(one, 0, now=0.0))
        self.assertEqual((self.sent(0.99), self.sent(1.0)), ([], ids))
        self.submissions.put_off(ids[0], 0, now=1.0)
        self.assertEqual((self.sent(2.99), self.sent(3.0)), ([], ids[:1]))
        self.submissions.put_off(ids[0], 250, now=3.0)
        self.assertEqual((self.sent(3.24), self.sent(3.25)), ([], ids[:1]), "the broker's hint goes first")
        for _ in range(20):
            self.submissions.put_off(ids[0], 0, now=10_000.0)
            self.submissions.paused_until, until = 0.0, self.submissions.paused_until
            self.assertLessEqual(until, 10_060.0)
            self.sent(10_000.0)

    def test_a_frame_has_its_size(self):
        ids = [self.submit() for _ in range(4)]
        size = self.ccas.outbox.entries(0, 1)[0].size
        self.assertEqual(self.sent(room=2 * size + 40), ids[:2])
        self.assertEqual(self.sent(room=1), ids[2:3], "one goes in any case: its size is the broker's to judge")

    def test_the_window_is_bounded(self):
        drafts = [request(case_id=relais.new_id()) for _ in range(OUT_MAX + 10)]
        with self.ccas.store.transaction():
            for draft in drafts:
                self.ccas.preparation.add(draft)
        out = []
        while now := self.sent():
            out += now
        self.assertEqual(len(out), OUT_MAX)
        self.submissions.answered(out[0])
        self.assertEqual(len(self.sent()), 1)

    def test_what_has_no_answer_for_too_long_is_overdue(self):
        first, second = self.submit(), self.submit()
        self.sent(now=100.0)
        self.assertFalse(self.submissions.overdue(130.0))
        self.assertTrue(self.submissions.overdue(130.1))
        self.submissions.answered(first)
        self.submissions.answered(second)
        self.assertFalse(self.submissions.overdue(200.0))


class CreditTest(unittest.TestCase):
    def test_never_more_than_the_limits_are_granted_and_in_hand(self):
        credit = Credit(10, 1_000)
        grant = credit.due()
        self.assertEqual((grant.messages, grant.bytes), (10, 1_000))
        self.assertIsNone(credit.due())
        for _ in range(10):
            credit.delivered(50)
        self.assertIsNone(credit.due(), "all ten are in hand")
        for _ in range(4):
            credit.settled(50)
        self.assertIsNone(credit.due(), "less than half")
        credit.settled(50)
        self.assertEqual(credit.due().messages, 5)

    def test_one_large_message_does_not_end_it(self):
        credit = Credit(10, 1_000)
        credit.due()
        credit.delivered(5_000)
        self.assertIsNone(credit.due())
        credit.settled(5_000)
        grant = credit.due()
        self.assertEqual((grant.messages, grant.bytes), (1, 1_000))


class HealthTest(unittest.TestCase):
    def test_a_port_that_is_taken_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, self.assertRaises(relais.Refusal) as no:
            HealthServer(taken.getsockname()[1], "files", Health).start()
        self.assertEqual((no.exception.code, no.exception.field), ("io.failed", "health_port"))

    def test_pages_and_their_status(self):
        health = Health(connected=True, network_version=1)
        server = HealthServer(0, "files", lambda: health)
        self.assertEqual([server.answer(path)[0] for path in ("/health", "/ready", "/metrics", "/")], [200, 200, 200, 404])
        health = Health(store_failed=True)
        self.assertEqual([server.answer(path)[0] for path in ("/health", "/ready", "/metrics")], [503, 503, 200])
        self.assertEqual(json.loads(server.answer("/health")[2])["adapter"], "files")

    def test_ready_needs_session_definition_and_disk(self):
        good = {"connected": True, "network_version": 1}
        self.assertTrue(Health(**good).ready)
        for change in ({"connected": False}, {"network_version": 0}, {"store_failed": True}):
            self.assertFalse(Health(**{**good, **change}).ready)

    def test_metrics_are_those_of_the_other_sdk(self):
        figures = Figures()
        figures.count("receipts", 3)
        text = figures.snapshot_with(outbox_oldest_ms=1_767_225_600_500).as_metrics("files")
        self.assertIn('\nrelais_adapter_receipts_total{adapter="files"} 3\n', text)
        self.assertIn('\nrelais_adapter_outbox_oldest_seconds{adapter="files"} 1767225600.5\n', text)
        self.assertEqual(text.count("# TYPE"), 20)


if __name__ == "__main__":
    unittest.main()
