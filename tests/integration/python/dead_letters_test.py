"""Messages that a recipient refuses for good, through relaisctl: shown, put back, given up; who did it, and why."""

import os
import unittest
import uuid

import generated  # noqa: F401  (puts the generated messages on the path)
from relais.v1 import referral_pb2

import roles
import two_offices
from relais_adapter import Never
from two_offices import CAF, CCAS, PURPOSE

MISTAKEN = referral_pb2.ReferralCancelled(reason=referral_pb2.CANCELLATION_REASON_SENT_BY_MISTAKE)


class Choosy(roles.Asking):
    """Takes everything but the kinds that it refuses."""

    def __init__(self):
        super().__init__()
        self.refuses = {"referral_requested", "referral_cancelled"}

    def handle(self, adapter, envelope, contents):
        if envelope.WhichOneof("body") in self.refuses:
            raise Never("person.unknown")
        super().handle(adapter, envelope, contents)


class DeadLettersTest(two_offices.TwoOffices):
    def setUp(self):
        super().setUp()
        self.ccas, self.caf = self.adapter(CCAS, role=Choosy), self.adapter(CAF, role=Choosy)
        self.ready(self.ccas, self.caf)

    def asking(self, *words):
        return self.control(*words, "--data", self.broker.folder / "data")

    def refusing(self, *words):
        return self.refused(*words, "--data", self.broker.folder / "data")

    def dead(self, *words):
        return self.asking("dead", "list", *words)["dead_letters"]

    def ids(self, *words):
        return {row["message_id"] for row in self.dead(*words)}

    def acts(self):
        """The newest first."""
        acts = self.asking("audit", "list")["acts"]
        return [(act["operator"], act["action"], act["about"], act["reason"]) for act in acts if act["action"].startswith("dead_")]

    def state(self, message_id):
        return [(one["recipient"], one["state"]) for one in self.broker.get(f"/api/v1/messages/{message_id}")["deliveries"]]

    def taken(self, adapter):
        return {str(uuid.UUID(bytes=row)) for row, in adapter.store.db.execute("select message_id from inbox")}

    def told(self, *counts):
        """Of how many losses each side was told."""
        return [self.inbox(adapter).count("delivery_failed") for adapter in (self.ccas, self.caf)] == list(counts)

    def everything(self):
        return [self.broker.get(f"/api/v1/{what}") for what in ("dead-letters", "audit", "queues")]

    def test_one_is_shown_put_back_and_delivered_or_given_up(self):
        for name in ("Un", "Deux", "Trois"):
            self.ask(self.ccas, CAF, name)
        self.run_until(lambda: self.told(3, 0), "three dead letters")
        rows = self.dead()
        self.assertEqual([(row["kind"], row["sender"], row["recipient"], row["reason"], row["detail"]) for row in rows],
                         [("referral_requested", CCAS, CAF, "delivery.rejected", "person.unknown")] * 3)
        back, away, left = (row["message_id"] for row in rows)
        shown = self.asking("dead", "show", back)
        self.assertEqual((shown["message_id"], shown["reason"], shown["detail"]), (back, "delivery.rejected", "person.unknown"))
        self.assertEqual(self.dead("--recipient", CCAS), [])

        self.caf.role.refuses = set()
        self.asking("dead", "requeue", back, "--operator", "anne", "--reason", "the person is known now")
        self.run_until(lambda: back in self.taken(self.caf), "what was put back")
        self.asking("dead", "discard", away, "--operator", "bruno", "--reason", "asked twice")
        self.run_until(lambda: self.state(back) == [(CAF, "delivered")], "its acknowledgement")
        self.assertEqual(self.state(away), [(CAF, "discarded")])
        self.assertEqual(self.state(left), [(CAF, "dead")])
        self.assertEqual(self.ids(), {left})
        self.assertEqual(self.acts(), [("bruno", "dead_letter.discard", f"message {away} of {CAF}", "asked twice"),
                                       ("anne", "dead_letter.requeue", f"message {back} of {CAF}", "the person is known now")])

        before = self.everything()
        for what, gone in (("requeue", back), ("discard", back), ("requeue", away), ("discard", str(uuid.uuid4()))):
            self.assertEqual(self.refusing("dead", what, gone, "--operator", "anne", "--reason", "again"), "dead_letter.unknown")
        self.assertEqual(self.refusing("dead", "show", away), "dead_letter.unknown")
        self.assertEqual(self.everything(), before)
        self.ask(self.ccas, CAF, "Quatre")
        self.run_until(lambda: self.inbox(self.caf).count("referral_requested") == 2, "the next request")
        self.assertFalse({away, left} & self.taken(self.caf))

    def test_many_are_looked_at_then_put_back_or_given_up_and_all_of_them_only_when_it_is_said(self):
        for name in ("Un", "Deux", "Trois"):
            self.ask(self.ccas, CAF, name)
        for name in ("Quatre", "Cinq"):
            case_id, referral_id = os.urandom(16), os.urandom(16)
            self.caf.role.ask(self.caf, CCAS, PURPOSE, case_id, referral_id, two_offices.person(name))
            self.caf.submit("referral_cancelled", [CCAS], case_id, referral_id, PURPOSE, message=MISTAKEN)
        self.run_until(lambda: self.told(3, 4), "seven dead letters")
        there = self.ids("--recipient", CAF)
        self.caf.role.refuses = set()

        before = self.everything()
        seen = self.asking("dead", "requeue-many", "--recipient", CAF, "--dry-run")
        self.assertEqual((seen["matching"], seen["others"], seen["everything"]), (3, 4, False))
        self.assertEqual([(group["recipient"], group["reason"], group["count"]) for group in seen["groups"]],
                         [(CAF, "delivery.rejected", 3)])
        self.assertEqual(self.everything(), before, "a look changes nothing")
        done = self.asking("dead", "requeue-many", "--recipient", CAF, "--operator", "anne", "--reason", "they are known now")
        self.assertEqual((done["done"], done["gone"]), (3, 0))
        self.run_until(lambda: there <= self.taken(self.caf), "what was put back")

        cancelled = ("--kind", "referral_cancelled")
        seen = self.asking("dead", "discard-many", *cancelled, "--dry-run")
        self.assertEqual((seen["matching"], seen["others"], seen["everything"]), (2, 2, False))
        done = self.asking("dead", "discard-many", *cancelled, "--operator", "bruno", "--reason", "nobody waits")
        self.assertEqual(done["done"], 2)
        left = self.dead()
        self.assertEqual([(row["kind"], row["recipient"]) for row in left], [("referral_requested", CCAS)] * 2)

        rest = ("dead", "discard-many", "--sender", CAF)
        before = self.everything()
        seen = self.asking(*rest, "--dry-run")
        self.assertEqual((seen["matching"], seen["others"], seen["everything"]), (2, 0, True))
        signed = ("--operator", "bruno", "--reason", "a test of theirs")
        self.assertEqual(self.refusing(*rest, *signed), "filter.everything")
        self.assertEqual(self.everything(), before, "a refusal changes nothing")
        self.assertEqual(self.asking(*rest, *signed, "--everything")["done"], 2)
        self.assertEqual(self.dead(), [])
        acts = [(who, what, why) for who, what, _, why in self.acts()]
        self.assertEqual(acts, [("bruno", "dead_letter.discard", "a test of theirs")] * 2 +
                         [("bruno", "dead_letter.discard", "nobody waits")] * 2 +
                         [("anne", "dead_letter.requeue", "they are known now")] * 3)
        self.assertEqual({about for _, what, about, _ in self.acts() if what == "dead_letter.requeue"},
                         {f"message {one} of {CAF}" for one in there})


if __name__ == "__main__":
    unittest.main()
