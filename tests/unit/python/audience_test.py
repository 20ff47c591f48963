"""Whom an announcement names; the C++ SDK reads the same table."""

import json
import unittest
from pathlib import Path

from google.protobuf import json_format
from small_network import CAF, CCAS, CPAM, PURPOSE, WithDesks, new_key

import relais
from relais.audience import name_audience
from relais.envelope_rules import check_submission
from relais.network import Network
from relais.territory import Territory, departement_of, france
from relais.v1 import announcement_pb2, content_pb2, envelope_pb2, frames_pb2, network_pb2

TABLE = Path(__file__).resolve().parents[2] / "data" / "directory" / "audience.json"


class AudienceTest(unittest.TestCase):
    def test_it_is_of_the_kinds_and_places_that_the_announcement_names(self):
        table = json.loads(TABLE.read_text(encoding="utf-8"))
        definition = network_pb2.NetworkDefinition()
        for one in table["institutions"]:
            institution = json_format.ParseDict(one, definition.institutions.add())
            if institution.id not in table["without_sealing_key"]:
                institution.sealing_keys.add(id="sealing-1", key=new_key("sealing", "sealing-1").public)
        network = Network(definition)
        for one in table["cases"]:
            with self.subTest(one["why"]):
                envelope = envelope_pb2.Envelope(sender=table["sender"])
                json_format.ParseDict(one["body"], envelope.announcement_made)
                name_audience(envelope, network, 1)
                self.assertEqual(list(envelope.recipients), one["expected"])


class TerritoryTest(unittest.TestCase):
    def test_it_knows_every_commune_and_what_became_of_others(self):
        for code, today in (("25056", "25056"), ("2A004", "2A004"), ("62461", "62447"), ("75112", "75056"), ("25999", ""), ("", "")):
            self.assertEqual(france().commune_today(code), today, code)
        self.assertTrue(france().is_arrondissement("75112"))
        self.assertFalse(france().is_arrondissement("75056") or france().is_arrondissement("62461"))
        self.assertEqual([departement_of(code) for code in ("25056", "2A004", "97411")], ["25", "2A", "974"])
        self.assertEqual(len(france().communes_in(departement="90")), 101)
        self.assertEqual(len(france().communes_in(epci="200057867", departement="90")), 109)
        self.assertEqual(france().communes_in(), frozenset())

    def test_a_file_that_is_another_one_is_not_taken(self):
        with self.assertRaisesRegex(ValueError, "no line of communes.txt: something"):
            Territory(["something 25056"])


class AnnouncementTest(WithDesks):
    def announce(self, **fields):
        body = announcement_pb2.AnnouncementMade(kinds=["caf", "cpam"], departements=["25"])
        draft = relais.draft("announcement_made", [content_pb2.Note(text="Portes ouvertes le 12 mai.")], body=body,
                             purpose=PURPOSE, **fields)
        desk = self.desk(CCAS)
        desk.add(draft)
        entry, = desk.outbox.entries(0, 10)
        return list(check_submission(frames_pb2.Submit.FromString(desk.outbox.submit(entry.sequence)), self.now).recipients)

    def setUp(self):
        super().setUp()
        for institution, kind in zip(self.net.definition.institutions, ("ccas", "caf", "cpam"), strict=True):
            institution.kind = kind
            institution.departements.append("25")

    def test_the_adapter_names_the_recipients(self):
        self.assertEqual(self.announce(), [CAF, CPAM])

    def test_those_named_by_the_caller_stay(self):
        self.assertEqual(self.announce(recipients=[CPAM]), [CPAM])

    def test_one_for_nobody_is_refused(self):
        for institution in self.net.definition.institutions:
            institution.kind = "ccas"
        with self.refused("envelope.malformed", "recipients"):
            self.announce()


if __name__ == "__main__":
    unittest.main()
