"""S9: the union of CCAS of the Doubs. One adapter serves three of them; each has its own name, keys, queue and rights."""

from scenario import Desk, Neighbour, Scenario

MYON, AMANCEY, ORNANS, CAF = "ccas-25416", "ccas-25015", "ccas-25434", "caf-25"


class UnionOfCcas(Scenario):
    STORY = "s09"
    BESIDE = {MYON: [AMANCEY, ORNANS]}

    def setUp(self):
        super().setUp()
        self.myon = self.counter(MYON, [AMANCEY, ORNANS])
        self.amancey, self.ornans = (Neighbour(self.territory, one, self.myon) for one in (AMANCEY, ORNANS))
        self.wait(lambda: self.amancey.ready() and self.ornans.ready(), "the folders of the other two")
        self.caf = self.counter(CAF)

    def refer(self, counter, number, recipient, name):
        counter.say(Numero=number, Evenement="orientation", Destinataire=recipient, Finalite="access_to_rights", Nom=name)

    def finish(self, counter, row):
        counter.say(Relais=row["Relais"], Evenement="prise en charge")
        counter.say(Relais=row["Relais"], Evenement="fin", Issue="connected")

    def test_each_small_ccas_speaks_and_is_spoken_to_in_its_own_name(self):
        # The same number in two municipalities: two people.
        self.refer(self.myon, "1", CAF, "Exemple-Myon")
        self.refer(self.ornans, "1", CAF, "Exemple-Ornans")
        self.orientation(self.caf, 2)
        self.assertEqual({(MYON, "Exemple-Myon"), (ORNANS, "Exemple-Ornans")},
                         {(row["De"], row["Nom"]) for row in self.caf.orientations()})
        for row in self.caf.orientations():
            self.finish(self.caf, row)
        for counter in (self.myon, self.ornans):
            self.hears(counter, "1", "referral_completed", "connected")
            self.assertEqual(1, len(counter.read(Evenement="referral_completed")))

        self.refer(self.caf, "C-1", AMANCEY, "Exemple-Amancey")
        self.finish(self.amancey, self.orientation(self.amancey))
        self.hears(self.caf, "C-1", "referral_completed", "connected")
        self.all_closed()
        self.assertEqual([], self.myon.orientations() + self.ornans.orientations())

    def test_the_rights_of_one_are_not_those_of_another(self):
        self.refer(self.amancey, "2", CAF, "Exemple")  # the agreement lets the CAF turn to Amancey, and not Amancey to the CAF
        self.wait(lambda: "agreement.none" in self.amancey.rejects(), "the refusal")
        self.assertEqual("", self.myon.rejects() + self.ornans.rejects())
        self.assertEqual([], self.territory.open_referrals())

    def test_a_fault_of_one_does_not_stop_the_others(self):
        (self.ornans.root / "in").rename(self.ornans.root / "gone")
        self.refer(self.myon, "3", CAF, "Exemple")
        self.finish(self.caf, self.orientation(self.caf))
        self.hears(self.myon, "3", "referral_completed", "connected")

        self.refer(self.caf, "C-2", ORNANS, "Exemple-Ornans")
        self.wait(lambda: self.territory.open_referrals(institution=ORNANS), "the referral to Ornans")
        self.assertEqual([], self.ornans.orientations())
        (self.ornans.root / "gone").rename(self.ornans.root / "in")
        self.finish(self.ornans, self.orientation(self.ornans))
        self.hears(self.caf, "C-2", "referral_completed", "connected")
        self.all_closed()

    def test_the_adapter_of_the_union_speaks_for_nobody_else(self):
        adapter = self.adapter(CAF, Desk(), keys=MYON)
        self.wait(lambda: adapter.health().last_error == "identity.not_served", "the refusal of the session")
