"""S8: professional secrecy. Only about people followed together, only what moves the case forward, according to the other's
mission; each refusal says why, to a person."""

from unittest import mock

import relais
from relais.v1 import case_pb2, common_pb2, content_pb2, referral_pb2
from scenario import Scenario

CCAS, DEPARTEMENT, CAF, CPAM = "ccas-25056", "departement-25", "caf-25", "cpam-25"
RIGHTS = "access_to_rights"
PERSON = content_pb2.Identity(family_name="Exemple")
SICK = content_pb2.Health(need="suivi diabétologique")


def everything(contents, envelope, network):
    """What an adapter seals that does not think of secrecy."""
    return [relais.Content(one.message, one.recipients or list(envelope.recipients)) for one in contents], ()


class ProfessionalSecrecy(Scenario):
    STORY = "s08"

    def setUp(self):
        super().setUp()
        take = {"referral_requested": lambda message: [message.reply("referral_accepted")]}
        self.ccas, self.caf, self.cpam = self.desk(CCAS), self.desk(CAF, take), self.desk(CPAM, take)
        self.case_id = relais.new_id()

    def request(self, recipient, *contents, purpose=RIGHTS, desk=None, case_id=None):
        return (desk or self.ccas).adapter.submit(relais.draft("referral_requested", contents, recipients=[recipient], purpose=purpose,
                                                               case_id=case_id or self.case_id))

    def close(self):
        done = referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)
        for desk in (self.caf, self.cpam):
            for message in desk.of("referral_requested"):
                desk.adapter.submit(message.reply("referral_completed", body=done))
        self.all_closed()

    def test_one_does_not_say_the_same_thing_to_everybody(self):
        self.request(CAF, PERSON)
        self.request(CPAM, PERSON)
        self.wait(lambda: len(self.ccas.of("referral_accepted")) == 2, "both take it in charge")
        note = self.ccas.adapter.submit(relais.draft(
            "note_shared", [SICK, content_pb2.Note(text="viendra mardi")], recipients=[CAF, CPAM], purpose=RIGHTS, case_id=self.case_id))
        withheld, = note.withheld
        self.assertEqual((CAF, "secrecy.mission"), (withheld.recipient, withheld.why.code))
        self.assertIn("caf-25", withheld.why.french)
        at_caf, = self.wait(lambda: self.caf.of("note_shared"), "the note at the CAF")
        at_cpam, = self.wait(lambda: self.cpam.of("note_shared"), "the note at the CPAM")
        self.assertEqual([content_pb2.Note(text="viendra mardi")], [one.message for one in at_caf.contents])
        self.assertEqual(SICK, at_cpam.content(content_pb2.Health))

        # Both sides can show later what was shared, and what was not: names of categories, never a value.
        for desk in (self.ccas, self.cpam):
            shared = next(one for one in desk.adapter.case(self.case_id).shared if one.message_id == note.message_id)
            self.assertEqual({common_pb2.CATEGORY_HEALTH: [CPAM], common_pb2.CATEGORY_NOTE: [CAF, CPAM]},
                             {one.category: sorted(one.recipients) for one in shared.shared})
            self.assertEqual([(common_pb2.CATEGORY_HEALTH, CAF, "secrecy.mission")],
                             [(one.category, one.recipient, one.rule) for one in shared.withheld])
        self.close()

    def test_the_broker_refuses_what_a_careless_adapter_would_tell(self):
        with mock.patch("relais.preparation.minimise", everything):
            cases = [
                (self.request(CAF, PERSON, SICK), "secrecy.mission", ("caf-25", "health", "secret-partage")),
                (self.request(CAF, PERSON, content_pb2.Housing(need="studio")), "secrecy.category_not_needed",
                 ("secret-partage", "housing", RIGHTS)),
                (self.request(CPAM, content_pb2.Nir(number="2730799404078")), "secrecy.nir", ("secret-partage",)),
            ]
        for submission, code, words in cases:
            refusal = self.refused(self.ccas, submission)
            self.assertEqual((code, False), (refusal.code, refusal.retry))
            for word in words:
                self.assertIn(word, refusal.english, code)
                self.assertIn(word, refusal.french, code)
        self.assertEqual([], self.territory.open_referrals())
        self.assertEqual([], self.caf.seen + self.cpam.seen)

    def test_only_about_people_followed_together(self):
        self.request(CPAM, PERSON)
        self.wait(lambda: self.ccas.of("referral_accepted"), "the CPAM takes it in charge")
        departement = self.desk(DEPARTEMENT)
        # It has heard of the case, and an agreement with the CPAM; it does not follow the person.
        note = departement.adapter.submit(relais.draft("note_shared", [content_pb2.Note(text="?")], recipients=[CPAM], purpose=RIGHTS,
                                                       case_id=self.case_id))
        asked = self.request(CPAM, PERSON, desk=departement)
        for submission in (note, asked):
            refusal = self.refused(departement, submission)
            self.assertEqual("secrecy.not_followed_together", refusal.code)
            self.assertIn("pas suivie ensemble", refusal.french)
        with self.assertRaises(relais.Refusal) as no:
            departement.adapter.case(self.case_id)
        self.assertEqual("not.found", no.exception.code)  # whether or not there is such a case
        self.close()

    def test_where_the_person_must_consent_nothing_goes_before_or_after(self):
        first = self.request(CPAM, PERSON, purpose="health_access")
        self.assertEqual("consent.missing", self.refused(self.ccas, first).code)
        granted = case_pb2.ConsentGranted(purposes=["health_access"], form=case_pb2.CONSENT_FORM_SPOKEN)
        self.ccas.adapter.submit(relais.draft("consent_granted", body=granted, purpose="health_access", case_id=self.case_id))
        self.request(CPAM, PERSON, SICK, purpose="health_access")
        self.wait(lambda: self.ccas.of("referral_accepted"), "the CPAM takes it in charge")
        withdrawn = case_pb2.ConsentWithdrawn(purposes=["health_access"])
        self.ccas.adapter.submit(relais.draft("consent_withdrawn", body=withdrawn, purpose="health_access", case_id=self.case_id))
        self.wait(lambda: self.cpam.of("consent_withdrawn"), "the CPAM is told")
        late = self.ccas.adapter.submit(relais.draft("note_shared", [SICK], recipients=[CPAM], purpose="health_access",
                                                     case_id=self.case_id))
        self.assertEqual("consent.withdrawn", self.refused(self.ccas, late).code)
        self.close()  # what is open is still brought to its end
