"""Situations of the operator's guide, with the real programs: a queue grows, a partner changes its key, a referral is missing."""

import os
import re
import shutil
import time
import unittest
import urllib.request
import uuid

import generated  # noqa: F401  (makes the protocol importable)

import relaisctl
import roles
import two_offices
from broker_process import BrokerProcess, control
from named_people import named_people
from relais_adapter import NotYet
from relais_network import now_ms
from two_offices import CAF, CCAS, PURPOSE, person

WAITING = 12


class Closed(roles.Role):
    """Its software is closed; it says so."""

    def handle(self, adapter, envelope, contents):
        raise NotYet("software.closed")


class QueueGrowsTest(two_offices.TwoOffices):
    def asking(self, *words):
        return self.control(*words, "--data", self.broker.folder / "data")

    def queue(self):
        """Of the CAF."""
        return next(row for row in self.asking("queues")["queues"] if row["institution"] == CAF and not row["exercise"])

    def ids(self, adapter):
        return [str(uuid.UUID(bytes=row)) for row, in adapter.store.db.execute("select message_id from outbox order by seq")]

    def test_it_says_whose_it_is_how_old_and_why_and_nothing_is_lost_by_waiting(self):
        ccas = self.adapter(CCAS, role=roles.Asking)
        self.ready(ccas)
        for i in range(WAITING):
            self.ask(ccas, CAF, f"Personne {i}")
        self.run_until(lambda: self.idle(ccas), "the receipts")
        messages = self.ids(ccas)
        time.sleep(1.1)
        queue = self.queue()
        self.assertEqual((queue["queued"], queue["parked"], queue["dead"], queue["delivered"]), (WAITING, 0, 0, 0))
        self.assertGreaterEqual(queue["oldest_seconds"], 1)
        self.assertEqual(self.broker.get(f"/api/v1/institutions/{CAF}")["adapters"], [], "its IT team must look")

        caf = self.adapter(CAF, role=Closed)
        self.run_until(lambda: self.queue()["parked"] == WAITING, "each of them was offered and put off")
        self.assertTrue(any(one["connected"] for one in self.broker.get(f"/api/v1/institutions/{CAF}")["adapters"]))
        for message in messages:
            trace = self.asking("trace", message)
            delivery, = trace["deliveries"]
            self.assertEqual(delivery["recipient"], CAF)
            self.assertGreaterEqual(delivery["attempts"], 1)
            self.assertIn("software.closed, attempt 1", [step["detail"] for step in trace["steps"] if step["recipient"] == CAF])
        self.assertEqual(self.inbox(caf), [])

        self.adapters.pop(CAF).close()
        caf = self.adapter(CAF, role=roles.Role)
        self.run_until(lambda: len(self.inbox(caf)) == WAITING, "every one of them, by itself")
        self.run_until(lambda: self.queue()["delivered"] == WAITING, "the acknowledgements")
        queue = self.queue()
        self.assertEqual((queue["queued"], queue["parked"], queue["dead"]), (0, 0, 0))

    def test_what_has_an_expiry_becomes_a_dead_letter_when_it_passes_and_the_rest_goes_on_waiting(self):
        ccas = self.adapter(CCAS, role=roles.Asking)
        self.ready(ccas)
        self.ask(ccas, CAF, "Sans limite")
        with ccas.store.transaction():
            hurried = ccas.submit("referral_requested", [CAF], os.urandom(16), os.urandom(16), PURPOSE,
                                  contents=[(1, person("Avec limite"))], expires_at_ms=now_ms() + 3_000)
        self.run_until(lambda: self.idle(ccas), "the receipts")
        self.assertEqual(self.queue()["queued"], 2)
        self.run_until(lambda: self.queue()["dead"] == 1, "the expiry")
        self.assertEqual(self.queue()["queued"], 1)
        letter, = self.asking("dead", "list")["dead_letters"]
        self.assertEqual((letter["message_id"], letter["reason"]), (str(uuid.UUID(bytes=hurried)), "delivery.expired"))
        self.run_until(lambda: "delivery_failed" in self.inbox(ccas), "its sender is told")


RENEWED = "valid_from = 2026-01-01\n"


