"""S3: nobody is refused a first welcome. Without papers, without a number, without a name: a referral all the same."""

from scenario import Scenario


class FirstWelcome(Scenario):
    STORY = "s03"

    def test_without_papers_without_a_number_without_a_name(self):
        ccas, departement = self.counter("ccas-35238"), self.counter("departement-35")
        people = {
            "A-1": {"Nom": "", "Prenom": "", "Note": ""},  # somebody who said nothing
            "A-2": {"Nom": "", "Prenom": "Awa", "Note": "dort dehors depuis lundi"},
            "A-3": {"Nom": "Sans-Papiers", "Prenom": "", "Note": ""},
        }
        columns = {"Destinataire": "departement-35", "Finalite": "access_to_rights", "Evenement": "orientation"}
        rows = [{"Numero": number, **columns, **person} for number, person in people.items()]
        ccas.drop([tuple(rows[0]), *(tuple(row.values()) for row in rows)])

        self.orientation(departement, 3)
        found = sorted(departement.orientations(), key=lambda row: (row["Prenom"], row["Nom"]))
        self.assertEqual([("", "", ""), ("Sans-Papiers", "", ""), ("", "Awa", "dort dehors depuis lundi")],
                         [(row["Nom"], row["Prenom"], row["Note"]) for row in found])
        self.assertEqual({("", "")}, {(row["Naissance"], row["NIR"]) for row in found})
        for row in found:
            departement.say(Relais=row["Relais"], Evenement="prise en charge")
            departement.say(Relais=row["Relais"], Evenement="fin", Issue="connected")
        for number in people:
            self.hears(ccas, number, "referral_accepted")
            self.hears(ccas, number, "referral_completed", "connected")
        self.all_closed()
        self.assertEqual("", ccas.rejects() + departement.rejects())

    def test_a_number_that_nobody_may_process_stays_at_home_and_the_person_is_welcome(self):
        ccas, departement = self.counter("ccas-35238"), self.counter("departement-35")
        ccas.say(Numero="A-4", Destinataire="departement-35", Finalite="access_to_rights", Evenement="orientation",
                 Nom="Exemple", NIR="2730799404078")
        row = self.orientation(departement)
        self.assertEqual(("Exemple", ""), (row["Nom"], row["NIR"]))
        departement.say(Relais=row["Relais"], Evenement="prise en charge")
        departement.say(Relais=row["Relais"], Evenement="fin", Issue="connected")
        self.hears(ccas, "A-4", "referral_completed", "connected")
        self.all_closed()
