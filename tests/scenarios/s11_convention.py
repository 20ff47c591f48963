"""S11: a convention with a financial counterpart is data. What was rendered under it is stated, line by line."""

from debriefing import ASSOCIATION, CCAS, Debriefing


class Convention(Debriefing):
    def test_services_rendered_are_stated_with_their_price(self):
        self.render("1", "fin", Issue="connected")
        self.render("2", "fin", Issue="not_reachable")
        self.render("3", "refus", Motif="no_capacity")
        self.all_closed()
        period = ("--agreement", "accompagnement", "--from", self.began, "--until", self.today())
        statement = self.answer("statement", *period)
        self.assertEqual((2, "120.50", "241.00"), (statement["services"], statement["unit_price_eur"], statement["total_eur"]))
        self.assertEqual({(CCAS, ASSOCIATION, "connected"), (CCAS, ASSOCIATION, "not_reachable")},
                         {(line["from"], line["to"], line["outcome"]) for line in statement["lines"]})
        lines = self.control("statement", *period, "--csv").splitlines()
        self.assertEqual(3, len(lines))
        self.assertTrue(lines[0].startswith("completed_at;referral_id;from;acting;to;"), lines[0])
