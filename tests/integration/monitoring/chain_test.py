"""From a real relaisd with real adapters, through a real Prometheus and Alertmanager, to mails and webhooks: each alert is
told once when it starts and once when it ends, and a partner is told of its own alone.
"""

import datetime
import json
import subprocess
import time
import unittest

from broker_process import BIN, BrokerProcess, free_port
from catalogue import MONITORING, Served, catalogue
from stage import PATIENCE_S, Alertmanager, Mailbox, Prometheus, Webhook, counted
from world import CAF, CCAS, PURPOSE, Listening

import relais
from relais.v1 import content_pb2, referral_pb2

EXPIRES = (datetime.date.today() + datetime.timedelta(days=10)).isoformat()
OPERATORS, CAF_MAIL = "exploitation@agglo.example", "dsi@caf-25.example"

CONTACTS = """
[mail]
smarthost = "127.0.0.1:{mail}"
from = "relais@agglo.example"
require_tls = false
[operators]
mail = ["exploitation@agglo.example"]
webhooks = ["http://127.0.0.1:{hook}/operators"]
[[partner]]
institution = "caf-25"
mail = ["dsi@caf-25.example"]
[[partner]]
institution = "ccas-25056"
webhooks = ["http://127.0.0.1:{hook}/ccas"]
token_file = "{folder}/ccas.token"
"""

FILES = """
[[exchange]]
institution = "ccas-25056"
folder = "{folder}/files"
[[exchange.read]]
names = ["*.csv"]
mapping = "mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
"""

MAPPING = """
[mapping]
name = "ccas"
version = 1
[in]
format = "csv"
kind = "referral_requested"
fields = [{ from = "Numero", to = "local.reference", required = true }, { from = "Nom", to = "identity.family_name", required = true }]
[in.csv]
"""

# Everything that happens below, and who is told. The order of two alerts is nobody's promise; their number is.
BOTH = ("firing", "resolved")
TOLD = {(alert, institution, status): 1 for status in BOTH for alert, institution in (
    ("RelaisNoNetwork", ""), ("RelaisNoAdapters", ""), ("RelaisPartnerSilent", CAF), ("RelaisKeyExpires", CAF),
    ("RelaisKeyExpires", CCAS), ("RelaisDeadLetters", CAF), ("RelaisReferralsOverdue", CAF), ("RelaisBrokerDown", ""))}


class Office(Listening):
    """Rejects the first referral, accepts the others, and completes one when it is told to."""

    def __init__(self):
        super().__init__()
        self.accepted = []

    def on_message(self, message):
        self.seen.append(message)
        if message.kind != "referral_requested":
            return relais.handled()
        if message.content(content_pb2.Identity).family_name == "Personne":
            return relais.reject("not_our_person")
        self.accepted.append(message)
        return relais.handled([message.reply("referral_accepted")])


