"""SIGKILL at each instant that matters: nothing is lost and nothing happens twice."""

import unittest
from collections import Counter
from pathlib import Path

from world import CAF, CCAS, Program, World

CHILD = Path(__file__).with_name("child.py")
COUNT = 6
OF_SENDER = ("submitted", "sending", "sent", "receipt")
OF_BOTH = ("delivery", "effect", "noted", "settled")
ANSWERS = ("referral_received", "referral_accepted", "referral_completed")


class KillTest(World):
    def setUp(self):
        super().setUp()
        self.ledgers, self.programs = {}, {}
        for institution, other in ((CCAS, CAF), (CAF, CCAS)):
            self.ledgers[institution] = self.folder / f"{institution}.ledger"
            self.ledgers[institution].touch()
            table = f'[child]\nledger = "{self.ledgers[institution]}"\nrecipient = "{other}"\n'
            self.programs[institution] = Program(self, CHILD, self.settings(institution, extra=table))

    def lines(self, institution, scope):
        """(kind, name) of each effect; those of other rounds left out."""
        found = [line.split()[:2] for line in self.ledgers[institution].read_text().splitlines()]
        return [(kind, name) for kind, name in found if name.startswith(scope + "-")]

    def round(self, victim, instant, broker_too=False):
        scope = f"{victim}.{instant}"
        submit = f"{scope} {COUNT}"
        for institution, program in self.programs.items():
            dies = {"CHILD_DIE": instant} if institution == victim else {}
            program.start(CHILD_SUBMIT=submit if institution == CCAS else "", **dies)
        victim = self.programs[victim]
        self.wait(victim.ended, f"the death at {instant}")
        self.assertEqual(victim.process.returncode, -9)
        if broker_too:
            self.broker.kill()
            self.broker.start()
        victim.start(CHILD_SUBMIT=submit if victim is self.programs[CCAS] else "")
        closed = [("outcome_acknowledged", f"{scope}-{number}") for number in range(COUNT)]
        self.wait(lambda: set(closed) <= set(self.lines(CAF, scope)), f"the end of all loops after a death at {instant}")
        for program in self.programs.values():
            self.assertEqual(program.stop(), 0, program.log())
        names = [f"{scope}-{number}" for number in range(COUNT)]
        self.assertEqual(Counter(self.lines(CAF, scope)),
                         Counter((kind, name) for name in names for kind in ("referral_requested", "outcome_acknowledged")))
        self.assertEqual(Counter(self.lines(CCAS, scope)), Counter((kind, name) for name in names for kind in ANSWERS))
        for name in names:
            self.assertEqual([kind for kind, one in self.lines(CCAS, scope) if one == name], list(ANSWERS), "in their order")

    def test_of_the_one_who_refers(self):
        for instant in OF_SENDER + OF_BOTH:
            with self.subTest(instant):
                self.round(CCAS, instant)
        self.nothing_was_refused()

    def test_of_the_one_who_is_referred_to(self):
        for instant in OF_BOTH:
            with self.subTest(instant):
                self.round(CAF, instant)
        self.nothing_was_refused()

    def test_of_an_adapter_and_the_broker_together(self):
        self.round(CAF, "noted", broker_too=True)
        self.round(CCAS, "sent", broker_too=True)
        self.nothing_was_refused()

    def nothing_was_refused(self):
        for ledger in self.ledgers.values():
            self.assertNotIn("refused", ledger.read_text())


if __name__ == "__main__":
    unittest.main()
