"""Referrals travel between two institutions' folders through a real relaisd, while everything is killed at random.

One end drops referrals, the other takes them, answers, books, meets and completes; the first finds every answer under its
own number, exactly once, and every loop is closed.
"""

import collections
import os
import random
import re
import time
import unittest

import generated  # noqa: F401  (makes the protocol importable)
from broker_process import BrokerProcess
from folders import Folders
from named_people import EXCHANGE

ROUNDS = int(os.environ.get("RELAIS_CRASH_ROUNDS", "6"))
REFERRALS = 60
PATIENCE_S = 180.0
CCAS, CAF = "ccas-25056", "caf-25"

CCAS_MAPPING = """
[mapping]
name = "ccas"
version = 1
[in]
format = "csv"
kind = "referral_requested"
fields = [
  { from = "Numero", to = "local.reference", required = true },
  { from = "Nom", to = "identity.family_name", required = true },
]
[in.csv]
[out]
format = "csv"
[[out.records]]
name = "suivi"
kinds = ["referral_received", "referral_accepted", "referral_completed", "appointment_booked", "appointment_fulfilled",
         "referral_rejected"]
fields = [
  { from = "local.reference", to = "Numero" },
  { from = "kind", to = "Etat" },
  { from = "body.outcome", to = "Issue" },
]
"""

CAF_MAPPING = """
[mapping]
name = "caf"
version = 1
[in]
format = "csv"
kind = { from = "Etat", table = "etats" }
fields = [
  { from = "Relais", to = "local.referral", required = true },
  { from = "Debut", to = "body.meeting.start_ms", time = ["%Y-%m-%d %H:%M"] },
  { from = "Debut", to = "body.meeting.end_ms", time = ["%Y-%m-%d %H:%M"], add_minutes = 30 },
  { constant = "connected", to = "body.outcome", kinds = ["referral_completed"] },
]
[in.csv]
[tables.etats]
values = { "RDV" = "referral_accepted appointment_booked", "VENU" = "appointment_arrived appointment_fulfilled", "FIN" = "referral_completed" }
[out]
format = "csv"
[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [
  { from = "local.referral", to = "Relais", required = true },
  { from = "identity.family_name", to = "Nom", required = true },
]
"""


class Journey(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.broker.apply_network()
        self.ccas, self.caf = (self.folders(*one) for one in ((CCAS, CCAS_MAPPING), (CAF, CAF_MAPPING)))
        for one in (self.ccas, self.caf):
            checked = one.check()
            self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
            one.start()
            self.addCleanup(one.kill)
        self.until(lambda: self.ccas.ready() and self.caf.ready())

        self.requested = {}
        self.arrived = collections.Counter()
        self.told = collections.Counter()

    def folders(self, institution, mapping):
        (self.broker.folder / f"{institution}.mapping.toml").write_text(mapping)
        return Folders(self.broker, institution, EXCHANGE.format(institution=institution))

    def until(self, reached):
        end = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > end:
                self.fail(f"not in time\n{self.ccas.log()[-3000:]}\n{self.caf.log()[-3000:]}\n{self.broker.log()[-2000:]}")
            time.sleep(0.1)

    def work(self):
        """What the two softwares do of themselves."""
        self.answer(self.caf.take())
        for row in self.ccas.take():
            self.told[row["Numero"], row["Etat"], row["Issue"]] += 1

    def answer(self, rows):
        for row in rows:
            self.arrived[row["Nom"]] += 1
        if rows:
            header = [("Relais", "Etat", "Debut")]
            self.caf.drop(header + [(row["Relais"], "RDV", "2030-05-06 09:00") for row in rows])
            self.caf.drop(header + [(row["Relais"], what, "") for row in rows for what in ("VENU", "FIN")])

    def request(self, count):
        names = [f"D{len(self.requested) + i}" for i in range(count)]
        self.requested.update((name, f"PERSONNE-{name}") for name in names)
        self.ccas.drop([("Numero", "Nom", "PERSONNE-colonne")] + [(name, self.requested[name], "x") for name in names])

    def complete(self):
        done = sum(1 for (_, status, _) in self.told if status == "referral_completed")
        return done == len(self.requested)

    def finish(self):
        def reached():
            self.work()
            return self.complete()
        self.until(reached)
        time.sleep(2)
        self.work()
        for name, person in self.requested.items():
            self.assertEqual(1, self.arrived[person], name)
            for status, outcome in (("referral_received", ""), ("referral_accepted", ""), ("appointment_booked", ""),
                                    ("appointment_fulfilled", ""), ("referral_completed", "connected")):
                self.assertEqual(1, self.told[name, status, outcome], (name, status))
        self.assertEqual(5 * len(self.requested), sum(self.told.values()))
        self.assertEqual("", self.ccas.rejects())
        self.assertEqual("", self.caf.rejects())
        for log in (self.ccas.log(), self.caf.log(), self.broker.log()):
            self.assertIsNone(re.search("PERSONNE", log))

    def test_a_referral_goes_its_whole_way_through_folders(self):
        self.request(5)
        self.finish()
        log = self.ccas.log()
        self.assertIn("fields not carried that the mapping does not name", log)
        for lost in ("start_ms", "end_ms"):
            self.assertEqual(1, log.count(f"field=body.meeting.{lost} "), "what the record has no column for, told once")

    def test_nothing_is_lost_or_repeated_when_anything_is_killed_at_any_instant(self):
        chance = random.Random()
        for _ in range(ROUNDS):
            self.request(REFERRALS // ROUNDS)
            end = time.monotonic() + chance.uniform(0.3, 2.5)
            while time.monotonic() < end:
                self.work()
                time.sleep(chance.uniform(0.01, 0.1))
            victim = chance.choice((self.ccas, self.caf, self.broker))
            victim.kill()
            victim.start()
        self.finish()


if __name__ == "__main__":
    unittest.main()
