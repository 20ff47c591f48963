"""S5: Tours. Who asks for an address is offered housing, parenting and health support, with one referent: one case, several
referrals, and a lead that can be handed over."""

import relais
from relais.v1 import content_pb2, referral_pb2
from scenario import Scenario

CCAS, SIAO, CAF, CPAM = "ccas-37261", "siao-37", "caf-37", "cpam-37"
CONNECTED = referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)


class PathInTours(Scenario):
    STORY = "s05"

    def setUp(self):
        super().setUp()
        self.case_id = relais.new_id()
        self.ccas, self.caf = self.desk(CCAS), self.desk(CAF)
        self.siao, self.cpam = self.counter(SIAO), self.database(CPAM)

    def refer(self, recipient, *contents):
        referral_id = relais.new_id()
        person = content_pb2.Identity(family_name="Exemple", given_names="Camille")
        self.ccas.adapter.submit(relais.draft("referral_requested", [person, *contents], recipients=[recipient], purpose="housing",
                                              case_id=self.case_id, referral_id=referral_id))
        return referral_id

    def say(self, desk, kind, recipients, *contents):
        """About the whole case."""
        return desk.adapter.submit(relais.draft(kind, contents, recipients=recipients, purpose="housing", case_id=self.case_id))

    def case(self, desk):
        return desk.adapter.case(self.case_id)

    def takes_part(self, *institutions):
        self.wait(lambda: set(self.case(self.ccas).participants) == set(institutions), f"participants {institutions}")

    def test_one_case_with_one_referent_from_the_first_door_to_the_last(self):
        housing = self.refer(SIAO, content_pb2.Housing(need="une adresse, puis un logement"))
        parenting = self.refer(CAF, content_pb2.Household(composition="single_parent", children=2))
        self.refer(CPAM, content_pb2.Health(need="aucune couverture"))
        row = self.orientation(self.siao)
        self.assertEqual(("Exemple", "une adresse, puis un logement", ""), (row["Nom"], row["Logement"], row["Sante"]))
        request, = self.wait(lambda: self.caf.of("referral_requested"), "the referral to the CAF")
        self.assertEqual(2, request.content(content_pb2.Household).children)
        self.wait(lambda: self.cpam.inbox("referral_requested"), "the referral to the CPAM")

        # Nobody has taken it in charge yet, so nobody but the referent may be told more.
        early = self.say(self.ccas, "note_shared", [CPAM], content_pb2.Note(text="trop tôt"))
        self.assertEqual("secrecy.not_followed_together", self.refused(self.ccas, early).code)

        self.siao.say(Relais=row["Relais"], Evenement="prise en charge")
        self.caf.adapter.submit(request.reply("referral_accepted"))
        self.cpam.say("referral_accepted")
        self.takes_part(CCAS, SIAO, CAF, CPAM)
        self.assertEqual(CCAS, self.case(self.ccas).lead)
        self.assertEqual(3, len(self.case(self.ccas).referrals))  # the whole path, for the referent
        self.assertEqual([parenting], [one.referral_id for one in self.case(self.caf).referrals])  # its own, for a partner

        # One note; to each what concerns it.
        self.say(self.ccas, "note_shared", [CAF, CPAM], relais.Content(content_pb2.Health(need="soins dentaires"), [CPAM]),
                 content_pb2.Note(text="rendez-vous commun mardi"))
        note, = self.wait(lambda: self.caf.of("note_shared"), "the note at the CAF")
        self.assertEqual("rendez-vous commun mardi", note.content(content_pb2.Note).text)
        self.assertIsNone(note.content(content_pb2.Health))
        contents, = self.wait(lambda: self.cpam.inbox("note_shared"), "the note at the CPAM")
        self.assertIn("soins dentaires", contents)

        # The address is found: the CCAS hands over, the CAF becomes the referent.
        self.say(self.ccas, "lead_offered", [CAF])
        self.wait(lambda: self.caf.of("lead_offered"), "the offer")
        self.say(self.caf, "lead_accepted", [CCAS])
        self.wait(lambda: self.case(self.ccas).lead == CAF, "the new lead")
        again = self.say(self.ccas, "lead_offered", [SIAO])
        self.assertEqual("lifecycle.not_your_role", self.refused(self.ccas, again).code)
        self.assertEqual(3, len(self.case(self.caf).referrals))

        # The SIAO has done its part and leaves; the CPAM too, but the referent keeps it on.
        self.siao.say(Relais=row["Relais"], Evenement="fin", Issue="connected")
        self.wait(lambda: self.ccas.of("referral_completed"), "the outcome of the SIAO")
        self.takes_part(CCAS, CAF, CPAM)
        late = self.say(self.caf, "note_shared", [SIAO], content_pb2.Note(text="trop tard"))
        self.assertEqual("secrecy.not_followed_together", self.refused(self.caf, late).code)
        self.say(self.caf, "participant_kept", [CPAM])
        self.cpam.say("referral_completed", outcome="connected")
        self.wait(lambda: len(self.ccas.of("referral_completed")) == 2, "the outcome of the CPAM")
        self.caf.adapter.submit(request.reply("referral_completed", body=CONNECTED))
        self.all_closed()
        self.wait(lambda: set(self.case(self.caf).participants) == {CAF, CPAM}, "who is left: the referent, and whom it keeps on")
        self.say(self.caf, "participant_released", [CPAM])
        self.wait(lambda: set(self.case(self.caf).participants) == {CAF}, "the end of the path")
        self.assertEqual(3, self.cpam.kinds("referral_requested", "note_shared", "participant_kept"))
        self.assertNotEqual(housing, parenting)
