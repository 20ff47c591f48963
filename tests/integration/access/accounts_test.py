"""Local accounts from relaisctl to a running broker: made, used, changed, taken away; TLS; what relaisd refuses to start
with; and nothing secret in what it writes."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

import generated  # noqa: F401  (makes the protocol importable)

from broker_process import BIN, BrokerProcess, free_port
from visitor import Visitor, certificate, totp

PASSWORD = "cheval correct agrafe"
OTHER = "autre phrase secrète"


class AccountsTest(unittest.TestCase):
    def setUp(self):
        self.broker = BrokerProcess(["ccas-25056", "caf-25"])
        self.addCleanup(self.broker.close)
        self.folder = self.broker.folder
        self.data = self.folder / "data"
        self.data.mkdir()

    def account(self, *arguments, password="", code=0):
        signed = [] if arguments[0] == "list" else ["--operator", "Dominique", "--reason", "a test"]
        done = subprocess.run([BIN / "relaisctl", "--json", "account", *arguments, *signed, "--data", self.data], text=True,
                              input=password + "\n", capture_output=True)
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def account_of_a_first_day(self, *arguments):
        """Made while the broker listens on this machine alone; it is ended then."""
        self.broker.start()
        self.account(*arguments, password=PASSWORD)
        self.broker.process.terminate()
        self.assertEqual(0, self.broker.process.wait(60))

    def settings(self, admin, access=""):
        text = re.sub(r"\[admin\]\nport = \d+\n", f"[admin]\n{admin}\n{access}\n",
                      (self.folder / "relaisd.toml").read_text())
        (self.folder / "other.toml").write_text(text)
        return self.folder / "other.toml"

    def faults(self, *settings):
        done = subprocess.run([BIN / "relaisd", "--check", "--config", self.settings(*settings)], capture_output=True, text=True)
        return done.stderr if done.returncode else ""

    def test_an_account_is_made_used_changed_and_taken_away(self):
        self.assertEqual("io.failed", self.account("list", code=1)["refused"]["code"], "no broker, nobody to ask")
        self.broker.start()
        self.broker.apply_network()
        self.assertIn("12 characters", self.account("add", "camille", "--role", "operator", password="short", code=1)
                      ["refused"]["english"])
        made = self.account("add", "camille", "--role", "operator", "--totp", password=PASSWORD)
        secret = re.search(r"secret=([A-Z2-7]{32})&", made["totp"])[1]
        self.account("add", "camille", "--role", "auditor", password=PASSWORD, code=1)
        self.account("add", "Camille!", "--role", "auditor", password=PASSWORD, code=1)
        self.account("add", "caf", "--role", "partner", password=PASSWORD, code=1)
        for institution in ("caf\t25", "caf\"25", "c" * 64):
            self.account("add", "caf", "--role", "partner", "--institution", institution, password=PASSWORD, code=1)
        self.account("add", "caf", "--role", "auditor", password="x" * 513, code=1)
        self.account("add", "caf", "--role", "partner", "--institution", "caf-25", password=PASSWORD)
        file = self.data / "accounts.toml"
        self.assertEqual(0o600, file.stat().st_mode & 0o777)
        self.assertNotIn(PASSWORD, file.read_text())
        camille = Visitor(self.broker.url(""))
        self.assertEqual("access.login_needed", camille.get("/api/v1/status").code)
        self.assertEqual("access.login_failed", camille.log_in("camille", PASSWORD).code)
        code = totp(secret)
        self.assertEqual("operator", camille.log_in("camille", PASSWORD, code).json["role"])
        self.assertEqual(200, camille.get("/api/v1/status").status)
        self.assertEqual("access.not_allowed", camille.post("/api/v1/network", {}).code)
        self.assertEqual("access.login_failed", Visitor(self.broker.url("")).log_in("camille", PASSWORD, code).code,
                         "a code is good once")
        partner = Visitor(self.broker.url(""))
        partner.log_in("caf", PASSWORD)
        self.assertEqual("caf-25", partner.get("/api/v1/delivery-log").json["institution"])
        self.assertEqual("access.not_allowed", partner.get("/api/v1/overview").code)
        self.assertEqual("access.not_allowed", partner.get("/api/v1/delivery-log?institution=ccas-25056").code)
        self.account("password", "caf", password=OTHER)
        self.assertEqual("access.login_needed", partner.get("/api/v1/delivery-log").code, "its sessions are over")
        self.assertEqual(200, partner.log_in("caf", OTHER).status)
        self.account("totp", "camille", "--off")
        self.assertEqual(200, camille.log_in("camille", PASSWORD).status)
        self.account("role", "camille", "--role", "auditor")
        self.assertEqual("access.login_needed", camille.get("/api/v1/status").code)
        self.assertEqual("auditor", camille.log_in("camille", PASSWORD).json["role"])
        listed = self.account("list")["accounts"]
        self.assertEqual([("camille", "auditor", False, 1), ("caf", "partner", False, 1)],
                         [(one["name"], one["role"], one["second_factor"], one["sessions"]) for one in listed])
        self.account("sign-out", "camille")
        self.assertEqual("access.login_needed", camille.get("/api/v1/status").code)
        self.assertEqual(200, camille.log_in("camille", PASSWORD).status)
        self.account("disable", "camille")
        self.assertEqual("access.login_needed", camille.get("/api/v1/status").code)
        self.assertEqual("access.login_failed", camille.log_in("camille", PASSWORD).code)
        self.assertEqual([True, False], [one["disabled"] for one in self.account("list")["accounts"]])
        self.account("enable", "camille")
        self.assertEqual(200, camille.log_in("camille", PASSWORD).status)
        self.account("remove", "camille")
        self.assertEqual("access.login_needed", camille.get("/api/v1/status").code)
        self.account("remove", "camille", code=1)
        self.assert_journaled()
        self.assertEqual(0, subprocess.run([BIN / "relaisctl", "status", "--data", self.data], capture_output=True).returncode,
                         "root's way in is as it was")
        log = self.broker.log()
        self.assertIn("logged in", log)
        for word in (PASSWORD, OTHER, code, secret, self.broker.token, "camille", camille.csrf, *partner.cookies.values()):
            self.assertNotIn(word, log)

    def assert_journaled(self):
        """Who changed which account, and why; of what was refused nothing. """
        told = subprocess.run([BIN / "relaisctl", "--json", "audit", "list", "--data", self.data], text=True, capture_output=True)
        acts = [act for act in reversed(json.loads(told.stdout)["acts"]) if act["action"].startswith("account.")]
        self.assertEqual([("add", "camille"), ("add", "caf"), ("password", "caf"), ("second_factor", "camille"), ("role", "camille"),
                          ("sign_out", "camille"), ("disable", "camille"), ("enable", "camille"), ("remove", "camille")],
                         [(act["action"].removeprefix("account."), act["about"].removeprefix("account ")) for act in acts])
        self.assertEqual({("Dominique", "a test")}, {(act["operator"], act["reason"]) for act in acts})
        for secret in (PASSWORD, OTHER):
            self.assertNotIn(secret, told.stdout)

    def test_with_tls_the_port_is_for_sessions_and_relaisctl_has_its_own(self):
        self.account_of_a_first_day("add", "camille", "--role", "auditor")
        files = certificate(self.folder)
        port = free_port()
        self.settings(f'port = {port}\ntls_certificate = "tls.crt"\ntls_key = "tls.key"')
        (self.folder / "other.toml").rename(self.folder / "relaisd.toml")
        with open(self.folder / "relaisd.log", "ab") as log:
            self.broker.process = subprocess.Popen([BIN / "relaisd", "--config", self.folder / "relaisd.toml"], stderr=log)
        visitor = Visitor(f"https://localhost:{port}", files[0])
        self.until(lambda: visitor.get("/health").status == 200)
        answer = visitor.log_in("camille", PASSWORD)
        self.assertEqual(200, answer.status)
        self.assertRegex(answer.headers["Set-Cookie"], r"^__Host-relais-session=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; Secure$")
        self.assertEqual("max-age=31536000", answer.headers["Strict-Transport-Security"])
        self.assertTrue(answer.headers["Content-Security-Policy"].startswith("default-src 'self'"))
        self.assertEqual(200, visitor.get("/api/v1/audit").status)
        self.assertEqual(200, visitor.get("/metrics").status)
        stranger = Visitor(visitor.address, files[0])
        self.assertEqual("access.login_needed", stranger.get("/metrics").code)
        by_token = {"Authorization": f"Bearer {self.broker.token}"}
        self.assertEqual("access.login_needed", stranger.get("/api/v1/status", by_token).code)
        self.assertNotEqual(0, subprocess.run(["openssl", "s_client", "-tls1_1", "-connect", f"localhost:{port}"],
                                              stdin=subprocess.DEVNULL, capture_output=True).returncode)
        self.assertTrue((self.data / "admin.address").read_text().startswith("http://127.0.0.1:"))
        self.assertEqual(0, subprocess.run([BIN / "relaisctl", "status", "--data", self.data], capture_output=True).returncode)

    def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(self):
        self.account_of_a_first_day("add", "camille", "--role", "auditor")
        certificate(self.folder)
        subprocess.run(["openssl", "pkey", "-in", "tls.key", "-aes256", "-passout", "pass:secret", "-out", "locked.key"],
                       cwd=self.folder, check=True)
        (self.folder / "locked.key").chmod(0o600)
        settings = self.settings(f'port = {free_port()}\ntls_certificate = "tls.crt"\ntls_key = "locked.key"')
        child, terminal = pty.fork()  # with a terminal that OpenSSL could ask at
        if child == 0:
            os.execv(BIN / "relaisd", ["relaisd", "--config", str(settings)])
        said = b""
        try:
            while ready := select.select([terminal], [], [], 60)[0]:
                said += os.read(terminal, 4096)
        except OSError:  # the program has ended
            pass
        if not ready:
            os.kill(child, signal.SIGKILL)
        self.assertEqual(1, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said)
        self.assertIn(b"key.invalid", said)
        self.assertNotIn(b"pass phrase", said)

    def until(self, reached):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if reached():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        self.fail("not in time\n" + self.broker.log()[-2000:])

    def test_what_would_leave_a_door_open_is_a_fault_of_the_settings(self):
        certificate(self.folder)
        tls = 'tls_certificate = "tls.crt"\ntls_key = "tls.key"'
        self.assertEqual("", self.faults("port = 5580"))
        both = self.faults('host = "192.0.2.1"')
        self.assertIn("host is open to other machines without TLS", both)
        self.assertIn("nobody can log in", both)
        self.account_of_a_first_day("add", "camille", "--role", "auditor")
        self.assertIn("without TLS", self.faults('host = "192.0.2.1"'))
        self.assertEqual("", self.faults(f'host = "192.0.2.1"\n{tls}'))
        self.assertIn("tls_key is missing", self.faults('tls_certificate = "tls.crt"'))
        for address in ("relais.example.org", "https://Relais.example.org", "https://relais.example.org:443", "https://"):
            self.assertIn("public_address is not an address", self.faults(f'public_address = "{address}"'))
        self.assertEqual("", self.faults('public_address = "https://relais.example.org:8443"'))
        self.assertIn("without TLS", self.faults('host = "127.example.org"'))
        self.assertIn("behind_proxy is not for this host", self.faults(f'host = "192.0.2.1"\nbehind_proxy = true\n{tls}'))
        self.assertIn("session_most", self.faults("", '[access]\nsession_idle = "2h"\nsession_most = "1h"'))
        (self.data / "accounts.toml").chmod(0o644)
        self.assertIn("mode 0644", self.faults("port = 5580"))


if __name__ == "__main__":
    unittest.main()
