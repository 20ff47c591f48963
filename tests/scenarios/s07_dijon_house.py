"""S7: Dijon, Maison de la Solidarité. Partners publish when they are present there; collective actions on health and budget
take as many people as there are chairs."""

import time

import relais
from relais.v1 import appointment_pb2, content_pb2, frames_pb2, referral_pb2
from scenario import Scenario

CCAS, DEPARTEMENT, CAF, CPAM = "ccas-21231", "departement-21", "caf-21", "cpam-21"
RIGHTS = "access_to_rights"
HOUR_MS, WEEK_MS = 3_600_000, 7 * 24 * 3_600_000
BUDGET = "difficultes-financieres--ameliorer-sa-gestion-budgetaire"


def sessions(service, place, count, chairs):
    """Every week at the same hour, from tomorrow on."""
    first = int(time.time() * 1_000) + 24 * HOUR_MS
    return [appointment_pb2.Slot(slot_id=f"{service}-{week + 1}", service_id=service, location_id=place, capacity=chairs,
                                 start_ms=first + week * WEEK_MS, end_ms=first + week * WEEK_MS + 2 * HOUR_MS)
            for week in range(count)]


class DijonHouse(Scenario):
    STORY = "s07"

    def setUp(self):
        super().setUp()
        self.caf = self.desk(CAF, {"referral_requested": lambda message: [message.reply("referral_accepted")]})
        self.departement = self.desk(DEPARTEMENT)

    def publish(self, host, slots):
        for draft in relais.publish_slots(RIGHTS, slots):
            host.adapter.submit(draft)

    def found(self, **wanted):
        return [(view.slot.slot_id, view.free)
                for view in self.departement.adapter.slots(frames_pb2.SlotsQuery(purpose=RIGHTS, **wanted)).slots]

    def refer(self, name):
        referral_id = relais.new_id()
        self.departement.adapter.submit(relais.draft("referral_requested", [content_pb2.Identity(family_name=name)], recipients=[CAF],
                                                     purpose=RIGHTS, referral_id=referral_id))
        return referral_id

    def book(self, referral_id, slot):
        return self.departement.adapter.submit(relais.draft(
            "appointment_booked", referral_id=referral_id, appointment_id=relais.new_id(),
            body=appointment_pb2.AppointmentBooked(meeting=relais.meeting_in(slot))))

    def test_the_sessions_of_all_partners_are_found_by_need_and_place(self):
        cpam = self.desk(CPAM)
        self.publish(self.caf, sessions("atelier-budget", "maison-caf", 4, 12))
        self.publish(cpam, sessions("atelier-sante", "maison-cpam", 2, 8))
        self.wait(lambda: len(self.found(commune="21231")) == 6, "six sessions in the house")
        self.assertEqual([(f"atelier-budget-{week}", 12) for week in (1, 2, 3, 4)], self.found(service_need=BUDGET))
        self.assertEqual([("atelier-sante-1", 8), ("atelier-sante-2", 8)], self.found(location_id="maison-cpam"))
        self.caf.adapter.submit(relais.withdraw_slots(RIGHTS, ["atelier-budget-2"])[0])
        self.wait(lambda: len(self.found(service_need=BUDGET)) == 3, "the session that does not take place")

        elsewhere, = sessions("atelier-sante", "maison-caf", 1, 8)  # a room that is the CAF's
        refused = cpam.adapter.submit(relais.publish_slots(RIGHTS, [elsewhere])[0])
        self.assertEqual("slot.not_yours", self.refused(cpam, refused).code)

    def test_a_collective_action_takes_as_many_as_it_has_chairs(self):
        ccas = self.counter(CCAS)
        slot, = sessions("atelier-budget", "maison-caf", 1, 3)
        self.publish(self.caf, [slot])
        self.wait(lambda: self.found(service_need=BUDGET) == [("atelier-budget-1", 3)], "the session")

        for number in ("A", "B"):
            ccas.say(Numero=number, Evenement="orientation", Destinataire=CAF, Finalite=RIGHTS, Nom=f"Exemple-{number}")
            self.hears(ccas, number, "referral_accepted")
            ccas.say(Numero=number, Evenement="rendez-vous", Creneau="atelier-budget-1")
        self.book(self.refer("Exemple-C"), slot)
        self.wait(lambda: len(self.caf.of("appointment_booked")) == 3, "three participants")
        self.assertEqual([], self.found(service_need=BUDGET))

        last = self.refer("Exemple-D")
        refusal = self.refused(self.departement, self.book(last, slot))
        self.assertEqual("slot.full", refusal.code)
        self.assertIn("3", refusal.french)
        ccas.say(Numero="B", Evenement="rendez-vous annulé", Motif="person_unavailable")
        self.wait(lambda: self.found(service_need=BUDGET) == [("atelier-budget-1", 1)], "the place that B gives back")
        self.book(last, slot)
        self.wait(lambda: len(self.caf.of("appointment_booked")) == 4, "the one who waited")
        self.hold_the_session()
        self.hears(ccas, "A", "appointment_fulfilled")
        self.hears(ccas, "A", "referral_completed", "connected")
        self.hears(ccas, "B", "referral_completed", "declined_by_person")
        self.wait(lambda: self.departement.of("appointment_no_show"), "who did not come")
        self.wait(lambda: len(self.departement.of("referral_completed")) == 2, "the outcomes of C and D")
        self.assertEqual([referral_pb2.OUTCOME_CONNECTED, referral_pb2.OUTCOME_NOT_CONNECTED],
                         sorted(message.body.outcome for message in self.departement.of("referral_completed")))
        self.all_closed()
        self.assertEqual("", ccas.rejects())

    def hold_the_session(self):
        """Two came, one did not; one had said so beforehand."""
        names = {message.envelope.referral_id: message.content(content_pb2.Identity).family_name
                 for message in self.caf.of("referral_requested")}
        outcomes = {"Exemple-A": ("arrived fulfilled", referral_pb2.OUTCOME_CONNECTED), "Exemple-B": ("", referral_pb2.OUTCOME_DECLINED_BY_PERSON),
                    "Exemple-C": ("no_show", referral_pb2.OUTCOME_NOT_CONNECTED), "Exemple-D": ("arrived fulfilled", referral_pb2.OUTCOME_CONNECTED)}
        for booked in self.caf.of("appointment_booked"):
            steps, outcome = outcomes[names[booked.envelope.referral_id]]
            for step in steps.split():
                self.caf.adapter.submit(booked.reply(f"appointment_{step}", appointment_id=booked.envelope.appointment_id))
            self.caf.adapter.submit(booked.reply("referral_completed", body=referral_pb2.ReferralCompleted(outcome=outcome)))
