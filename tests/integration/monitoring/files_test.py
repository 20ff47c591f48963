"""The files of deploy/monitoring and the page about them agree; contacts make a file that Alertmanager takes, or none."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from catalogue import MONITORING, PAGE, ROOT, names, rows

EXAMPLE = ROOT / "config" / "examples" / "alert-contacts.toml"
METRIC = re.compile(r"\brelais_[a-z_]+\b")

WRONG = """[mail]
smarthost = "mail.example"
from = "Relais <relais@agglo.example>"
username = "relais"
ssl = true
[operators]
mail = ["a@b.example", "a@b.example", "{{ .Labels }}@b.example"]
token_file = "relative.token"
[[partner]]
institution = "caf-25"
webhooks = ["ftp://caf-25.example"]
[[partner]]
institution = "caf-25"
mail = "dsi@caf-25.example"
[[partner]]
institution = "cpam-99"
mail = ["dsi@cpam.example"]
[[partner]]
institution = "CPAM 25"
[surplus]
"""

FAULTS = """:2: [mail] smarthost: host:port
:3: [mail] from: one mail address
:4: [mail] username: with password_file, or neither
:5: [mail] ssl: unknown; there are from, password_file, require_tls, smarthost, username
:7: [operators] mail: entry 2 stands there twice
:7: [operators] mail: entry 3 is none; a list of mail addresses
:8: [operators] token_file: only with webhooks
:8: [operators] token_file: the absolute path of a file
:11: [[partner]] 1 webhooks: entry 1 is none; a list of addresses http://… or https://…
:13: [[partner]] 2 institution: caf-25 is [[partner]] 1 already
:14: [[partner]] 2 mail: a list of mail addresses
:16: [[partner]] 3 institution: the network has no cpam-99
:18: [[partner]] 4: neither mail nor webhooks: nobody would be told
:19: [[partner]] 4 institution: the id of an institution: small letters, digits and -, 2 to 63 of them
:20: surplus: unknown; there are [mail], [operators] and [[partner]]
"""


def contacts(*words):
    return subprocess.run([MONITORING / "contacts", *map(str, words)], capture_output=True, text=True, check=False, timeout=60)


class Contacts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="relais-monitoring-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "alertmanager.yml"

    def written(self, text):
        path = self.folder / "contacts.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def refused(self, text, *words):
        done = contacts(self.written(text), "--out", self.out, *words)
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)
        self.assertEqual([self.folder / "contacts.toml"], list(self.folder.iterdir()), "nothing else is written")
        return done.stderr.replace(str(self.folder / "contacts.toml"), "")

    def test_the_file_that_is_here_is_that_of_the_example(self):
        done = contacts(EXAMPLE, "--templates", "mail.tmpl", "--network", ROOT / "config" / "demo" / "network")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual(done.stdout, (MONITORING / "alertmanager.yml").read_text(encoding="utf-8"))

    def test_amtool_takes_it_and_routes_by_the_institution(self):
        # What stands behind a # in the example is right, too.
        said = re.sub(r"(?m)^# ((?:username|password_file|token_file) = )\"\"", r'\1"/etc/relais/it"', EXAMPLE.read_text(encoding="utf-8"))
        said = re.sub(r"(?m)^# (require_tls = )", r"\1", said)
        for text in (EXAMPLE.read_text(encoding="utf-8"), said):
            done = contacts(self.written(text), "--out", self.out)
            self.assertEqual(0, done.returncode, done.stderr)
            done = subprocess.run(["amtool", "check-config", self.out], capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        for labels, receivers in ((["institution=caf-25"], "partner caf-25,operators"), (["institution=cpam-25"], "operators"),
                                  (["instance=b:5580"], "operators")):
            done = subprocess.run(["amtool", "config", "routes", "test", "--config.file", self.out, *labels], capture_output=True,
                                  text=True, check=False, timeout=60)
            self.assertEqual(receivers, done.stdout.strip(), done.stderr)

    def test_everything_wrong_is_told_at_once_and_nothing_is_written(self):
        self.assertEqual(FAULTS, self.refused(WRONG, "--network", ROOT / "config" / "demo" / "network"))

    def test_other_faults(self):
        self.assertEqual(":1: [operators]: missing: somebody must be told\n"
                         ":1: [operators]: neither mail nor webhooks: nobody would be told\n", self.refused(""))
        self.assertIn(": no TOML: ", self.refused("[operators]\nmail = [\n"))
        self.assertIn("(at line 2", self.refused("[operators]\nmail = x\n"))
        self.assertEqual(":1: [mail]: missing: the addresses below need a smarthost and a sender\n",
                         self.refused('[operators]\nmail = ["a@b.example"]\n'))
        self.assertEqual(":1: partner: [[partner]], once for each, is expected\n",
                         self.refused('partner = 1\n[operators]\nwebhooks = ["http://127.0.0.1:1/"]\n'))
        self.assertEqual(":2: [mail] smarthost: a port from 1 to 65535\n",
                         self.refused('[mail]\nsmarthost = "x:70000"\nfrom = "a@b.example"\n'
                                      '[operators]\nwebhooks = ["http://127.0.0.1:1/"]\n'))
        self.assertIn("No such file", contacts(self.folder / "none.toml").stderr)
        good = self.written('[operators]\nwebhooks = ["http://127.0.0.1:1/"]\n')
        self.assertIn("no institutions/*.toml", contacts(good, "--network", self.folder).stderr)
        self.assertIn("No such file", contacts(good, "--out", self.folder / "none" / "a.yml").stderr)


class Page(unittest.TestCase):
    def test_the_dashboard_shows_only_what_there_is(self):
        dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
        ids = [panel["id"] for panel in dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        used = set()
        for panel in dashboard["panels"]:
            self.assertTrue(panel["targets"], panel["title"])
            for target in panel["targets"]:
                used |= set(METRIC.findall(target["expr"]))
        for annotation in dashboard["annotations"]["list"]:
            used |= set(METRIC.findall(annotation["expr"]))
        for variable in dashboard["templating"]["list"]:
            used |= set(METRIC.findall(variable.get("definition", "")))
        self.assertEqual(set(), used - names())
        self.assertGreater(len(used), 20)

    def test_the_rules_use_only_what_there_is(self):
        text = (MONITORING / "alerts.yml").read_text(encoding="utf-8")
        self.assertEqual(set(), set(METRIC.findall(text)) - names())
        recorded = set(re.findall(r"- record: (\S+)", text))
        self.assertEqual(recorded, set(re.findall(r"\brelais:[\w:]+", text)))

    def test_the_page_names_every_alert_with_its_severity(self):
        rules = re.findall(r"- alert: (\w+).*?severity: (\w+)", (MONITORING / "alerts.yml").read_text(encoding="utf-8"), re.DOTALL)
        self.assertEqual(sorted(rules), sorted((cells[0].strip("`"), cells[1]) for cells in rows("Alerts")))
        text = PAGE.read_text(encoding="utf-8")
        self.assertEqual(set(), set(re.findall(r"\*(Relais\w+)\*", text)) - {name for name, _ in rules})

    def test_the_page_names_every_event_of_the_broker_with_its_level(self):
        logged = re.compile(r'\blog_(debug|info|warning|error)\(\s*"([^"]+)"')
        said = {(event, level) for path in (ROOT / "broker").rglob("*.cpp")
                for level, event in logged.findall(path.read_text(encoding="utf-8"))}
        listed = {(event, cells[1]) for cells in rows("Logs") if len(cells) == 3 for event in re.findall(r"`([^`]+)`", cells[0])}
        self.assertEqual(said, listed)


if __name__ == "__main__":
    unittest.main()