class Chain(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.folder = self.broker.folder
        # Who accepted a referral has two seconds to complete it.
        with open(self.folder / "relaisd.toml", "a", encoding="utf-8") as settings:
            settings.write('[deadlines]\ncomplete_within = "2s"\n')
        self.keys_end(EXPIRES, 1)
        self.mailbox, self.hook = Mailbox(self), Webhook(self)
        self.health = {institution: free_port() for institution in (CCAS, CAF, "files")}
        (self.folder / "ccas.token").write_text("of-the-ccas", encoding="utf-8")

    def keys_end(self, day, version):
        """A network definition whose keys end that day; never, without one."""
        network = self.folder / "network"
        for path in (network / "institutions").iterdir():
            lines = [line for line in path.read_text().splitlines() if not line.startswith("valid_until")]
            ends = [f'{line}\nvalid_until = {day}' if day and line.startswith("key = ") else line for line in lines]
            path.write_text("\n".join(ends) + "\n")
        whole = (network / "network.toml").read_text()
        (network / "network.toml").write_text(whole.replace(f"version = {version - 1}", f"version = {version}"))
        self.broker.sign_network()

    def settings(self, name, institution, more=""):
        path = self.folder / f"{name}.toml"
        text = self.broker.settings(name, [institution]) + more
        path.write_text(text.replace("[relais]\n", f"[relais]\nhealth_port = {self.health[name]}\n", 1))
        return path

    def adapter(self, institution, handler):
        adapter = relais.Adapter(relais.read_config(self.settings(institution, institution)), handler)
        self.addCleanup(adapter.close)
        handler.start(adapter)
        adapter.start()
        self.wait(lambda: adapter.wait_for_network(0.1), "the network definition")
        return adapter

    def wait(self, condition, what):
        until = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            if time.monotonic() > until:
                self.fail(f"{what} did not happen\noperators: {self.hook.got}\nmails: {self.mailbox.got}\n{self.broker.log()}")
            time.sleep(0.05)
        return found

    def told(self, alert, institution, status):
        """To the operators, both ways."""
        self.wait(lambda: counted(self.hook.got, "/operators")[(alert, institution, status)]
                  and counted(self.mailbox.got, OPERATORS)[(alert, institution, status)], f"{alert} {institution} {status}")

    def served(self):
        return Served(self.broker.url("/metrics"))

    def control(self, *words):
        done = subprocess.run([BIN / "relaisctl", "--json", *map(str, words)], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def refer(self, adapter, name, recipient=CAF, referral=None):
        adapter.submit(relais.draft("referral_requested", [content_pb2.Identity(family_name=name)], recipients=[recipient],
                                    purpose=PURPOSE, referral_id=referral or relais.new_id()))

    def test_each_alert_is_told_once_at_its_start_and_once_at_its_end(self):
        self.broker.start()
        alertmanager = Alertmanager(self, self.folder, CONTACTS.format(mail=self.mailbox.port, hook=self.hook.port,
                                                                       folder=self.folder))
        prometheus = Prometheus(self, self.folder, alertmanager, {
            "relaisd": [f"127.0.0.1:{self.broker.admin_port}"],
            "relais-adapter": [f"127.0.0.1:{self.health[CAF]}", f"127.0.0.1:{self.health[CCAS]}"]})

        self.told("RelaisNoNetwork", "", "firing")
        self.broker.apply_network()
        self.told("RelaisNoNetwork", "", "resolved")
        for institution in (CCAS, CAF):
            self.told("RelaisKeyExpires", institution, "firing")
        self.told("RelaisNoAdapters", "", "firing")

        ccas = self.adapter(CCAS, Listening())
        self.told("RelaisNoAdapters", "", "resolved")
        self.told("RelaisPartnerSilent", CAF, "firing")
        office = Office()
        caf = self.adapter(CAF, office)
        self.told("RelaisPartnerSilent", CAF, "resolved")

        self.refer(ccas, "Personne")
        self.refer(ccas, "Exemple")
        self.told("RelaisDeadLetters", CAF, "firing")
        letter = self.control("dead", "list", "--data", self.folder / "data")["dead_letters"][0]["message_id"]
        self.control("dead", "discard", letter, "--data", self.folder / "data", "--operator", "anne", "--reason", "not known there")
        self.told("RelaisDeadLetters", CAF, "resolved")
        self.told("RelaisReferralsOverdue", CAF, "firing")
        self.assertGreaterEqual(self.served().value("relais_deadlines_missed_total", institution=CAF), 1)
        self.assertEqual(self.served().value("relais_referrals_overdue", institution=CCAS), 0)
        done = office.accepted[0].reply("referral_completed",
                                        body=referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED))
        caf.submit(done)
        self.told("RelaisReferralsOverdue", CAF, "resolved")

        # While the broker is away, what stands goes on standing, and nobody is told that a partner is silent.
        self.broker.kill()
        self.told("RelaisBrokerDown", "", "firing")
        self.assertIn(("RelaisKeyExpires", CAF), prometheus.firing())
        self.broker.start()
        self.told("RelaisBrokerDown", "", "resolved")

        self.keys_end("", 2)
        self.broker.apply_network()
        for institution in (CCAS, CAF):
            self.told("RelaisKeyExpires", institution, "resolved")

        expected = dict(TOLD)
        of_adapters = {("RelaisAdapterDown", "", status) for status in BOTH}
        for where in (counted(self.hook.got, "/operators"), counted(self.mailbox.got, OPERATORS)):
            # Two adapters were not there yet when Prometheus began.
            self.assertEqual({key: count for key, count in where.items() if key not in of_adapters}, expected)
        self.assertEqual(counted(self.mailbox.got, CAF_MAIL), {key: 1 for key in expected if key[1] == CAF})
        self.assertEqual(counted(self.hook.got, "/ccas"), {key: 1 for key in expected if key[1] == CCAS})
        self.assertEqual({address for address, *_ in self.mailbox.got}, {OPERATORS, CAF_MAIL})
        self.assertEqual(self.hook.tokens, {("/operators", None), ("/ccas", "Bearer of-the-ccas")})
        for text in self.mailbox.texts:
            self.assertRegex(text, r"\(UTC\)")
            self.assertNotRegex(text, r"Exemple|Personne|<no value>|error")
        self.look_at_the_dashboard(prometheus)

    def look_at_the_dashboard(self, prometheus):
        """Each query is one that Prometheus answers, and those about the broker show something."""
        text = (MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8")
        for panel in json.loads(text)["panels"]:
            shown = [prometheus.query(target["expr"].replace("$broker", f"127.0.0.1:{self.broker.admin_port}")
                                      .replace("$institution", ".*")) for target in panel["targets"]]
            if panel["title"] != "Keys: time left":  # they have no end any more
                self.assertTrue(any(shown), panel["title"])

    def test_the_page_says_what_is_served_and_nothing_else(self):
        self.broker.start()
        before = self.served()
        self.assertEqual(before.value("relais_network_version"), 0)
        self.broker.apply_network()
        (self.folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
        for name in ("in", "out", "archive", "rejects", "work"):
            (self.folder / "files" / name).mkdir(parents=True)
        settings = self.settings("files", CCAS, FILES.format(folder=self.folder))
        with open(self.folder / "files.log", "wb") as log:
            files = subprocess.Popen([BIN / "relais-files", settings], stderr=log)
        self.addCleanup(files.wait)
        self.addCleanup(files.kill)
        caf = self.adapter(CAF, Office())
        self.wait(lambda: self.served().value("relais_adapters_connected", institution=CCAS) == 1, "the adapter of files")
        referral = relais.new_id()
        for _ in range(2):  # the second time it is there already
            self.refer(caf, "Exemple", CCAS, referral)
        self.wait(lambda: caf.refused(), "the refusal")

        # The first look at the open referrals came before the network; the next one is a matter of seconds.
        self.wait(lambda: {"relais_referrals_overdue", "relais_refusals_total"} <= self.served().with_samples(), "all figures")
        served = self.served()
        self.assertEqual(served.metrics(), catalogue("The broker"))
        self.assertEqual(served.value("relais_network_version"), 1)
        self.assertEqual(served.value("relais_silence_seconds", institution=CAF), 0)
        left = served.value("relais_key_remaining_seconds", institution=CAF, use="sealing")
        self.assertAlmostEqual(left / 86_400, 10.5, delta=0.6)  # to the end of the last day
        self.assertAlmostEqual(served.value("relais_start_time_seconds"), time.time(), delta=300)

        listed = catalogue("Adapters")
        for adapter, lacks in ((CAF, "relais_adapter_not_carried_total"), ("files", "relais_adapter_withheld_total")):
            served = Served(f"http://127.0.0.1:{self.health[adapter]}/metrics").metrics()
            self.assertEqual({metric.name for metric in listed - served}, {lacks})
            self.assertEqual(served - listed, set())

        caf.close()
        self.wait(lambda: self.served().value("relais_silence_seconds", institution=CAF) > 0, "silence")
        self.assertEqual(self.served().value("relais_adapters_connected", institution=CAF), 0)


if __name__ == "__main__":
    unittest.main()
