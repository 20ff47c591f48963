"""S4: the shared counter in Meurthe-et-Moselle. The département receives for the CCAS; both see it, and the CCAS answers for it."""

import time

import relais
from relais.v1 import appointment_pb2, referral_pb2
from scenario import Scenario

CCAS, DEPARTEMENT, CAF = "ccas-54395", "departement-54", "caf-54"
RIGHTS = "access_to_rights"
DAY_MS = 86_400_000


class SharedCounter(Scenario):
    STORY = "s04"

    def setUp(self):
        super().setUp()
        self.ccas, self.departement = self.counter(CCAS), self.counter(DEPARTEMENT)

    def refer(self, number, **more):
        self.departement.say(**{"Numero": number, "Evenement": "orientation", "Destinataire": CAF, "Finalite": "access_to_rights",
                                "Pour": CCAS, "Commune": "54395", "Nom": "Exemple-Nancy", **more})

    def test_one_acts_for_the_other_both_see_it_and_the_other_stays_accountable(self):
        self.caf = self.counter(CAF)
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

    def test_the_counter_books_in_the_others_name_and_the_appointment_comes_back_to_both(self):
        caf = self.desk(CAF, {"referral_requested": lambda message: [message.reply("referral_accepted")]})
        begins = int(time.time() * 1000) + DAY_MS
        slot = appointment_pb2.Slot(slot_id="caf-lundi", service_id="caf-54-rendez-vous", start_ms=begins, end_ms=begins + 1_800_000,
                                    capacity=1)
        for draft in relais.publish_slots(RIGHTS, [slot]):
            caf.adapter.submit(draft)
        self.refer("D-4")
        self.hears(self.departement, "D-4", "referral_accepted")
        self.departement.say(Numero="D-4", Evenement="rendez-vous", Creneau="caf-lundi")
        self.wait(lambda: caf.of("appointment_booked"), "the appointment at the CAF")
        booked = caf.of("appointment_booked")[0]
        copy = self.orientation(self.ccas)
        self.wait(lambda: [one["Creneau"] for one in self.ccas.read(Relais=copy["Relais"], Evenement="appointment_booked")] == ["caf-lundi"],
                  "the appointment at the CCAS")
        for kind in ("appointment_arrived", "appointment_fulfilled"):
            caf.adapter.submit(booked.reply(kind, appointment_id=booked.envelope.appointment_id))
        caf.adapter.submit(booked.reply("referral_completed", body=referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)))
        self.hears(self.departement, "D-4", "appointment_fulfilled")
        self.hears(self.departement, "D-4", "referral_completed", "connected")
        self.wait(lambda: self.ccas.read(Relais=copy["Relais"], Evenement="appointment_fulfilled"), "who came, at the CCAS")
        self.all_closed()

    def test_outside_its_terms_a_delegation_lets_nobody_act(self):
        self.caf = self.counter(CAF)
        self.refer("D-2", Commune="54547")
        self.wait(lambda: "delegation.out_of_scope" in self.departement.rejects(), "the refusal of another commune")
        self.refer("D-3", Finalite="housing")
        self.wait(lambda: self.departement.rejects().count("delegation.out_of_scope") >= 2, "the refusal of another purpose")
        self.ccas.say(Numero="C-1", Evenement="orientation", Destinataire=CAF, Finalite="access_to_rights", Pour=DEPARTEMENT,
                      Commune="54395", Nom="Exemple")
        self.wait(lambda: "delegation.none" in self.ccas.rejects(), "the refusal the other way round")
        self.assertEqual([], self.territory.open_referrals())
        self.assertEqual([], self.caf.orientations())