class PartnerChangesItsKeyTest(relaisctl.Control):
    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.folder = self.broker.folder
        self.first = (self.folder / "network/institutions" / f"{CAF}.toml").read_text()
        self.broker.start()
        self.broker.apply_network()
        self.ccas, self.caf = named_people(self.broker, CCAS), named_people(self.broker, CAF)
        self.settings = (self.folder / f"{CAF}.toml").read_text()
        for office in (self.ccas, self.caf):
            office.start()
            self.addCleanup(office.kill)
        self.wait_for(lambda: self.ccas.ready() and self.caf.ready(), "the folders")
        self.arrived = []

    def put_in_force(self, version, institution):
        """As the authority does; no program is started anew."""
        network = self.folder / "network/network.toml"
        network.write_text(re.sub(r"(?m)^version = \d+$", f"version = {version}", network.read_text()))
        (self.folder / "network/institutions" / f"{CAF}.toml").write_text(institution)
        self.broker.sign_network()
        done = self.control("network", "apply", self.folder / "network.signed", "--operator", "anne",
                            "--reason", "the CAF renews its keys", "--data", self.folder / "data")
        self.assertEqual(done["version"], version)
        self.wait_for(lambda: f'event="network definition in use" version={version}' in self.ccas.log(), "the CCAS to know it")

    def request(self, name):
        self.ccas.drop([("Numero", "Nom"), (name, name)])

    def received(self, name):
        """Once, and nothing else."""
        def look():
            self.arrived += [row["Nom"] for row in self.caf.take()]
            return name in self.arrived
        self.wait_for(look, f"{name} at the CAF\n{self.caf.log()[-2000:]}")

    def waiting(self):
        return sum(row["real"]["queued"] for row in self.broker.get("/api/v1/queues")["queues"] if row["institution"] == CAF)

    def turned_away(self):
        """Connections with an unknown key."""
        with urllib.request.urlopen(self.broker.url("/metrics"), timeout=60) as answer:
            return float(re.search(r"(?m)^relais_handshakes_refused_total (\S+)$", answer.read().decode())[1])

    def caf_with(self, change):
        """Its adapter again, with other keys."""
        (self.folder / f"{CAF}.toml").write_text(change(self.settings))
        self.caf.start()

    def test_old_and_new_overlap_nothing_is_lost_and_the_old_one_opens_nothing_any_more(self):
        self.request("AVANT")
        self.received("AVANT")
        self.caf.kill()
        self.request("SCELLE-POUR-L-ANCIENNE")
        self.wait_for(lambda: self.waiting() == 1, "a message sealed for the old key")

        keys = control("keys", "institution", "--id", CAF, "--number", "2", self.folder / "keys-2")
        public = keys[keys.index("[[institution."):]
        public = re.sub(r"(?m)^(key = .*)$", r"\1\n" + RENEWED.strip(), public)
        self.put_in_force(2, self.first + public)
        self.request("SCELLE-POUR-LA-NOUVELLE")
        self.wait_for(lambda: self.waiting() == 2, "a message sealed for the new key")

        old = {use: str(next((self.folder / "keys").glob(f"{CAF}.{use}*.key"))) for use in ("transport", "signing", "sealing")}
        new = {use: str(next((self.folder / "keys-2").glob(f"{CAF}.{use}*.key"))) for use in old}
        both = {use: f'"{old[use]}", "{new[use]}"' for use in old}

        def overlapping(text):
            text = text.replace(old["transport"], new["transport"])
            return text.replace(f'"{old["signing"]}"', both["signing"]).replace(f'"{old["sealing"]}"', both["sealing"])

        self.caf_with(overlapping)
        self.received("SCELLE-POUR-L-ANCIENNE")
        self.received("SCELLE-POUR-LA-NOUVELLE")

        def renewed(text):
            for use in old:
                text = text.replace(old[use], new[use])
            return text

        # While both are in the definition, senders use the newer one: the other one's secret half is no longer needed.
        self.caf.kill()
        self.caf_with(renewed)
        self.request("SANS-L-ANCIENNE")
        self.received("SANS-L-ANCIENNE")
        self.put_in_force(3, self.first[:self.first.index("[[institution.")] + public)
        self.request("APRES")
        self.received("APRES")
        self.assertEqual(self.arrived, ["AVANT", "SCELLE-POUR-L-ANCIENNE", "SCELLE-POUR-LA-NOUVELLE", "SANS-L-ANCIENNE", "APRES"])
        letters = self.control("dead", "list", "--data", self.folder / "data")["dead_letters"]
        self.assertEqual(letters, [])

        self.caf.kill()
        shutil.rmtree(self.folder / f"files-{CAF}-data")  # nothing of the definitions that it knew
        sessions = self.broker.log().count("session opened")
        refused = self.turned_away()
        self.caf_with(lambda text: text)
        self.wait_for(lambda: self.turned_away() > refused, "the old key at the door")
        self.assertEqual(self.broker.log().count("session opened"), sessions)


