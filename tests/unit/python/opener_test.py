"""A delivery is believed only when everything in it is right."""

import unittest

from preparation_test import PERSON, SICK, request
from small_network import CAF, CCAS, CPAM, PURPOSE, WithDesks, new_key

import relais
from relais.automatic import automatic_after_receipt, automatic_reply
from relais.keyring import Keyring
from relais.messages import Incoming
from relais.opener import Unreadable, open_delivery
from relais.sealing import digest
from relais.signing import ENVELOPE_DOMAIN, sign
from relais.v1 import common_pb2, content_pb2, envelope_pb2, frames_pb2, referral_pb2


class OpenerTest(WithDesks):
    def setUp(self):
        super().setUp()
        self.ccas = self.desk(CCAS)
        self.caf = Keyring([self.net.served(CAF)])

    def delivery(self, draft, recipient=CAF):
        self.ccas.add(draft)
        entry = self.ccas.outbox.entries(0, 100)[-1]
        submit = frames_pb2.Submit.FromString(self.ccas.outbox.submit(entry.sequence))
        envelope = envelope_pb2.Envelope.FromString(submit.envelope)
        mine = [data for announced, data in zip(envelope.compartments, submit.compartments) if recipient in announced.recipients]
        return frames_pb2.Deliver(delivery_id=1, attempt=3, envelope=submit.envelope, signature=submit.signature,
                                  compartments=mine, recipient=recipient, position=7, accepted_at_ms=8)

    def open(self, delivery, keyring=None):
        return open_delivery(delivery, self.net.network(), keyring or self.caf)

    def unreadable(self, delivery, reason, final, keyring=None):
        with self.assertRaises(Unreadable) as no:
            self.open(delivery, keyring)
        self.assertEqual((no.exception.reason, no.exception.final), (reason, final))

    def signed_again(self, delivery, change):
        envelope = envelope_pb2.Envelope.FromString(delivery.envelope)
        change(envelope)
        delivery.envelope = envelope.SerializeToString()
        delivery.signature = sign(self.net.keys[CCAS]["signing"].secret, ENVELOPE_DOMAIN, delivery.envelope)
        return delivery

    def test_what_is_right_opens(self):
        message = self.open(self.delivery(request(PERSON)))
        self.assertEqual(message.content(content_pb2.Identity), PERSON)
        self.assertIsNone(message.content(content_pb2.Note))
        self.assertEqual((message.kind, message.recipient, message.attempt, message.position, message.accepted_at_ms),
                         ("referral_requested", CAF, 3, 7, 8))
        self.assertNotIn("Exemple", repr(message.contents))

    def test_what_is_for_others_is_seen_to_be_withheld(self):
        forwarded = referral_pb2.ReferralForwarded(to=CPAM, new_referral_id=relais.new_id())
        draft = relais.draft("referral_forwarded", [relais.Content(SICK, [CPAM]), PERSON], body=forwarded, recipients=[CAF, CPAM],
                             case_id=relais.new_id(), referral_id=relais.new_id(), purpose=PURPOSE)
        message = self.open(self.delivery(draft))
        self.assertEqual(message.withheld, [common_pb2.CATEGORY_HEALTH])
        self.assertEqual([type(one.message) for one in message.contents], [content_pb2.Identity])

    def test_what_will_never_be_right_is_rejected(self):
        delivery = self.delivery(request(PERSON))
        wrong = frames_pb2.Deliver()
        for reason, change in (
            ("envelope.malformed", lambda: setattr(wrong, "envelope", b"\xff")),
            ("signature.invalid", lambda: setattr(wrong, "signature", bytes(64))),
            ("signature.invalid", lambda: setattr(wrong, "envelope", wrong.envelope + b"\x60\x01")),
            ("compartment.digest_mismatch", lambda: wrong.ClearField("compartments")),
            ("compartment.digest_mismatch", lambda: wrong.compartments.append(b"more")),
            ("compartment.digest_mismatch", lambda: wrong.compartments.__setitem__(0, wrong.compartments[0] + b"\x60\x01")),
        ):
            with self.subTest(reason):
                wrong.CopyFrom(delivery)
                change()
                self.unreadable(wrong, reason, True)

    def test_who_is_not_named_gets_a_copy_in_which_nothing_is_sealed_for_it(self):
        def of_another(envelope):
            envelope.recipients[:] = [CPAM]
        copy = self.open(self.signed_again(self.delivery(request()), of_another))
        self.assertTrue(copy.copy)
        self.unreadable(self.signed_again(self.delivery(request(PERSON)), of_another), "identity.not_served", False)

    def test_a_compartment_of_another_message_does_not_open(self):
        delivery, other = self.delivery(request(PERSON)), self.delivery(request(PERSON))
        delivery.compartments[0] = other.compartments[0]
        self.signed_again(delivery, lambda one: setattr(one.compartments[0], "digest", digest(other.compartments[0])))
        self.unreadable(delivery, "compartment.does_not_open", True)

    def test_a_field_of_a_later_version_in_a_content_is_kept(self):
        later = content_pb2.Note.FromString(content_pb2.Note(text="Exemple").SerializeToString() + b"\xa0\x06\x01")
        opened, = self.open(self.delivery(request(later))).contents
        self.assertEqual((opened.message.text, opened.data), ("Exemple", later.SerializeToString()))

    def test_what_may_become_right_is_put_off(self):
        delivery = self.delivery(request(PERSON))
        self.unreadable(self.signed_again(delivery, lambda one: setattr(one, "signing_key", "signing-2")), "identity.unknown", False)
        later = self.signed_again(self.delivery(request()), lambda one: one.ClearField("referral_requested"))
        self.unreadable(later, "kind.unknown", False)
        self.unreadable(self.signed_again(self.delivery(request()), lambda one: setattr(one, "version", 2)), "envelope.version", False)
        self.unreadable(self.delivery(request(PERSON)), "identity.not_served", False, Keyring([self.net.served(CPAM)]))
        self.net.keys[CAF]["sealing"] = new_key("sealing", "sealing-9")
        self.unreadable(self.delivery(request(PERSON)), "key.missing", False, Keyring([self.net.served(CAF)]))

    def test_a_revoked_key_counts_for_what_was_sent_before(self):
        delivery = self.delivery(request(PERSON))
        for one in self.net.definition.institutions:
            if one.id == CCAS:
                one.signing_keys[0].valid_until_ms = one.sealing_keys[0].valid_until_ms = self.now + 60_000
        self.open(delivery)
        self.net.definition.institutions[0].signing_keys[0].valid_until_ms = self.now - 60_000
        self.unreadable(delivery, "identity.unknown", False)


