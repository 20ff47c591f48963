"""S10: the day is debriefed in counts, and what is published shows nobody."""

import datetime
import json
import subprocess
import urllib.error
from zoneinfo import ZoneInfo

from broker_process import BIN
from debriefing import ASSOCIATION, CCAS, Debriefing
from scenario import Scenario
from territory import Territory

LEAST = 11   # of whom none can be recognised


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

    def test_a_month_is_published_when_it_is_over_and_an_empty_one_shows_nothing(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.territory.ask("/api/v1/indicators", month=self.began[:7])
        self.assertEqual("month", json.load(refused.exception)["refused"]["field"])
        self.assertEqual([], self.territory.ask("/api/v1/indicators", month="2026-01")["breakdowns"])


class LastMonth(Territory):
    """Its broker has lived through the month before: 52 referrals to the CAF, 42 to the CPAM, 4 to the département."""

    def start(self):
        today = datetime.datetime.now(ZoneInfo("Europe/Paris")).date()
        self.month = (today.replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
        network = self.folder / "network" / "network.toml"
        network.write_text(network.read_text().replace("version = 1", "version = 2"))
        self.sign_network()
        (self.folder / "data").mkdir(mode=0o700)
        subprocess.run([BIN / "relais-past-month", "--store", self.folder / "data" / "store", "--month", self.month,
                        "--network", self.folder / "network.signed", "--authority", self.folder / "authority.key",
                        "--broker", self.folder / "broker.signing.key"], check=True, stdin=subprocess.DEVNULL)
        super().start()


class PublishedMonth(Scenario):
    STORY = "s10"
    TERRITORY = LastMonth

    def test_large_groups_are_shown_and_small_ones_do_not_follow_from_them(self):
        breakdowns = self.territory.ask("/api/v1/indicators", month=self.territory.month)["breakdowns"]
        self.assertEqual({"agreement", "service", "territory"}, {one["by"] for one in breakdowns})
        for breakdown in breakdowns:
            groups = breakdown["groups"]
            for group in [*groups, breakdown["total"]]:
                for counts in (group["referrals"], group["appointments"]):
                    self.assertFalse([count for count in counts.values() if count is not None and 0 < count < LEAST], breakdown["by"])
            shown = [group["referrals"]["total"] for group in groups]
            total = breakdown["total"]["referrals"]["total"]
            self.assertTrue(any(count is not None and count >= LEAST for count in [*shown, total]), breakdown["by"])
            self.assertIn(None, [*shown, total], "the four of the département")
            if total is not None:  # what is hidden is not told by what is shown
                self.assertGreaterEqual(total - sum(filter(None, shown)), LEAST, breakdown["by"])
        self.assertTrue(any(group["days_to_decision"] is not None for one in breakdowns for group in one["groups"]))
