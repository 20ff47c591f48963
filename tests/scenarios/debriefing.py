"""A convention between a CCAS and an association, and what is told of it afterwards."""

import datetime
import json
from zoneinfo import ZoneInfo

from broker_process import control
from scenario import Scenario

CCAS, ASSOCIATION = "ccas-25056", "association-25"


class Debriefing(Scenario):
    STORY = "s11"

    def setUp(self):
        super().setUp()
        self.began = self.today()
        self.ccas, self.association = self.counter(CCAS), self.counter(ASSOCIATION)

    def today(self):
        return datetime.datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()

    def control(self, *words):
        return control(*words, "--data", self.territory.folder / "data")

    def answer(self, *words):
        return json.loads(self.control("--json", *words))

    def render(self, number, event, **more):
        """A referral, and how it ends."""
        name = f"Exemple-{number}"
        self.ccas.say(Numero=number, Evenement="orientation", Destinataire=ASSOCIATION, Finalite="housing", Nom=name)
        row = self.wait(lambda: next((one for one in self.association.orientations() if one["Nom"] == name), None), "the referral")
        if event == "fin":
            self.association.say(Relais=row["Relais"], Evenement="prise en charge")
        self.association.say(Relais=row["Relais"], Evenement=event, **more)
