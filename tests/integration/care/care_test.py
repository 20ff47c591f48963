"""Backup and restore under traffic, evidence for third parties, reconciliation and the support bundle: real programs."""

import base64
import csv
import json
import subprocess
import time
import unittest

import generated  # noqa: F401  (makes the protocol importable)
from relais.v1 import network_pb2

import relaisctl
from broker_process import BIN, BrokerProcess
from relais_crypto import Key
from traffic import CANARY, Traffic
from two_offices import CAF, CCAS


class CareTest(relaisctl.Control):
    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.folder = self.broker.folder
        self.data = self.folder / "data"
        self.backups = self.folder / "backups"
        self.broker.start()
        self.broker.apply_network()
        self.key = base64.b64encode(Key.read(self.folder / "broker.signing.key").public).decode()

    def back_up(self):
        return self.control("backup", "create", "--to", self.backups, "--data", self.data, "--operator", "anne",
                            "--reason", "nightly copy")

    def delivered(self):
        queues = self.control("queues", "--data", self.data)["queues"]
        return sum(queue["delivered"] for queue in queues if not queue["exercise"])

    def test_a_copy_taken_under_load_is_restored_verified_and_delivers(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 50, "traffic", traffic)
            made = [self.back_up()]
            self.wait_for(lambda: self.delivered() > 150, "more traffic", traffic)
            made.append(self.back_up())
            position = self.control("status", "--data", self.data)["position"]
        self.assertLessEqual(made[0]["records"], made[1]["records"])
        self.assertLessEqual(made[1]["records"], position)
        listed = self.control("backup", "list", "--from", self.backups)["backups"]
        self.assertEqual([(row["backup"], row["damaged"]) for row in listed], [(1, False), (2, False)])

        # Onto a running broker: no, and it goes on.
        self.assertEqual(self.refused("restore", "--from", self.backups, "--data", self.data), "restore.in_use")
        self.control("status", "--data", self.data)
        self.broker.kill()
        self.assertEqual(self.refused("restore", "--from", self.backups, "--data", self.data), "restore.not_empty")

        self.data.rename(self.folder / "lost")
        restored = self.control("restore", "--from", self.backups, "--data", self.data)
        self.assertEqual(restored["chain_hash"], made[1]["chain_hash"])
        verified = self.control("journal", "verify", "--data", self.data)
        self.assertEqual(verified["chain_hash"], restored["chain_hash"])

        self.broker.start()
        before = self.delivered()
        with Traffic(self.broker, store="-anew") as traffic:
            self.wait_for(lambda: self.delivered() > before + 50, "deliveries after the restore", traffic)

    def test_a_backup_cut_in_the_middle_is_refused(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 30, "traffic", traffic)
            self.back_up()
        files = [path for path in self.backups.rglob("*") if path.is_file() and path.stat().st_size > 1]
        for path in files:
            whole = path.read_bytes()
            path.write_bytes(whole[:len(whole) // 2])
            self.assertEqual(self.refused("backup", "verify", "--from", self.backups), "backup.damaged", path)
            self.assertEqual(self.refused("restore", "--from", self.backups, "--data", self.folder / "new"), "backup.damaged")
            path.write_bytes(whole)
        self.assertFalse((self.folder / "new").exists())
        self.control("backup", "verify", "--from", self.backups)
        self.assertEqual(self.refused("backup", "verify", "--from", self.backups, "--backup", 7), "backup.unknown")
        self.assertEqual(self.refused("backup", "create", "--to", self.folder, "--data", self.data, "--reason", "wrong"),
                         "input.invalid")

    def test_evidence_holds_with_the_public_key_alone_and_not_when_a_byte_is_changed(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 30, "traffic", traffic)
            report = self.control("report", "reconciliation", "--from", CCAS, "--to", CAF, "--data", self.data)
            self.back_up()
        message = next(line["message_id"] for line in report["messages"] if line["state"] == "delivered")
        bundle = self.folder / "evidence.json"
        source = ("--from", self.backups)
        self.control("audit", "export", message, "--to", bundle, *source)
        shown = self.control("audit", "verify", bundle, "--key", self.key)
        self.assertEqual((shown["message"], shown["sender"], shown["recipients"]), (message, CCAS, [CAF]))
        self.assertEqual([step["event"] for step in shown["steps"]], ["message_accepted", "delivery_settled"])
        self.assertEqual(self.refused("audit", "export", message, "--to", bundle, *source), "io.failed")

        content = bundle.read_bytes()
        self.assertNotIn(CANARY.encode(), content)
        self.assertNotIn(CANARY.encode(), b"".join(base64.b64decode(r["record"]) for r in json.loads(content)["records"]))
        step = max(1, len(content) // 60)
        for at in [0, *range(3, len(content), step), len(content) - 1]:
            bundle.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
            self.assertEqual(self.refused("audit", "verify", bundle, "--key", self.key), "evidence.invalid", at)
        bundle.write_bytes(content[:-20])
        self.assertEqual(self.refused("audit", "verify", bundle, "--key", self.key), "evidence.invalid")
        bundle.write_bytes(content)
        other = base64.b64encode(Key.read(self.folder / "authority.key").public).decode()
        self.assertEqual(self.refused("audit", "verify", bundle, "--key", other), "evidence.invalid")
        self.control("audit", "verify", bundle, "--key", other, "--key", self.key)

        for where in (source, ("--data", self.data)):
            if where != source:
                self.stop_broker()
            audit = self.control("audit", "verify", "--key", self.key, *where)
            self.assertGreater(audit["signatures"], 0)
            self.assertEqual([(a["operator"], a["action"], a["reason"]) for a in audit["actions"]],
                             [("test", "network.apply", "the test begins"), ("anne", "backup.create", "nightly copy")])
            self.assertEqual(self.refused("audit", "verify", "--key", other, *where), "evidence.invalid")
        self.assertEqual(audit["signed_until"], audit["records"])

    def test_a_running_broker_tells_relaisctl_what_it_tells_the_console(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 60, "traffic", traffic)
            self.back_up()
            there = ("--data", self.data)
            overview = self.control("overview", *there)
            self.assertEqual({row["id"] for row in overview["institutions"]}, {CCAS, CAF})
            self.assertIn("overdue", overview)
            shown = self.control("institution", CAF, *there)
            self.assertEqual([row["connected"] for row in shown["adapters"]], [True])
            self.assertEqual({row["use"] for row in shown["keys"]}, {"transport", "signing", "sealing"})
            self.assertEqual(self.refused("institution", "nobody", *there), "not.found")

            found = self.control("messages", *there, "--kind", "referral_requested", "--state", "delivered", "--most", 3)
            self.assertEqual((len(found["messages"]), found["more"]), (3, True))
            message = found["messages"][0]
            under = self.control("messages", *there, "--agreement", message["agreement"], "--most", 3)
            self.assertEqual({row["agreement"] for row in under["messages"]}, {message["agreement"]})
            self.assertEqual(self.control("messages", *there, "--agreement", "nobodys")["count"], 0)
            self.assertEqual(message["deliveries"], [f"{CAF}: delivered"])
            of_referral = self.control("messages", *there, "--referral", message["referral_id"])
            self.assertIn(message["message_id"], [row["message_id"] for row in of_referral["messages"]])
            log = self.control("delivery-log", CAF, *there, "--most", 600)
            self.assertEqual({row["direction"] for row in log["entries"]}, {"sent", "received"})
            self.assertGreater(len(log["entries"]), 50)
            known = self.control("find", message["message_id"], *there)
            self.assertEqual((known["message"], known["referral"]), (True, False))
            opened = self.control("referrals", *there)
            self.assertEqual(opened["count"], len(opened["referrals"]))
            self.assertEqual(self.refused("messages", *there, "--kind", "nonsense"), "input.invalid")
            self.assertEqual(self.refused("messages", *there, "--since", "2026-02-31"), "input.invalid")
            agreements = self.control("agreements", *there)
            self.assertIn(f"{CCAS} > {CAF}", agreements["agreements"][0]["directions"])
            self.assertGreater(agreements["agreements"][0]["messages"], 60)
            self.assertTrue(agreements["agreements"][0]["last_at"])

            acts = self.control("audit", "list", *there)["acts"]
            self.assertEqual([(row["operator"], row["action"]) for row in acts],
                             [("anne", "backup.create"), ("test", "network.apply")])
            self.assertEqual(acts[1]["about"], f"network version {agreements['network_version']}")
            self.assertEqual(len(self.control("audit", "list", *there, "--operator", "anne")["acts"]), 1)
            self.assertTrue(self.control("audit", "chain", *there)["verified"])

            bundle = self.folder / "running.json"
            self.control("audit", "export", message["message_id"], "--running", "--to", bundle, *there)
            proof = self.control("audit", "verify", bundle, "--key", self.key)
            self.assertEqual((proof["message"], proof["sender"]), (message["message_id"], CCAS))

            none = self.control("dead", "requeue-many", "--dry-run", "--recipient", CAF, *there)
            self.assertEqual(none["matching"], 0)
            self.assertEqual(self.run_control("dead", "discard-many", *there).returncode, 2, "a reason is asked for")

    def test_a_network_definition_is_tried_before_it_is_applied(self):
        there = ("--data", self.data)
        in_force = self.control("network", "show", *there)
        self.assertEqual({row["id"] for row in in_force["institutions"]}, {CCAS, CAF})
        signed = self.folder / "network.signed"
        looked = self.run_control("network", "apply", signed, "--dry-run", *there)
        self.assertEqual(looked.returncode, 1, looked.stdout + looked.stderr)
        tried = json.loads(looked.stdout)
        self.assertEqual((tried["present"], tried["authentic"], tried["acceptable"]), (tried["version"], True, False))
        network = network_pb2.SignedNetwork.FromString(signed.read_bytes())
        definition = network_pb2.NetworkDefinition.FromString(network.definition)
        definition.agreements[0].directions[0].to = "nobody"
        definition.institutions[0].mission = "none"
        network.definition = definition.SerializeToString()
        faulty = self.folder / "faulty.signed"
        faulty.write_bytes(network.SerializeToString())
        for words in (("--dry-run",), ("--reason", "in haste")):
            said = self.run_control("network", "apply", faulty, *words, *there)
            self.assertEqual(said.returncode, 1, said.stdout + said.stderr)
            self.assertGreaterEqual(len(json.loads(said.stdout)["violations"]), 2, "all at once")
        self.assertEqual(self.refused("network", "apply", signed, "--reason", "again", *there), "network.not_newer")

    def test_reconciliation_counts_and_compares(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 60, "traffic", traffic)
        words = ("report", "reconciliation", "--from", CCAS, "--to", CAF, "--data", self.data)
        report = self.control(*words)
        self.assertEqual(report["count"], len(report["messages"]))
        self.assertEqual(report["count"], sum(row["count"] for row in report["counts"]))
        requests = [line for line in report["messages"] if line["kind"] == "referral_requested"]
        self.assertEqual(len({line["message_id"] for line in requests}), len(requests))
        self.assertLessEqual(len(requests), len(traffic.asked))
        self.assertGreater(len(requests), 3)

        noted = self.folder / "noted"
        ids = [line["message_id"] for line in report["messages"]]
        stranger = "00000000-0000-4000-8000-000000000001"
        noted.write_text("\n".join([*ids[1:], stranger]) + "\n")
        compared = self.control(*words, "--compare", noted)
        self.assertEqual({(row["message_id"], row["only"]) for row in compared["differences"]},
                         {(ids[0], "broker"), (stranger, "file")})
        noted.write_text("not an id\n" + ids[0] + "\n?\n")
        bad = self.run_control(*words, "--compare", noted)
        self.assertEqual(bad.returncode, 1)
        self.assertIn("line 1, 3", bad.stdout)

        table = subprocess.run([BIN / "relaisctl", *map(str, words), "--csv"], capture_output=True, text=True, check=True)
        rows = list(csv.DictReader(table.stdout.splitlines()))
        self.assertEqual([row["message_id"] for row in rows], ids)
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 3 * 86400))
        self.assertEqual(self.control(*words, "--until", today)["count"], 0)
        self.assertEqual(self.control(*words, "--since", today)["count"], report["count"])
        self.assertEqual(self.refused(*words, "--since", "2026-02-31"), "input.invalid")
        self.assertEqual(self.refused(*words, "--since", "yesterday at noon"), "input.invalid")

    def test_a_self_test_times_who_is_there_and_names_who_is_not(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 20, "traffic", traffic)
            words = ("self-test", "--data", self.data, "--operator", "anne", "--reason", "Monday morning")
            test = self.control(*words, "--wait", 60)
            self.assertEqual({row["institution"] for row in test["institutions"]}, {CCAS, CAF})
            for row in test["institutions"]:
                self.assertEqual(row["state"], "delivered")
                self.assertLess(row["round_trip_ms"], 60_000)
            self.assertEqual(self.control("trace", test["message_id"], "--data", self.data)["kind"], "connection_tested")
            self.assertEqual(self.refused(*words, "nobody"), "input.invalid")
            self.assertEqual(self.refused(*words, CAF, CAF), "input.invalid")
            retention = self.control("retention", "--data", self.data)
            self.assertTrue(retention["complete"])
            self.assertEqual(self.control("orphans", "--data", self.data, "--institution", CAF)["count"], 0)
            self.assertEqual(self.control("rights", "--data", self.data)["requests"], [])
        absent = self.run_control(*words, CAF, "--wait", 0)
        self.assertEqual(absent.returncode, 1, absent.stdout + absent.stderr)
        self.assertEqual([row["state"] for row in json.loads(absent.stdout)["institutions"]], ["queued"])

    def test_the_support_bundle_shows_no_person_no_key_and_no_path(self):
        with Traffic(self.broker) as traffic:
            self.wait_for(lambda: self.delivered() > 20, "traffic", traffic)
        self.control("backup", "create", "--to", self.backups, "--data", self.data, "--operator", CANARY, "--reason", CANARY)
        secrets = []
        for path in self.folder.rglob("*.key"):
            secrets += [line.split('"')[1] for line in path.read_text().splitlines() if line.startswith(("secret", "public"))]
        settings = self.folder / "relaisd.toml"
        settings.write_text(settings.read_text() + f'[{CANARY}]\nname = "{CANARY}"\n[log]\nlevel = "{secrets[0]}"\n')
        log = self.folder / "relaisd.log"
        with open(log, "a") as more:
            more.write(f"{CANARY} is no line of ours\n"
                       f'time=2026-01-01T00:00:00.000Z level=error program=relaisd event="{CANARY} 1" why="{CANARY}"\n'
                       f'time=2026-01-01T00:00:00.000Z level=error program=relaisd event="can not open" code=io.failed '
                       f'institution="{secrets[0]}" why="{CANARY}"\n')
        for name, data in (("running.json", self.data), ("stopped.json", self.folder / "nowhere")):
            to = self.folder / name
            self.control("support-bundle", "--data", data, "--config", settings, "--log", log, "--to", to)
            text = to.read_text()
            self.assertEqual(to.stat().st_mode & 0o777, 0o600)
            bundle = json.loads(text)
            self.assertEqual(bundle["settings"]["admin"]["port"], self.broker.admin_port)
            self.assertEqual(bundle["settings"]["log"]["level"], "(set)")
            self.assertGreater(len(bundle["log"]["lines"]), 2)
            self.assertEqual(bundle["log"]["lines_not_ours"], 1)
            self.assertEqual(bundle["broker"] is None, name == "stopped.json")
            if bundle["broker"]:
                self.assertIn("relais_", bundle["broker"]["metrics"])
                self.assertEqual(bundle["broker"]["status"]["version"], bundle["relaisctl"])
            for forbidden in [CANARY, "Camille", str(self.folder), self.broker.token, *secrets]:
                self.assertNotIn(forbidden, text)
        self.assertEqual(self.refused("support-bundle", "--data", self.data, "--to", to), "io.failed")
        self.broker.kill()
        written = self.control("support-bundle", "--data", self.data, "--to", self.folder / "killed.json")
        self.assertIs(written["broker_answered"], False, "its address is still there")


if __name__ == "__main__":
    unittest.main()
