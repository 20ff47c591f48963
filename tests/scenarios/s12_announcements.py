"""S12: partners inform and train one another. A word to all missions locales of a département, and who has it."""

import relais
from relais.v1 import announcement_pb2, content_pb2
from scenario import Scenario

DEPARTEMENT, BESANCON, MONTBELIARD, CAF = "departement-25", "mission-locale-besancon", "mission-locale-montbeliard", "caf-25"
WORD = content_pb2.Note(text="Formation à l'accompagnement des jeunes majeurs, le 12 mai à Besançon.")


class Announcements(Scenario):
    STORY = "s12"

    def setUp(self):
        super().setUp()
        self.departement, self.besancon, self.caf = (self.desk(one) for one in (DEPARTEMENT, BESANCON, CAF))

    def announce(self, *contents, kinds=("mission_locale",)):
        """To whom, the adapter finds out itself."""
        return self.departement.adapter.submit(relais.draft(
            "announcement_made", contents, purpose="access_to_rights",
            body=announcement_pb2.AnnouncementMade(kinds=kinds, departements=["25"])))

    def receipts(self, said):
        try:
            view = self.departement.adapter.message(said.message_id)
        except relais.Refusal:
            return {}
        return {delivery.recipient: delivery.state for delivery in view.deliveries}

    def test_each_partner_of_a_kind_gets_the_word_and_the_sender_sees_who_has_it(self):
        said = self.announce(WORD)
        heard, = self.wait(lambda: self.besancon.of("announcement_made"), "the word in Besançon")
        self.assertEqual(WORD, heard.content(content_pb2.Note))
        self.assertEqual((DEPARTEMENT, ["mission_locale"]), (heard.envelope.sender, list(heard.envelope.announcement_made.kinds)))
        # Montbéliard is away: the word waits for it, and the sender sees that.
        self.wait(lambda: self.receipts(said) == {BESANCON: "delivered", MONTBELIARD: "queued"}, "the first receipt")
        montbeliard = self.desk(MONTBELIARD)
        self.wait(lambda: montbeliard.of("announcement_made"), "the word in Montbéliard")
        self.wait(lambda: set(self.receipts(said).values()) == {"delivered"}, "the second receipt")
        self.assertEqual([], self.caf.seen)

    def test_an_announcement_is_about_nobody(self):
        with self.assertRaises(relais.Refusal) as refused:
            self.announce(WORD, content_pb2.Identity(family_name="Exemple"))
        self.assertEqual(("envelope.malformed", "compartments"), (refused.exception.code, refused.exception.field))
        self.assertEqual([], self.besancon.seen)
