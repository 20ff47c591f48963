"""The comparison finds what a campaign is run to find. Otherwise its zeros mean nothing."""

import unittest

import ledgers
from ledgers import Entry

CCAS, CAF = "ccas-25056", "caf-25"


def handed(message: str, kind: str, others: str, via: str = "submit") -> Entry:
    return Entry("handed", message, "case", "referral", kind, others, 0, via)


def receipt(message: str, position: int) -> Entry:
    return Entry("receipt", message, "-", "-", "-", "-", position, "submit")


def handled(message: str, kind: str, others: str, position: int) -> Entry:
    return Entry("handled", message, "case", "referral", kind, others, position, "submit")


def campaign() -> dict[str, list[Entry]]:
    """One referral, from its request to the acknowledged outcome."""
    return {
        CCAS: [handed("m1", "referral_requested", CAF), handed("m2", "information_requested", CAF), receipt("m1", 1),
               receipt("m2", 2), handled("m3", "referral_received", CAF, 3), handled("m4", "referral_rejected", CAF, 4)],
        CAF: [handled("m1", "referral_requested", CCAS, 1), handed("m4", "referral_rejected", CCAS, "reply"),
              handled("m2", "information_requested", CCAS, 2), receipt("m4", 4), handled("m5", "outcome_acknowledged", CCAS, 5)],
    }


class Comparison(unittest.TestCase):
    def setUp(self):
        self.ledgers = campaign()

    def compare(self) -> ledgers.Comparison:
        return ledgers.compare(self.ledgers)

    def test_finds_nothing_where_all_is_well(self):
        said = self.compare()
        self.assertEqual([], said.findings())
        self.assertTrue(said.good)
        self.assertEqual((5, 5, 5), (said.handed, said.accepted, said.delivered))

    def test_finds_an_accepted_message_without_effect(self):
        del self.ledgers[CAF][2]
        said = self.compare()
        self.assertEqual(1, len(said.lost))
        self.assertIn("m2", said.lost[0])
        self.assertFalse(said.good)

    def test_finds_a_message_that_was_only_handed_over(self):
        self.ledgers[CCAS].append(handed("m6", "information_provided", CAF))
        said = self.compare()
        self.assertEqual((1, 1), (len(said.lost), len(said.unfinished)))

    def test_finds_an_effect_twice(self):
        self.ledgers[CAF].insert(3, handled("m2", "information_requested", CCAS, 2))
        self.assertEqual(1, len(self.compare().duplicated))

    def test_finds_a_message_accepted_twice(self):
        self.ledgers[CCAS].append(receipt("m2", 7))
        self.assertEqual(1, len(self.compare().duplicated))

    def test_takes_a_repeated_receipt_for_one(self):
        self.ledgers[CCAS].append(receipt("m2", 2))
        self.assertTrue(self.compare().good)

    def test_finds_effects_out_of_order(self):
        caf = self.ledgers[CAF]
        caf[0], caf[2] = caf[2], caf[0]
        self.assertEqual(1, len(self.compare().reordered))

    def test_finds_submissions_out_of_order(self):
        ccas = self.ledgers[CCAS]
        ccas[0], ccas[1] = ccas[1], ccas[0]
        self.assertEqual(1, len(self.compare().reordered))

    def test_finds_a_loop_that_is_open(self):
        del self.ledgers[CAF][-1]
        self.assertEqual(1, len(self.compare().unfinished))

    def test_finds_a_referral_whose_sender_was_not_told_that_it_arrived(self):
        del self.ledgers[CCAS][4]
        self.assertEqual(1, len(self.compare().unfinished))

    def test_finds_a_refusal_a_message_from_nowhere_and_another_position(self):
        self.ledgers[CCAS].append(Entry("refused", "m2", "-", "-", "-", "lifecycle.invalid_transition", 0, "submit"))
        self.ledgers[CAF].append(handled("m9", "information_provided", CCAS, 9))
        self.ledgers[CAF][0] = handled("m1", "referral_requested", CCAS, 8)
        self.assertEqual(3, len(self.compare().strange))

    def test_finds_a_store_that_counts_otherwise(self):
        sums = {CAF: [*self.ledgers[CAF], Entry("sum", "-", "-", "-", "-", "-", 3, "submit")]}
        self.assertEqual([], ledgers.check_sums(sums))
        sums[CAF][-1] = sums[CAF][-1]._replace(number=4)
        self.assertEqual(1, len(ledgers.check_sums(sums)))
        del sums[CAF][-1]
        self.assertEqual(1, len(ledgers.check_sums(sums)))


if __name__ == "__main__":
    unittest.main()
