"""S10: the day is debriefed in counts, and what is published shows nobody."""

import json
import urllib.error

from debriefing import ASSOCIATION, CCAS, Debriefing


class DailyDebriefing(Debriefing):
    def test_the_day_is_told_by_institution(self):
        self.render("1", "fin", Issue="connected")
        self.render("2", "refus", Motif="no_capacity")
        self.all_closed()
        if self.began != self.today():
            self.skipTest("midnight passed")
        digest = {line["institution"]: line for line in self.answer("digest", "--day", self.began)["institutions"]}
        self.assertEqual((2, 0), (digest[CCAS]["requested"], digest[CCAS]["accepted"]))
        self.assertEqual((2, 1, 1, 1), tuple(digest[ASSOCIATION][one] for one in ("received", "accepted", "rejected", "completed")))

    def test_a_month_is_published_when_it_is_over_and_a_small_one_shows_nothing(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.territory.ask("/api/v1/indicators", month=self.began[:7])
        self.assertEqual("month", json.load(refused.exception)["refused"]["field"])
        self.assertEqual([], self.territory.ask("/api/v1/indicators", month="2026-01")["breakdowns"])
