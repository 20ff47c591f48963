"""S6: the joint team in Rennes. One desk, several institutions behind it; the one that must act gets what it needs for it."""

from scenario import Scenario

CCAS, TEAM, CAF, CPAM = "ccas-35238", "equipe-rsa-35", "caf-35", "cpam-35"


class JointTeam(Scenario):
    STORY = "s06"

    def setUp(self):
        super().setUp()
        self.ccas, self.team, self.caf, self.cpam = (self.counter(one) for one in (CCAS, TEAM, CAF, CPAM))

    def refer(self, number):
        self.ccas.say(Numero=number, Evenement="orientation", Destinataire=TEAM, Finalite="access_to_rights", Nom="Exemple-Rennes",
                      Sante="ouverture de droits", Logement="hébergé")
        return self.orientation(self.team)

    def test_the_member_that_must_act_gets_the_referral_and_answers_for_it(self):
        arrived = self.refer("R-1")
        self.assertEqual(("Exemple-Rennes", "hébergé", ""), (arrived["Nom"], arrived["Logement"], arrived["Sante"]))
        self.assertEqual([], self.cpam.orientations())

        self.team.say(Relais=arrived["Relais"], Evenement="prise en charge", Membre=CPAM)
        at_home = self.orientation(self.cpam)
        self.assertEqual((arrived["Relais"], "Exemple-Rennes", "", "ouverture de droits"),
                         (at_home["Relais"], at_home["Nom"], at_home["Logement"], at_home["Sante"]))
        self.wait(lambda: [one["holder"] for one in self.territory.open_referrals()] == [CPAM], "the CPAM to answer for it")
        self.cpam.say(Relais=arrived["Relais"], Evenement="fin", Issue="connected")
        self.hears(self.ccas, "R-1", "referral_completed", "connected")
        self.wait(lambda: self.team.read(Relais=arrived["Relais"], Evenement="referral_completed"), "the outcome at the team's desk")
        self.all_closed()
        self.assertEqual([], self.caf.orientations())

    def test_the_team_names_only_its_members(self):
        arrived = self.refer("R-2")
        self.team.say(Relais=arrived["Relais"], Evenement="prise en charge", Membre=CCAS)
        self.wait(lambda: "team.not_a_member" in self.team.rejects(), "the refusal")
        self.team.say(Relais=arrived["Relais"], Evenement="prise en charge")
        self.team.say(Relais=arrived["Relais"], Evenement="fin", Issue="connected")
        self.hears(self.ccas, "R-2", "referral_completed", "connected")
        self.all_closed()