class AutomaticTest(unittest.TestCase):
    def incoming(self, kind, recipient=CCAS, body=None, **fields):
        whole = {"sender": CAF, "recipients": [recipient], "case_id": b"c" * 16, "referral_id": b"r" * 16, "purpose": PURPOSE,
                 "exercise": True, "trace_parent": "t", **fields}
        return Incoming(relais.draft(kind, body=body, **whole).envelope, recipient)

    def said(self, draft):
        envelope = draft.envelope
        self.assertEqual((envelope.case_id, envelope.purpose, envelope.exercise, envelope.trace_parent), (b"c" * 16, PURPOSE, True, "t"))
        return envelope.WhichOneof("body"), envelope.sender, list(envelope.recipients), envelope.referral_id

    def test_received_and_acknowledged(self):
        self.assertEqual(self.said(automatic_reply(self.incoming("referral_requested"), False)),
                         ("referral_received", CCAS, [CAF], b"r" * 16))
        for kind in ("referral_rejected", "referral_completed"):
            self.assertEqual(self.said(automatic_reply(self.incoming(kind), False)), ("outcome_acknowledged", CCAS, [CAF], b"r" * 16))
        for kind in ("referral_accepted", "referral_cancelled", "information_requested", "appointment_booked"):
            self.assertIsNone(automatic_reply(self.incoming(kind), True))

    def test_a_forward_is_a_request_to_one_and_an_outcome_to_the_other(self):
        forwarded = referral_pb2.ReferralForwarded(to=CPAM, new_referral_id=b"n" * 16)
        both = {"body": forwarded, "recipients": [CCAS, CPAM]}
        self.assertEqual(self.said(automatic_reply(self.incoming("referral_forwarded", CPAM, **both), False)),
                         ("referral_received", CPAM, [CCAS], b"n" * 16))
        self.assertEqual(self.said(automatic_reply(self.incoming("referral_forwarded", CCAS, **both), False)),
                         ("outcome_acknowledged", CCAS, [CAF], b"r" * 16))
        self.assertEqual(self.incoming("referral_forwarded", CPAM, **both).reply("referral_accepted").envelope.referral_id, b"n" * 16)

    def test_an_expiry_is_acknowledged_by_the_sender_alone(self):
        expired = self.incoming("referral_expired", sender="relais", recipients=[CCAS, CAF])
        self.assertEqual(self.said(automatic_reply(expired, True)), ("outcome_acknowledged", CCAS, [CAF], b"r" * 16))
        self.assertIsNone(automatic_reply(expired, False))

    def test_our_own_cancellation(self):
        cancelled = self.incoming("referral_cancelled", sender=CCAS, recipients=[CAF]).envelope
        self.assertEqual(self.said(automatic_after_receipt(cancelled)), ("outcome_acknowledged", CCAS, [CAF], b"r" * 16))
        self.assertIsNone(automatic_after_receipt(self.incoming("referral_accepted").envelope))


if __name__ == "__main__":
    unittest.main()
