"""S4: the shared counter in Meurthe-et-Moselle. The département receives for the CCAS; both see it, and the CCAS answers for it."""

from scenario import Scenario

CCAS, DEPARTEMENT, CAF = "ccas-54395", "departement-54", "caf-54"


class SharedCounter(Scenario):
    STORY = "s04"

    def setUp(self):
        super().setUp()
        self.ccas, self.departement, self.caf = (self.counter(one) for one in (CCAS, DEPARTEMENT, CAF))

    def refer(self, number, **more):
        self.departement.say(**{"Numero": number, "Evenement": "orientation", "Destinataire": CAF, "Finalite": "access_to_rights",
                                "Pour": CCAS, "Commune": "54395", "Nom": "Exemple-Nancy", **more})

    def test_one_acts_for_the_other_both_see_it_and_the_other_stays_accountable(self):
        self.refer("D-1")
        arrived = self.orientation(self.caf)
        self.assertEqual((DEPARTEMENT, CCAS, "Exemple-Nancy"), (arrived["De"], arrived["Pour"], arrived["Nom"]))
        copy = self.orientation(self.ccas)
        self.assertEqual((arrived["Relais"], CCAS, "Exemple-Nancy"), (copy["Relais"], copy["Pour"], copy["Nom"]))
        self.wait(lambda: [one["holder"] for one in self.territory.open_referrals()] == [CAF], "the CAF to have it")

        self.caf.say(Relais=arrived["Relais"], Evenement="prise en charge")
        self.caf.say(Relais=arrived["Relais"], Evenement="fin", Issue="connected")
        self.hears(self.departement, "D-1", "referral_completed", "connected")
        self.wait(lambda: self.ccas.read(Relais=arrived["Relais"], Evenement="referral_completed"), "the outcome at the CCAS")
        self.all_closed()

    def test_outside_its_terms_a_delegation_lets_nobody_act(self):
        self.refer("D-2", Commune="54547")
        self.wait(lambda: "delegation.out_of_scope" in self.departement.rejects(), "the refusal of another commune")
        self.refer("D-3", Finalite="housing")
        self.wait(lambda: self.departement.rejects().count("delegation.out_of_scope") >= 2, "the refusal of another purpose")
        self.ccas.say(Numero="C-1", Evenement="orientation", Destinataire=CAF, Finalite="access_to_rights", Pour=DEPARTEMENT,
                      Commune="54395", Nom="Exemple")
        self.wait(lambda: "delegation.none" in self.ccas.rejects(), "the refusal the other way round")
        self.assertEqual([], self.territory.open_referrals())
        self.assertEqual([], self.caf.orientations())
