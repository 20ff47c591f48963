"""S2: Loire-Atlantique, accueil social universel. Any door will do: who is pushed through it says a need and a commune, and
the network knows who takes it."""

from scenario import Scenario

DEPARTEMENT, CCAS, ADIL = "departement-44", "ccas-44109", "adil-44"
STAY = "logement-hebergement--se-maintenir-dans-le-logement"
CHATEAUBRIANT, NANTES = "44036", "44109"


class AnyDoor(Scenario):
    STORY = "s02"

    def setUp(self):
        super().setUp()
        self.door = self.counter(DEPARTEMENT)

    def refer(self, number, need, commune, recipient=""):
        self.door.say(Numero=number, Evenement="orientation", Destinataire=recipient, Finalite="housing", Besoin=need,
                      Commune=commune, Nom="Exemple", Logement="menacé d'expulsion")

    def finish(self, counter, number):
        row = self.orientation(counter)
        self.assertEqual((DEPARTEMENT, "Exemple", "menacé d'expulsion", STAY),
                         (row["De"], row["Nom"], row["Logement"], row["Besoin"]))
        counter.say(Relais=row["Relais"], Evenement="prise en charge")
        counter.say(Relais=row["Relais"], Evenement="fin", Issue="connected")
        self.hears(self.door, number, "referral_completed", "connected")
        self.all_closed()

    def comes_back(self, code):
        """What the software finds in its folder of rejects."""
        return self.wait(lambda: code in self.door.rejects() and self.door.rejects(), f"{code} in the rejects")

    def test_the_network_finds_who_takes_the_need_at_the_place(self):
        adil = self.counter(ADIL)
        self.refer("1", STAY, CHATEAUBRIANT)  # the CCAS of Nantes is not there for Châteaubriant
        self.finish(adil, "1")

    def test_where_several_could_a_person_chooses(self):
        ccas = self.counter(CCAS)
        self.refer("2", STAY, NANTES)
        said = self.comes_back("route.ambiguous")
        self.assertIn(CCAS, said)
        self.assertIn(ADIL, said)
        self.assertEqual([], self.territory.open_referrals())
        self.refer("2", STAY, NANTES, CCAS)
        self.finish(ccas, "2")

    def test_where_no_agreement_leads_the_refusal_says_with_whom_one_is_missing(self):
        self.refer("3", "famille", NANTES)
        self.assertIn("caf-44", self.comes_back("route.none"))
        self.refer("4", "mobilite", NANTES)  # nobody in the network offers that
        self.wait(lambda: self.door.rejects().count("route.none") > 1, "the second refusal")
        self.assertEqual([], self.territory.open_referrals())

    def test_the_resources_of_the_territory_are_those_that_it_published(self):
        report = self.territory.imported
        self.assertEqual(["exemple--ailleurs"], [one["structure"] for one in report["other_structures"]])
        self.assertEqual((3, []), (report["new_count"], report.get("rejected", [])))
