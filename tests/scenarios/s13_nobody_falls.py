"""S13: nobody falls between institutions. Every referral ends in an outcome that its sender has seen, or somebody is told, in
time, that it has not."""

from scenario import Scenario

CCAS, CAF, DEPARTEMENT = "ccas-25056", "caf-25", "departement-25"


class NobodyFalls(Scenario):
    STORY = "s13"

    def setUp(self):
        super().setUp()
        self.ccas = self.counter(CCAS)

    def refer(self, number, recipient=CAF):
        self.ccas.drop([("Numero", "Evenement", "Destinataire", "Finalite", "Urgence", "Nom"),
                        (number, "orientation", recipient, "access_to_rights", "urgent", "Exemple")])

    def only_open(self):
        """The one loop that is open: who is accountable for its next step."""
        found = self.wait(self.territory.open_referrals, "an open referral")
        self.assertEqual(1, len(found))
        self.assertTrue(found[0]["holder"] and found[0]["deadline"], found)
        return found[0]

    def test_the_loop_is_closed_when_the_sender_holds_the_outcome(self):
        caf = self.counter(CAF)
        self.refer("1")
        row = self.orientation(caf)
        caf.say(Relais=row["Relais"], Evenement="prise en charge")
        self.hears(self.ccas, "1", "referral_accepted")
        self.assertEqual(CAF, self.only_open()["holder"])
        caf.say(Relais=row["Relais"], Evenement="fin", Issue="not_reachable")
        self.hears(self.ccas, "1", "referral_completed", "not_reachable")
        self.all_closed()

    def test_a_silent_partner_is_noticed_and_the_one_agreed_upon_takes_over(self):
        departement = self.counter(DEPARTEMENT)  # nobody is there at the CAF
        self.refer("2")
        self.assertEqual(CCAS, self.only_open()["holder"])  # not received: still the sender's
        self.hears(self.ccas, "2", "deadline_missed")
        self.assertEqual("receive", self.ccas.read(Evenement="deadline_missed")[0]["Etape"])
        self.hears(self.ccas, "2", "referral_reassigned")
        self.assertEqual(DEPARTEMENT, self.ccas.read(Evenement="referral_reassigned")[0]["Vers"])
        row = self.orientation(departement)
        self.assertEqual((CCAS, "Exemple"), (row["De"], row["Nom"]))  # as its sender wrote it, unread by anybody between
        departement.say(Relais=row["Relais"], Evenement="prise en charge")
        departement.say(Relais=row["Relais"], Evenement="fin", Issue="connected")
        self.hears(self.ccas, "2", "referral_completed", "connected")

        caf = self.counter(CAF)  # it comes back to work: what is another's by now is not put before it
        self.all_closed()
        self.assertEqual([], caf.orientations())

    def test_where_nobody_is_left_it_comes_back_to_its_sender(self):
        self.counter(CAF)
        self.counter(DEPARTEMENT)  # both have it, and nobody decides
        self.refer("3")
        self.hears(self.ccas, "3", "referral_reassigned")
        self.hears(self.ccas, "3", "referral_expired")
        self.all_closed()

    def test_it_survives_that_everything_is_killed(self):
        caf = self.counter(CAF)
        self.refer("4")
        row = self.orientation(caf)
        caf.say(Relais=row["Relais"], Evenement="prise en charge")
        for one in (self.territory, self.ccas, caf):
            one.kill()
        for one in (self.territory, self.ccas, caf):
            one.start()
        self.hears(self.ccas, "4", "referral_accepted")
        caf.say(Relais=row["Relais"], Evenement="fin", Issue="connected")
        self.hears(self.ccas, "4", "referral_completed", "connected")
        self.all_closed()
        self.assertEqual(1, len(caf.orientations()))
        self.assertEqual(1, len(self.ccas.read(Evenement="referral_completed")))
