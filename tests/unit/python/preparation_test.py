"""From a draft to what stands in the outbox: completed, minimised, sealed, signed, checked."""

import unittest

from small_network import CAF, CCAS, CPAM, PURPOSE, Desk, WithDesks, new_key

import relais
from relais.envelope_rules import check_submission
from relais.v1 import appointment_pb2, common_pb2, content_pb2, frames_pb2, network_pb2, referral_pb2

PERSON = content_pb2.Identity(family_name="Exemple")
SICK = content_pb2.Health(need="soin")


def request(*contents, **fields):
    return relais.draft("referral_requested", contents, **{"recipients": [CAF], "purpose": PURPOSE, **fields})


class PreparationTest(WithDesks):
    def setUp(self):
        super().setUp()
        self.ccas = self.desk(CCAS)

    def stored(self, desk):
        entry, = desk.outbox.entries(0, 10)
        submit = frames_pb2.Submit.FromString(desk.outbox.submit(entry.sequence))
        return check_submission(submit, self.now)

    def test_a_request_is_completed_and_well_formed(self):
        submission = self.ccas.add(request(PERSON, exercise=True, priority=common_pb2.PRIORITY_URGENT))
        envelope = self.stored(self.ccas)
        self.assertEqual((envelope.message_id, envelope.sender, envelope.signing_key, envelope.version),
                         (submission.message_id, CCAS, "signing-1", 1))
        self.assertEqual([one.category for one in envelope.compartments], [common_pb2.CATEGORY_IDENTITY])
        self.assertTrue(envelope.exercise)
        known = self.ccas.referrals.find(envelope.referral_id)
        self.assertEqual((known.sender, known.recipient, known.purpose, known.priority, known.exercise),
                         (CCAS, CAF, PURPOSE, common_pb2.PRIORITY_URGENT, True))

    def test_a_later_message_repeats_what_is_known_of_the_referral(self):
        referral_id = relais.new_id()
        self.ccas.add(request(referral_id=referral_id, case_id=relais.new_id(), exercise=True))
        cancelled = referral_pb2.ReferralCancelled(reason=1)
        self.ccas.add(relais.draft("referral_cancelled", body=cancelled, referral_id=referral_id))
        first, second = (frames_pb2.Submit.FromString(self.ccas.outbox.submit(entry.sequence))
                         for entry in self.ccas.outbox.entries(0, 10))
        first, second = (check_submission(one, self.now) for one in (first, second))
        for field in ("case_id", "referral_id", "purpose", "priority", "exercise", "sender", "recipients"):
            self.assertEqual(getattr(first, field), getattr(second, field), field)

    def test_all_about_a_referral_is_one_trace_unless_the_software_has_its_own(self):
        referral_id, foreign = relais.new_id(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        asked = self.ccas.add(request(referral_id=referral_id))
        cancelled = referral_pb2.ReferralCancelled(reason=1)
        self.ccas.add(relais.draft("referral_cancelled", body=cancelled, referral_id=referral_id))
        self.ccas.add(request(trace_parent=foreign))
        first, second, third = (check_submission(frames_pb2.Submit.FromString(self.ccas.outbox.submit(entry.sequence)), self.now)
                                for entry in self.ccas.outbox.entries(0, 10))
        self.assertEqual(first.trace_parent, f"00-{referral_id.hex()}-{asked.message_id[:8].hex()}-01")
        self.assertEqual(second.trace_parent[:36], first.trace_parent[:36])
        self.assertNotEqual(second.trace_parent, first.trace_parent)
        self.assertEqual(third.trace_parent, foreign)

    def test_a_forward_goes_to_the_sender_and_onward(self):
        caf = self.desk(CAF)
        self.ccas.add(request(PERSON))
        asked = self.stored(self.ccas)
        with caf.store.transaction():
            caf.referrals.learn(asked)
        forwarded = referral_pb2.ReferralForwarded(to=CPAM, new_referral_id=relais.new_id())
        caf.add(relais.draft("referral_forwarded", [relais.Content(PERSON, [CPAM])], body=forwarded, referral_id=asked.referral_id))
        envelope = self.stored(caf)
        self.assertEqual(list(envelope.recipients), [CCAS, CPAM])
        self.assertEqual(list(envelope.compartments[0].recipients), [CPAM])
        self.assertEqual(caf.referrals.find(forwarded.new_referral_id).recipient, CPAM)

    def test_what_is_not_allowed_is_withheld_from_whom_it_is_not_allowed(self):
        forwarded = referral_pb2.ReferralForwarded(to=CPAM, new_referral_id=relais.new_id())
        caf = self.desk(CAF)
        submission = caf.add(relais.draft("referral_forwarded", [SICK, PERSON, content_pb2.Housing(need="toit")], body=forwarded,
                                          recipients=[CCAS, CPAM], purpose=PURPOSE, case_id=relais.new_id(),
                                          referral_id=relais.new_id()))
        self.assertEqual([(one.category, one.recipient, one.why.code) for one in submission.withheld],
                         [(common_pb2.CATEGORY_HOUSING, CCAS, "secrecy.category_not_needed"),
                          (common_pb2.CATEGORY_HOUSING, CPAM, "secrecy.category_not_needed")])
        submission = self.ccas.add(request(SICK, PERSON))
        withheld, = submission.withheld
        self.assertEqual((withheld.category, withheld.recipient, withheld.why.code), (common_pb2.CATEGORY_HEALTH, CAF, "secrecy.mission"))
        self.assertEqual(withheld.why.english, "The mission benefits of caf-25 does not allow it to be told the category health.")
        envelope = self.stored(self.ccas)
        self.assertEqual([one.category for one in envelope.compartments], [common_pb2.CATEGORY_IDENTITY])
        self.assertEqual([(one.category, one.recipient, one.rule) for one in envelope.withheld],
                         [(common_pb2.CATEGORY_HEALTH, CAF, "secrecy.mission")])

    def test_the_number_goes_only_where_both_parties_may_process_it(self):
        number = content_pb2.Nir(number="2730799404078")
        agreement, mission = self.net.definition.agreements[0], self.net.definition.missions[1]
        for listed in (agreement.purposes[0], mission):
            listed.categories.append(common_pb2.CATEGORY_NIR)
        for both_may, rules in ((False, ["secrecy.nir"]), (True, [])):
            agreement.nir = both_may
            desk = Desk(self.net, CCAS, self.folder / f"nir-{both_may}")
            self.addCleanup(desk.store.close)
            self.assertEqual([one.why.code for one in desk.add(request(number)).withheld], rules)

    def test_a_referral_that_is_not_known_here_is_judged_by_its_parties(self):
        submission = self.ccas.add(relais.draft("information_provided", [SICK], recipients=[CAF], purpose=PURPOSE,
                                                case_id=relais.new_id(), referral_id=relais.new_id()))
        self.assertEqual([one.why.code for one in submission.withheld], ["secrecy.mission"])

    def test_where_no_agreement_covers_it_the_broker_judges(self):
        self.net.definition.agreements[0].purposes[0].purpose = "housing"
        self.net.definition.purposes.add(id="housing")
        self.ccas.network.accept(self.net.signed(version=2))
        self.assertEqual(self.ccas.add(request(SICK)).withheld, ())

    def test_a_request_names_who_takes_it_over(self):
        self.net.definition.agreements[0].fallback = CPAM
        self.ccas.network.accept(self.net.signed(version=2))
        submission = self.ccas.add(request(SICK))
        envelope = self.stored(self.ccas)
        self.assertEqual(list(envelope.fallbacks), [CPAM])
        self.assertEqual([(one.recipient, one.why.code) for one in submission.withheld], [(CAF, "secrecy.mission")])
        self.assertEqual([list(one.recipients) for one in envelope.compartments], [[CPAM]])

    def test_a_fallback_that_no_agreement_covers_is_not_named(self):
        self.net.definition.agreements[1].valid_until_ms = 1
        self.net.definition.agreements[0].fallback = CPAM
        self.net.definition.purposes[0].default_recipient = CCAS
        self.ccas.network.accept(self.net.signed(version=2))
        self.ccas.add(request())
        self.assertEqual(list(self.stored(self.ccas).fallbacks), [])

    def test_a_message_about_a_case_names_no_referral_and_goes_to_several(self):
        case_id = relais.new_id()
        note = relais.Content(content_pb2.Note(text="Un mot."), [CPAM])
        self.ccas.add(relais.draft("note_shared", [note], recipients=[CAF, CPAM], purpose=PURPOSE, case_id=case_id,
                                   referral_id=relais.new_id()))
        envelope = self.stored(self.ccas)
        self.assertEqual((envelope.case_id, envelope.referral_id, list(envelope.recipients)), (case_id, b"", [CAF, CPAM]))
        self.assertEqual([list(one.recipients) for one in envelope.compartments], [[CPAM]])
        for missing, fields in (("case_id", {"purpose": PURPOSE}), ("purpose", {"case_id": case_id})):
            with self.refused("envelope.malformed", missing):
                self.ccas.add(relais.draft("lead_offered", recipients=[CAF], **fields))

    def test_slots_go_out_five_hundred_at_a_time(self):
        start = self.now + 3_600_000
        slots = [appointment_pb2.Slot(slot_id=f"s-{n}", start_ms=start, end_ms=start + 1, capacity=1) for n in range(501)]
        drafts = relais.publish_slots(PURPOSE, slots)
        self.assertEqual([len(one.envelope.slots_published.slots) for one in drafts], [500, 1])
        self.ccas.add(drafts[1])
        envelope = self.stored(self.ccas)
        self.assertEqual((envelope.case_id, envelope.referral_id, list(envelope.recipients)), (b"", b"", []))
        self.assertEqual(relais.meeting_in(slots[0]).slot_id, "s-0")
        withdrawn, = relais.withdraw_slots(PURPOSE, ["s-0"])
        self.ccas.add(withdrawn)

    def test_an_id_of_ones_own_makes_it_happen_once(self):
        message_id = relais.named_id("test", "1")
        self.assertFalse(self.ccas.add(request(message_id=message_id)).repeated)
        self.assertTrue(self.ccas.add(request(message_id=message_id)).repeated)
        self.assertEqual(self.ccas.outbox.messages(), 1)

    def test_what_can_not_be_sent_is_refused_and_nothing_is_written(self):
        meeting = relais.draft("appointment_proposed", appointment_id=relais.new_id(), referral_id=relais.new_id(),
                               case_id=relais.new_id(), recipients=[CAF], purpose=PURPOSE)
        for code, field, draft in (
            ("route.none", "recipients[0]", request(recipients=["nobody"])),
            ("purpose.unknown", "purpose", request(purpose="curiosity")),
            ("identity.not_served", "sender", request(sender=CAF)),
            ("envelope.malformed", "recipients", request(recipients=[])),
            ("envelope.malformed", "recipients", request(recipients=[CAF, CPAM])),
            ("envelope.malformed", "message_id", request(message_id=b"short")),
            ("envelope.malformed", "case_id", relais.draft("referral_accepted", referral_id=relais.new_id())),
            ("envelope.malformed", "contents[0].recipients", request(relais.Content(PERSON, [CPAM]))),
            ("envelope.malformed", "referral_completed.outcome", relais.draft(
                "referral_completed", referral_id=relais.new_id(), case_id=relais.new_id(), recipients=[CAF], purpose=PURPOSE)),
            ("appointment.bad_meeting", "appointment_proposed.meeting", meeting),
            ("lifecycle.not_your_role", "referral_expired", relais.draft(
                "referral_expired", referral_id=relais.new_id(), case_id=relais.new_id(), recipients=[CAF], purpose=PURPOSE)),
        ):
            with self.subTest(code=code, field=field), self.refused(code, field):
                self.ccas.add(draft)
        self.assertEqual(self.ccas.outbox.messages(), 0)
        self.assertEqual(self.ccas.store.rows("select * from referrals"), [])

    def test_limits(self):
        self.ccas.message_bytes_max = 400
        with self.refused("message.too_large"):
            self.ccas.add(request(content_pb2.Note(text="Un mot. " * 100)))
        small = self.desk(CPAM, bytes_max=350)
        draft = lambda: relais.draft("referral_accepted", referral_id=relais.new_id(), case_id=relais.new_id(), recipients=[CAF],
                                     purpose=PURPOSE)
        small.add(draft())
        with self.refused("outbox.full", "outbox"):
            small.add(draft())
        small.add(draft(), automatic=True)
        self.assertEqual(small.outbox.messages(), 2)

    def test_during_a_rotation_the_valid_key_that_began_last_is_used(self):
        institution = next(one for one in self.net.definition.institutions if one.id == CAF)
        newer = new_key("sealing", "sealing-2")
        institution.sealing_keys.add(id="sealing-2", key=newer.public, valid_from_ms=self.now - 1_000)
        institution.sealing_keys.add(id="sealing-3", key=newer.public, valid_from_ms=self.now + 3_600_000)
        self.ccas.network.accept(self.net.signed(version=2))
        self.ccas.add(request(PERSON))
        self.stored(self.ccas)
        entry, = self.ccas.outbox.entries(0, 1)
        submit = frames_pb2.Submit.FromString(self.ccas.outbox.submit(entry.sequence))
        self.assertIn(b"sealing-2", submit.compartments[0])

    def test_without_a_valid_key_nothing_is_sealed(self):
        for institution, field in ((CAF, "recipients"), (CCAS, "sender")):
            self.net.definition.version += 1
            one = next(one for one in self.net.definition.institutions if one.id == institution)
            one.sealing_keys[0].valid_until_ms = 1
            self.ccas.network.accept(self.net.signed())
            with self.refused("key.invalid", field):
                self.ccas.add(request(PERSON))

    def test_without_a_definition_it_must_wait(self):
        self.ccas.preparation._network = lambda: None
        with self.refused("network.none") as no:
            self.ccas.add(request())
        self.assertTrue(no.refusal.retry)

    def test_a_content_is_a_message_with_a_category(self):
        for wrong in (network_pb2.Mission(), content_pb2.Income(), "Exemple"):
            with self.assertRaises(TypeError):
                request(wrong)
        with self.assertRaises(ValueError):
            relais.draft("referral_lost")


if __name__ == "__main__":
    unittest.main()
