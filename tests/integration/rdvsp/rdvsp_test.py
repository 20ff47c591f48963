"""Referrals of a CCAS become people and invitations in RDV Service Public, and the appointments made there come back,
through a real relaisd, whatever the webhooks repeat, reorder or forget."""

import hashlib
import hmac
import json
import os
import subprocess
import time
import unittest
import urllib.error
import urllib.request

import generated  # noqa: F401  (makes the protocol importable)
from relais.v1 import common_pb2, content_pb2

import roles
from broker_process import BIN, BrokerProcess, free_port
from counterpart import DOCUMENT, Counterpart
from relais_adapter import Adapter, Settings

# What the shipped mapping makes of a motif.
SERVICE = """
[[service]]
id = "accompagnement-social"
institution = "caf-25"
name = "Accompagnement social"
"""
CCAS, MDS, PURPOSE = "ccas-25056", "caf-25", "access_to_rights"
PATIENCE_S = 120.0
SECRET = "a shared secret, long enough"
TOKEN = "token-of-the-tests-for-rdvsp"
STARTS, ENDS = "2099-12-01 10:00:00 +0100", "2099-12-01 10:45:00 +0100"

SETTINGS = """
[rdvsp]
listen = "127.0.0.1:{port}"
[[exchange]]
institution = "{institution}"
token_files = ["rdvsp.token"]
secret_files = ["rdvsp.secret"]
organisations = ["309"]
mapping = "{mapping}"
walk_every = "1d"
[exchange.api]
url = "http://127.0.0.1:{counterpart}"
email = "martine@demo.rdv-solidarites.fr"
password_file = "rdvsp.password"
timeout = "5s"
"""


