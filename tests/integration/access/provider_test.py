"""Logging in by a real provider of identities (npm oidc-provider), over TLS that is verified, set up as ProConnect is: acr,
userinfo as a signed JWT, the secret in the body; and as others are."""

import re
import signal
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import generated  # noqa: F401  (makes the protocol importable)

from broker_process import BIN, BrokerProcess
from provider_stage import RETURN, SECRET, ProviderStage
from visitor import Visitor


class ProviderTest(unittest.TestCase):
    def begin(self, **settings):
        self.stage = ProviderStage(**settings)
        self.addCleanup(self.stage.close)
        self.broker = self.stage.broker
        self.browser = Visitor(self.broker.url(""))
        self.there = Visitor(self.stage.issuer, self.stage.certificate)

    def depart(self):
        """Where relaisd sends the browser."""
        answer = self.browser.get("/api/v1/login/provider")
        self.assertEqual(302, answer.status, answer.body)
        return answer.headers["Location"]

    def return_as(self, account, way=None):
        """Through the provider's pages, to the address that it sends the browser back to."""
        self.there.cookies = {}
        way = way or self.depart()
        for _ in range(6):
            if "/interaction/" in way:
                way += f"?account={account}"
            answer = self.there.get(way)
            self.assertIn(answer.status, (302, 303), answer.body)
            way = answer.headers["Location"]
            if way.startswith("/"):
                way = self.there.address + way
            if way.startswith(self.broker.url("")):
                return way
        self.fail(f"the provider did not send the browser back, but to {way}")

    def arrive(self, way):
        """The role and name of who got in, or the name of the fault."""
        answer = self.browser.get(way)
        self.assertEqual(302, answer.status, answer.body)
        here = answer.headers["Location"]
        if here != "/console/":
            self.assertFalse([name for name in self.browser.cookies if "session" in name])
            return here.removeprefix("/console/#/?refused=")
        session = self.browser.get("/api/v1/session").json
        self.browser.csrf = session["csrf"]
        return session["role"], session["name"]

    def log_in(self, account):
        self.browser.cookies = {}
        return self.arrive(self.return_as(account))

    def logged(self, *words):
        """The last line of the log that says why somebody was not let in."""
        line = [line for line in self.broker.log().splitlines() if "login refused" in line][-1]
        for word in words:
            self.assertIn(word, line)

    def test_as_with_proconnect_claims_become_roles(self):
        self.begin()
        self.assertEqual({"name": "ProConnect"}, self.browser.get("/api/v1/login").json["provider"])
        way = self.depart()
        asked = {name: values[0] for name, values in parse_qs(urlsplit(way).query).items()}
        self.assertEqual(("code", "S256", "eidas1"), tuple(asked[name] for name in ("response_type", "code_challenge_method", "acr_values")))
        self.assertGreaterEqual(min(len(asked["state"]), len(asked["nonce"])), 32)
        self.assertEqual(("operator", "camille@ccas.example"), self.arrive(self.return_as("camille", way)))
        self.assertEqual(200, self.browser.get("/api/v1/overview").status)
        self.assertEqual(("partner", "caf@caf.example"), self.log_in("caf"))
        self.assertEqual("caf-25", self.browser.get("/api/v1/delivery-log").json["institution"])
        self.assertEqual("access.not_allowed", self.browser.get("/api/v1/overview").code)
        self.assertEqual("no_role", self.log_in("unknown"))
        self.logged("access.not_allowed")
        self.assertEqual("no_role", self.log_in("typed"), "an address that nobody confirmed gives no role")
        self.assertEqual("too_weak", self.log_in("weak"))
        self.assertEqual("declined", self.log_in("nobody-there"))
        self.logged("access.login_failed", "access_denied")
        log = self.broker.log()
        for word in (SECRET, asked["state"], asked["nonce"], "camille", "elsewhere.example"):
            self.assertNotIn(word, log)

    def test_whoever_logs_out_here_logs_out_there(self):
        self.begin(algorithm="ES256")
        self.assertEqual(("operator", "camille@ccas.example"), self.log_in("camille"))
        session = dict(self.browser.cookies)
        answer = self.browser.post("/api/v1/logout", {})
        self.assertEqual(200, answer.status, answer.body)
        self.browser.cookies = session
        self.assertEqual("access.login_needed", self.browser.get("/api/v1/session").code)
        asks = self.there.get(answer.json["leaving"])
        self.assertEqual(200, asks.status, asks.body)
        target = re.search(r'action="([^"]+)"', asks.body)[1]
        token = re.search(r'name="xsrf" value="([^"]+)"', asks.body)[1]
        done = self.there.ask("POST", target, urlencode({"xsrf": token, "logout": "yes"}),
                              {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(303, done.status, done.body)
        here = done.headers["Location"]
        self.assertTrue(here.startswith(self.broker.url("/console/") + "?state="), here)
        self.assertEqual(200, self.browser.get(here).status)

    def test_an_answer_is_good_once_and_in_its_own_browser_alone(self):
        self.begin(auth_method="client_secret_basic", signed_userinfo=False)
        way = self.return_as("camille")
        own, self.browser = self.browser, Visitor(self.broker.url(""))
        self.assertEqual("stale", self.arrive(way), "stolen")
        self.browser.cookies = {"relais-login": "0" * 64}
        self.assertEqual("stale", self.arrive(way), "guessed")
        self.browser = own
        kept = dict(own.cookies)
        self.assertEqual(("operator", "camille@ccas.example"), self.arrive(way))
        own.cookies = kept
        self.assertEqual("stale", self.arrive(way), "used again")
        for forged in ("?", "?code=1", "?state=1&code=1", "?error=access_denied", "?state=" + "0" * 64 + "&code=x"):
            self.browser.cookies = {}
            self.assertEqual("stale", self.arrive(RETURN + forged), forged)
        way = self.return_as("camille")
        self.assertEqual("unreachable", self.arrive(way.replace("code=", "code=x")), "another code")
        self.logged("token endpoint: HTTP 400")
        way = self.return_as("camille")
        self.assertIn("iss=https", way)
        self.assertEqual("untrusted", self.arrive(way.replace("iss=https", "iss=http")))
        self.logged("another provider")

    def test_what_others_signed_and_what_is_not_true_now_lets_nobody_in(self):
        self.begin(other_keys=True)
        self.assertEqual("untrusted", self.log_in("camille"))
        self.logged("signature of a JWT is wrong")
        self.stage.start_provider()
        self.assertEqual(("operator", "camille@ccas.example"), self.log_in("camille"))
        for algorithm in ("RS256", "ES256"):
            self.stage.start_provider(algorithm=algorithm)
            self.assertEqual("operator", self.log_in("camille")[0], "its keys are new")
        self.stage.start_provider(clock_ahead=-7200)
        self.assertEqual("expired", self.log_in("camille"))
        self.logged("exp is over")
        self.stage.start_provider(clock_ahead=300)
        self.assertEqual("expired", self.log_in("camille"))
        self.logged("iat is still to come")
        self.stage.start_provider(clock_ahead=20)
        self.assertEqual("operator", self.log_in("camille")[0], "clocks differ a little")

    def test_a_slow_provider_keeps_nobody_waiting_who_asks_for_something_else(self):
        self.begin()
        self.stage.provider.send_signal(signal.SIGSTOP)
        begun = time.monotonic()
        with ThreadPoolExecutor(40) as pool:
            many = [pool.submit(Visitor(self.broker.url("")).get, "/api/v1/login/provider") for _ in range(40)]
            while sum(one.done() for one in many) < 30 and time.monotonic() - begun < 4:
                time.sleep(0.02)
            self.assertEqual(200, Visitor(self.broker.url("")).get("/health").status)
            self.assertFalse(all(one.done() for one in many), "others still wait for the provider")
            said = [one.result().headers["Location"].removeprefix("/console/#/?refused=") for one in many]
        self.assertEqual({"busy", "unreachable"}, set(said))
        self.assertGreaterEqual(said.count("busy"), 30)
        self.assertLess(time.monotonic() - begun, 30)
        self.stage.provider.send_signal(signal.SIGCONT)
        self.assertEqual("operator", self.log_in("camille")[0])

    def test_who_is_not_the_provider_or_not_its_client_is_told(self):
        self.begin(client_secret="a-wrong-secret")
        self.assertEqual("unreachable", self.log_in("camille"))
        self.logged("token endpoint: HTTP 401")
        (self.broker.folder / "client.secret").chmod(0o644)
        self.assertEqual("unreachable", self.log_in("camille"))
        self.logged("0644")
        self.stage.stop_provider()
        self.assertEqual("unreachable", self.arrive("/api/v1/login/provider"))
        self.logged("discovery document")
        self.assertNotIn("a-wrong-secret", self.broker.log())

    def test_a_certificate_that_nobody_vouches_for_is_no_provider(self):
        self.begin(authority=False)
        self.assertEqual("unreachable", self.arrive("/api/v1/login/provider"))
        self.logged("discovery document", "SSL")


class SettingsTest(unittest.TestCase):
    def test_every_fault_of_the_settings_is_told_at_once(self):
        broker = BrokerProcess(["ccas-25056", "caf-25"])
        self.addCleanup(broker.close)
        (broker.folder / "open.secret").write_text("secret")
        (broker.folder / "open.secret").chmod(0o644)
        with open(broker.folder / "relaisd.toml", "a", encoding="utf-8") as settings:
            settings.write("""
[access.provider]
issuer = "http://idp.example"
client_secret_file = "open.secret"
scopes = ["email"]
ca_file = "absent.pem"
colour = "blue"
[[access.provider.role]]
claim = "groups"
role = "partner"
[[access.provider.role]]
claim = "email"
value = "a@b.example"
role = "boss"
""")
        done = subprocess.run([BIN / "relaisd", "--check", "--config", broker.folder / "relaisd.toml"], capture_output=True, text=True)
        self.assertNotEqual(0, done.returncode)
        for fault in ("issuer is not an https address", "client_id is missing", "client_secret_file can not be used", "0644",
                      "scopes do not hold openid", "ca_file can not be read", "colour", "value is missing",
                      "institution is missing", "role is not a role"):
            self.assertIn(fault, done.stderr)


if __name__ == "__main__":
    unittest.main()