class ReferralIsMissingTest(two_offices.TwoOffices):
    def asking(self, *words):
        return self.control(*words, "--data", self.broker.folder / "data")

    def refusing(self, *words):
        return self.refused(*words, "--data", self.broker.folder / "data")

    def ids_of(self, adapter, referral):
        message, = adapter.store.db.execute("select message_id from outbox where referral_id = ?", (referral,)).fetchone()
        return str(uuid.UUID(bytes=message)), str(uuid.UUID(bytes=referral))

    def test_what_never_left_its_sender_is_known_to_nobody_else_and_found_when_it_comes(self):
        ccas = self.adapter(CCAS, role=roles.Asking)
        self.ready(ccas)
        self.stop_broker()
        message, referral = self.ids_of(ccas, self.ask(ccas, CAF, "Égarée"))
        self.adapters.pop(CCAS).close(bye=False)
        self.broker.start()
        self.assertEqual(self.refusing("referral", referral), "not.found")
        self.assertEqual(self.refusing("trace", message), "not.found")
        known = self.asking("find", message)
        self.assertEqual((known["message"], known["referral"]), (False, False))

        ccas = self.adapter(CCAS, role=roles.Asking)
        self.assertEqual([state for _, state, _ in self.outbox(ccas)], ["waiting"], "its sender still has it")
        self.run_until(lambda: self.idle(ccas), "the receipt")
        self.assertEqual(self.asking("referral", referral)["status"], "requested")
        self.assertEqual([one["state"] for one in self.asking("trace", message)["deliveries"]], ["queued"])

    def test_what_the_broker_refused_is_known_to_its_sender_with_the_reason(self):
        ccas = self.adapter(CCAS, role=roles.Asking)
        self.ready(ccas)
        with ccas.store.transaction():
            referral = os.urandom(16)
            ccas.submit("referral_requested", [CAF], os.urandom(16), referral, "housing", contents=[(1, person("Refusée"))])
        message, referral = self.ids_of(ccas, referral)
        self.run_until(lambda: self.idle(ccas), "the refusal")
        (_, state, code), = self.outbox(ccas)
        self.assertEqual((state, code), ("refused", "purpose.unknown"))
        self.assertEqual(self.refusing("referral", referral), "not.found")
        self.assertEqual(self.refusing("trace", message), "not.found")
        # The broker's own counts are told a moment later.
        self.run_until(lambda: {row["code"]: row["count"] for row in self.asking("status")["refusals"]} == {"purpose.unknown": 1},
                       "the broker to count it")

    def test_what_came_after_the_backup_that_was_restored_is_missing_and_what_came_before_is_there(self):
        data, backups = self.broker.folder / "data", self.broker.folder / "backups"
        ccas = self.adapter(CCAS, role=roles.Asking)
        self.ready(ccas)
        before = self.ids_of(ccas, self.ask(ccas, CAF, "Avant"))
        self.run_until(lambda: self.idle(ccas), "the first receipt")
        self.asking("backup", "create", "--to", backups, "--operator", "anne", "--reason", "nightly copy")
        after = self.ids_of(ccas, self.ask(ccas, CAF, "Après"))
        self.run_until(lambda: self.idle(ccas), "the second receipt")
        self.assertEqual(self.asking("referral", after[1])["status"], "requested")

        self.broker.kill()
        shutil.rmtree(data / "store")
        self.control("restore", "--from", backups, "--data", data)
        self.broker.start()
        self.assertEqual(self.asking("referral", before[1])["status"], "requested")
        self.assertEqual(self.asking("trace", before[0])["sender"], CCAS)
        self.assertEqual(self.refusing("referral", after[1]), "not.found")
        self.assertEqual(self.refusing("trace", after[0]), "not.found")


if __name__ == "__main__":
    unittest.main()