class Rdvsp:
    """relais-rdvsp, and those who speak to it: RDV Service Public's webhooks and the institution's people."""

    def __init__(self, broker, counterpart):
        self.port = free_port()
        self.folder = broker.folder
        self.process = None
        self._log = broker.folder / "rdvsp.log"
        self._config = broker.folder / "rdvsp.toml"
        for name, text in (("token", TOKEN), ("secret", SECRET), ("password", "un mot de passe")):
            (broker.folder / f"rdvsp.{name}").write_text(text)
            (broker.folder / f"rdvsp.{name}").chmod(0o600)
        mapping = generated.PROTO.parent / "config" / "mappings" / "rdvsp.toml"
        self._config.write_text(broker.settings("rdvsp", [MDS]) + SETTINGS.format(
            port=self.port, institution=MDS, mapping=mapping, counterpart=counterpart.port))

    def check(self):
        return subprocess.run([BIN / "relais-rdvsp", "--check", self._config], capture_output=True, text=True)

    def start(self):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen([BIN / "relais-rdvsp", self._config], stderr=log, stdout=log)
        until = time.monotonic() + PATIENCE_S
        while self.ask("GET", "/v1/status")[0] != 200:
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("relais-rdvsp did not start:\n" + self.log())
            time.sleep(0.05)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self):
        return self._log.read_text()

    def ask(self, method, path, body=None, headers=None):
        """(status, body); (0, None) when nothing answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method,
                                         headers=headers or {"Authorization": f"Bearer {TOKEN}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())
        except OSError:
            return 0, None

    def hook(self, data, event="updated", at="2026-11-26 10:00:00 +0100", reason=None, secret=SECRET, model="Rdv"):
        body = json.dumps({"data": data, "meta": {"model": model, "event": event, "webhook_reason": reason,
                                                  "timestamp": at}}, ensure_ascii=False).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.ask("POST", f"/v1/webhooks/{MDS}", body,
                        {"Content-Type": "application/json; charset=utf-8", "X-Lapin-Signature": signature})

    def walk(self):
        return self.ask("GET", "/v1/status")[1]["walk"]

    def problems(self):
        return [one["code"] for one in self.ask("GET", "/v1/problems")[1]["problems"]]


@unittest.skipUnless(DOCUMENT.exists(), f"the OpenAPI document of RDV Service Public is not here: {DOCUMENT}")
class RdvspTest(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess([CCAS, MDS])
        self.addCleanup(self.broker.close)
        services = self.broker.folder / "network" / "services"
        services.mkdir()
        (services / "mds.toml").write_text(SERVICE)
        self.broker.sign_network()
        self.broker.start()
        self.broker.apply_network()
        self.counterpart = Counterpart(self.broker.folder)
        self.addCleanup(self.counterpart.stop)
        self.rdvsp = Rdvsp(self.broker, self.counterpart)
        self.addCleanup(self.rdvsp.kill)
        checked = self.rdvsp.check()
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
        self.ccas = Adapter(Settings(
            institution=CCAS, endpoint=self.broker.endpoint, broker_key=self.broker.broker_key,
            authority_key=self.broker.authority_key, network="test", keys=self.broker.keys_of(CCAS),
            store=self.broker.folder / "ccas.sqlite"), roles.Asking())
        self.addCleanup(lambda: self.ccas.close(bye=False))
        self.until(lambda: self.ccas.network)

    def until(self, reached):
        end = time.monotonic() + PATIENCE_S
        while not (value := reached()):
            if time.monotonic() > end:
                self.fail(f"not in time; the CCAS was told {self.ccas.role.kinds()}\n{self.rdvsp.log()[-4000:]}\n"
                          f"{self.counterpart.log()[-2000:]}\n{self.broker.log()[-2000:]}")
            self.ccas.step(0.05)
        return value

    def refer(self):
        referral_id = os.urandom(16)
        person = content_pb2.Identity(family_name="CANARI", given_names="Camille", birth_date="1990-01-31", nationality="FR")
        person.identifiers.add(system="CANARI.system", value="CANARI")
        with self.ccas.store.transaction():
            self.ccas.role.ask(self.ccas, MDS, PURPOSE, os.urandom(16), referral_id, person)
        return referral_id

    def told(self, *kinds):
        """The CCAS was told these, in this order, and nothing more."""
        self.until(lambda: len(self.ccas.role.kinds()) >= len(kinds))
        self.assertEqual(list(kinds), self.ccas.role.kinds())

    def loses(self, *fields):
        """The log says once, with the mapping's reason, that this is not carried."""
        for field in fields:
            lines = [line for line in self.rdvsp.log().splitlines() if f"field={field} " in line]
            self.assertEqual(1, len(lines), (field, self.rdvsp.log()))
            self.assertNotIn("none given", lines[0])

    def silent(self):
        """No name of a person in what the program wrote."""
        for file in [self.rdvsp.folder / "rdvsp.log", *(self.rdvsp.folder / "rdvsp-data").rglob("*")]:
            if file.is_file():
                self.assertNotIn(b"CANARI", file.read_bytes(), file)

    def test_a_referral_becomes_an_invitation_and_what_follows_it_comes_back(self):
        self.counterpart.start()
        self.rdvsp.start()
        self.refer()
        self.told("referral_received", "information_provided")
        note = self.ccas.role.seen[1][2][common_pb2.CATEGORY_NOTE]
        self.assertIn(f"http://127.0.0.1:{self.counterpart.port}/prendre_rdv?invitation_token={self.counterpart.token}",
                      note.text)

        self.loses("identity.nationality", "identity.identifiers")

        booked = {**self.counterpart.rdv(starts_at=STARTS, ends_at=ENDS), "CANARI": "x"}
        self.assertEqual(401, self.rdvsp.hook(booked, "created", secret="another secret, long enough")[0])
        self.assertEqual((200, {"messages": 2, "older": False}), self.rdvsp.hook(booked, "created"))
        self.assertEqual((200, {"messages": 0, "older": False}), self.rdvsp.hook(booked, "created"))
        self.assertEqual(200, self.rdvsp.hook({"id": 3}, model="Absence")[0])
        self.assertEqual(422, self.rdvsp.hook({**booked, "status": "CANARI"}, at="2026-11-26 10:00:01 +0100")[0])
        self.assertEqual(["word.unknown"], self.rdvsp.problems())
        so_far = ["referral_received", "information_provided", "referral_accepted", "appointment_booked"]
        self.told(*so_far)
        self.loses("/organisation/*", "/participations/*")
        self.assertIn("fields not carried that the mapping does not name", self.rdvsp.log())

        moved = self.counterpart.rdv(starts_at="2099-12-02 10:00:00 +0100", ends_at="2099-12-02 10:45:00 +0100")
        excused = {**moved, "status": "excused",
                   "participations": [{**part, "status": "excused"} for part in moved["participations"]]}
        self.assertEqual(1, self.rdvsp.hook(moved, at="2026-11-26 11:00:00 +0100")[1]["messages"])
        self.assertEqual(1, self.rdvsp.hook(excused, at="2026-11-26 12:00:00 +0100")[1]["messages"])
        self.assertTrue(self.rdvsp.hook(moved, at="2026-11-26 11:30:00 +0100")[1]["older"])
        so_far += ["appointment_rescheduled", "appointment_cancelled"]
        self.told(*so_far)

        self.assertEqual(1, self.rdvsp.hook(excused, "destroyed", at="2028-11-26 12:00:00 +0100", reason="rgpd")[1]["messages"])
        self.told(*so_far, "rights_requested")
        self.silent()

    def test_what_was_missed_is_found_and_who_is_away_or_killed_loses_nothing(self):
        self.rdvsp.start()
        self.until(lambda: self.rdvsp.walk()["last_failure"] == "software.away")
        self.refer()
        self.until(lambda: "message not taken by the software" in self.rdvsp.log())
        self.rdvsp.kill()
        self.rdvsp.start()
        self.counterpart.start(self.counterpart.rdv(starts_at=STARTS, ends_at=ENDS))
        self.told("referral_received", "information_provided")
        before = self.rdvsp.walk()["walks"]
        self.assertEqual(202, self.rdvsp.ask("POST", "/v1/walk")[0])
        self.until(lambda: self.rdvsp.walk()["walks"] > before)
        so_far = ["referral_received", "information_provided", "referral_accepted", "appointment_booked"]
        self.told(*so_far)

        # Seen while nobody listened: the walk at the start finds it, and says nothing twice.
        self.rdvsp.kill()
        self.counterpart.start(self.counterpart.rdv(status="seen", starts_at=STARTS, ends_at=ENDS))
        self.rdvsp.start()
        self.told(*so_far, "appointment_arrived", "appointment_fulfilled")
        self.assertEqual([], self.rdvsp.problems())
        self.silent()


if __name__ == "__main__":
    unittest.main()
