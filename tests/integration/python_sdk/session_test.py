"""The session against a broker that delays, repeats, refuses, breaks off and lies."""

import tempfile
import threading
import time
import unittest
from pathlib import Path

import zmq
from scripted_broker import ScriptedBroker
from small_network import CAF, CCAS, PURPOSE, Desk, SmallNetwork
from world import Listening, wait_until

import relais
from relais.v1 import content_pb2, envelope_pb2, frames_pb2, refusal_pb2


class Telling(Listening):
    def __init__(self):
        super().__init__()
        self.receipts, self.put_off = [], []

    def on_receipt(self, message_id, position):
        self.receipts.append((message_id, position))

    def on_put_off(self, message_id, refusal):
        self.put_off.append((message_id, refusal.code))


def refused(code, **fields):
    return refusal_pb2.Refused(code=code, english="No.", french="Non.", **fields)


class SessionTest(unittest.TestCase):
    def setUp(self):
        context = zmq.Context()
        self.addCleanup(context.term)
        self.context = context
        self.broker = ScriptedBroker(self, context)
        self.net = SmallNetwork(self.broker.key)
        folder = tempfile.TemporaryDirectory(prefix="relais-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.handler = Telling()

    def adapter(self, brokers=None, known=True, **changes):
        """Of the CCAS; it knows the definition already, unless it is said that it does not."""
        if known:
            Desk(self.net, CCAS, self.folder / CCAS).store.close()
        endpoints = [broker.endpoint for broker in brokers or [self.broker]]
        adapter = relais.Adapter(self.net.config(CCAS, self.folder / CCAS, endpoints, **changes), self.handler)
        self.addCleanup(adapter.close)
        adapter.start()
        return adapter

    def request(self, **fields):
        return relais.draft("referral_requested", [content_pb2.Identity(family_name="Exemple")], recipients=[CAF], purpose=PURPOSE,
                            **fields)

    def delivery(self, number, draft=None):
        """From the CAF, as its adapter would submit it."""
        desk = Desk(self.net, CAF, self.folder / f"{CAF}-{number}")
        person = content_pb2.Identity(family_name="Exemple")
        desk.add(draft or relais.draft("referral_requested", [person], recipients=[CCAS], purpose=PURPOSE))
        submit = frames_pb2.Submit.FromString(desk.outbox.submit(1))
        desk.store.close()
        return frames_pb2.Deliver(delivery_id=number, attempt=1, envelope=submit.envelope, signature=submit.signature,
                                  compartments=submit.compartments, recipient=CCAS, position=number)

    def wait(self, condition, what):
        return wait_until(condition, what, patience_s=30)

    def test_hello_names_what_the_page_asks_for(self):
        self.adapter()
        hello = self.broker.welcome(7)
        self.assertEqual((list(hello.protocol_versions), list(hello.institutions), hello.adapter), ([1], [CCAS], "test"))

    def test_no_credit_before_a_definition_that_the_authority_signed(self):
        adapter = self.adapter(known=False)
        self.broker.welcome(7)
        for _ in range(2):
            query = self.broker.next(lambda frame: frame.queries or frame.HasField("grant"))
            self.assertFalse(query.HasField("grant"))
            signed = self.net.signed()
            if not adapter.health().last_error:
                signed.signature = bytes(64)
            number = query.queries[0].query_id
            self.broker.say(answers=[frames_pb2.Answer(query_id=number, network=signed)])
            self.wait(lambda: adapter.health().last_error == "network.signature", "the refusal")
            if not adapter.network():
                self.broker.say(notice=frames_pb2.Notice(network_version=1))
        grant = self.broker.next(lambda frame: frame.HasField("grant")).grant
        self.assertEqual((grant.messages, grant.bytes), (100, 1 << 20))

    def test_what_is_refused_for_a_time_is_told_and_sent_again_byte_for_byte(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        adapter.submit(self.request())
        (message_id, data), = self.broker.submits()
        self.broker.say(refusals=[refused("broker.overloaded", retry=True, retry_after_ms=50, message_id=message_id)])
        self.assertEqual(self.broker.submits(), [(message_id, data)])
        self.broker.say(refusals=[refused("code.of.tomorrow", retry=True, retry_after_ms=50, message_id=message_id)])
        self.assertEqual(self.broker.submits(), [(message_id, data)])
        self.broker.receipt(message_id, 12)
        self.wait(lambda: self.handler.receipts == [(message_id, 12)], "the receipt")
        self.assertEqual(self.handler.put_off, [(message_id, "broker.overloaded"), (message_id, "code.of.tomorrow")])
        self.assertEqual((adapter.health().refusals_retried, adapter.health().refusals, adapter.health().outbox_messages), (2, 0, 0))

    def test_an_unknown_code_that_is_final_is_final(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        adapter.submit(self.request())
        (message_id, _), = self.broker.submits()
        self.broker.say(refusals=[refused("code.of.tomorrow", message_id=message_id)])
        self.wait(lambda: adapter.refused(), "the refused message")
        self.assertEqual(adapter.refused()[0].refusal.code, "code.of.tomorrow")

    def test_messages_of_one_case_wait_for_each_other(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        case_id = relais.new_id()
        first, second = (adapter.submit(self.request(case_id=case_id)).message_id for _ in range(2))
        self.assertEqual([one for one, _ in self.broker.submits()], [first])
        self.assertIsNone(next(iter([frame for frame in [self.broker.receive(0.5)] if frame and frame.submits]), None))
        self.broker.receipt(first)
        self.assertEqual([one for one, _ in self.broker.submits()], [second])

    def test_an_unknown_session_says_hello_again_but_not_for_an_older_frame(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        adapter.submit(self.request())
        sent = self.broker.submits()
        self.broker.say(refusals=[refused("session.unknown", retry=True)])
        self.assertIsNone(self.broker.receive(0.5), "with the present session it speaks of an older frame")
        self.broker.say(session=6, refusals=[refused("session.unknown", retry=True)])
        self.broker.welcome(8)
        self.assertEqual(self.broker.submits(), sent)
        self.broker.say(session=7, receipts=[frames_pb2.Receipt(message_id=sent[0][0], position=1)])
        self.broker.receipt(sent[0][0], 2)
        self.wait(lambda: self.handler.receipts, "the receipt")
        self.assertEqual(self.handler.receipts, [(sent[0][0], 2)], "a word of an older session does not count")
        self.assertEqual((adapter.health().sessions, adapter.health().receipts), (2, 1))

    def test_silence_leads_to_the_next_endpoint(self):
        other = ScriptedBroker(self, self.context, self.broker.keys)
        adapter = self.adapter([self.broker, other])
        self.broker.welcome(7, heartbeat_ms=200, silence_ms=600)
        adapter.submit(self.request())
        sent = self.broker.submits()
        other.welcome(9)
        self.assertEqual(other.submits(), sent)
        self.wait(lambda: adapter.health().endpoint == other.endpoint, "the other endpoint")
        while self.broker.receive(0.2):
            pass
        self.assertGreater(self.broker.pings, 0, "it asked before it left")

    def test_no_welcome_in_time_leads_to_a_new_connection(self):
        self.adapter()
        self.broker.next(lambda frame: frame.HasField("hello"))
        first = self.broker.peer
        self.broker.welcome(7)
        self.assertNotEqual(self.broker.peer, first)

    def test_bytes_that_are_no_frame_end_the_connection(self):
        adapter = self.adapter()
        for number, data in enumerate((b"\xff\xff\xff", b"", b"\x0c"), 1):
            self.broker.welcome(number)
            self.broker.say_bytes(data)
            self.wait(lambda: adapter.health().last_error == "frame.malformed", "the end")
        self.broker.welcome(9)

    def test_no_answer_to_a_submission_leads_to_a_new_session(self):
        adapter = self.adapter(times={"answer_within_s": 1.0})
        self.broker.welcome(7, silence_ms=60_000)
        adapter.submit(self.request())
        sent = self.broker.submits()
        self.broker.welcome(8)
        self.assertEqual(self.broker.submits(), sent)
        self.assertEqual(adapter.health().last_error, "answer.none")

    def test_a_delivery_that_comes_again_is_acknowledged_and_not_handled_again(self):
        self.adapter()
        self.broker.welcome(7)
        delivery = self.delivery(1)
        self.broker.next(lambda frame: frame.HasField("grant"))
        self.broker.say(deliveries=[delivery])
        self.assertTrue(self.broker.settled()[1].HasField("acknowledge"))
        self.broker.say(session=6, refusals=[refused("session.unknown", retry=True)])
        self.broker.welcome(8)
        delivery.delivery_id, delivery.attempt = 40, 2
        self.broker.say(deliveries=[delivery])
        self.assertTrue(self.broker.settled()[40].HasField("acknowledge"))
        self.assertEqual(len(self.handler.seen), 1)

    def test_each_delivery_is_settled_once_and_credit_follows(self):
        adapter = self.adapter(in_hand_messages_max=4)
        self.broker.welcome(7)
        granted = self.broker.next(lambda frame: frame.HasField("grant")).grant.messages
        self.assertEqual(granted, 4)
        settled, number = {}, 0
        while number < 40:
            for _ in range(granted):
                number += 1
                self.broker.say(deliveries=[self.delivery(number)])
            granted = 0
            while granted == 0 or len(settled) + 4 < number + granted:
                frame = self.broker.next(lambda one: one.settles or one.HasField("grant"))
                for one in frame.settles:
                    for delivery_id in one.delivery_ids:
                        self.assertNotIn(delivery_id, settled)
                        settled[delivery_id] = one.WhichOneof("verdict")
                granted += frame.grant.messages
                self.assertLessEqual(number + granted - len(settled), 4, "granted and in hand")
        self.wait(lambda: adapter.health().handled == number, "the last one")
        self.assertEqual(set(settled.values()), {"acknowledge"})

    def test_a_delivery_that_is_wrong_is_rejected_and_one_of_a_newer_network_put_off(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        wrong, newer, good = (self.delivery(number) for number in (1, 2, 3))
        wrong.signature = bytes(64)
        envelope = envelope_pb2.Envelope.FromString(newer.envelope)
        envelope.signing_key = "signing-2"
        newer.envelope = envelope.SerializeToString()
        self.broker.next(lambda frame: frame.HasField("grant"))
        self.broker.say(deliveries=[wrong, newer, good])
        settled, asked = {}, False
        while len(settled) < 3 or not asked:
            frame = self.broker.next(lambda one: one.settles or one.queries)
            asked |= any(query.HasField("network") for query in frame.queries)
            settled |= {number: one for one in frame.settles for number in one.delivery_ids}
        self.assertEqual(settled[1].reject.reason, "signature.invalid")
        self.assertEqual(settled[2].retry.reason, "identity.unknown")
        self.assertTrue(settled[3].HasField("acknowledge"))
        self.assertEqual(adapter.health().handled, 1)

    def test_a_long_bulk_does_not_silence_the_session(self):
        adapter = self.adapter()
        self.broker.welcome(7, heartbeat_ms=200, silence_ms=600)
        begun, release = threading.Event(), threading.Event()

        def drafts():
            yield self.request()
            begun.set()
            release.wait(30)

        bulk = threading.Thread(target=lambda: adapter.submit_all(drafts()))
        bulk.start()
        begun.wait(30)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            self.broker.say(pong=frames_pb2.Pong())
            self.broker.receive(0.1)
            self.assertTrue(adapter.health().connected)
        self.assertGreater(self.broker.pings, 10)
        release.set()
        bulk.join()
        self.assertEqual(len(self.broker.submits()), 1)
        self.assertEqual(adapter.health().sessions, 1)

    def test_a_store_that_can_not_be_read_ends_the_adapter_and_is_said(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        adapter._store._reader.close()
        adapter.submit(self.request())
        self.wait(adapter.failed.is_set, "the end of the session's thread")
        health = adapter.health()
        self.assertEqual((health.store_failed, health.connected, health.outbox_messages), (True, False, 1))
        adapter.close()

    def test_stopping_settles_and_says_goodbye(self):
        adapter = self.adapter()
        self.broker.welcome(7)
        self.broker.next(lambda frame: frame.HasField("grant"))
        adapter.stop()
        self.assertTrue(self.broker.next(lambda frame: frame.HasField("bye")))
        adapter.submit(self.request())
        self.assertEqual(adapter.health().outbox_messages, 1, "what is handed over now waits for the next start")

    def test_a_connector_that_answers_nonsense_does_not_end_the_adapter(self):
        self.handler.on_message = lambda message: [None, relais.handled([relais.draft("referral_accepted", referral_id=b"x" * 16)]),
                                                   relais.handled(notes={"n": bytes(2 << 20)}), relais.handled()][message.attempt - 1]
        adapter = self.adapter()
        self.broker.welcome(7)
        self.broker.next(lambda frame: frame.HasField("grant"))
        delivery = self.delivery(1)
        for attempt, reason in ((1, "handler.exception"), (2, "envelope.malformed"), (3, "handler.exception"), (4, None)):
            delivery.delivery_id = delivery.attempt = attempt
            self.broker.say(deliveries=[delivery])
            settle = self.broker.settled()[attempt]
            self.assertEqual(settle.retry.reason if reason else settle.WhichOneof("verdict"), reason or "acknowledge")
        self.assertFalse(adapter.failed.is_set())


if __name__ == "__main__":
    unittest.main()
