"""Settings are read completely, and every fault in them is told at once, with its place."""

import base64
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from small_network import new_key

import relais
from relais.config import read_config
from relais.keys import read_key_file
from relais.toml_lines import find_lines

GREETER = Path(__file__).resolve().parents[3] / "adapters" / "python" / "examples" / "greeter.py"

GOOD = """
[relais]
name = "ccas"
network = "besancon"
authority_public_key = "{key}"
broker_public_key = "{key}"
endpoints = ["tcp://127.0.0.1:5570", "tcp://[::1]:5570"]
transport_key = "transport.key"
data_dir = "data"
health_port = 5591
reconnect_most = "10s"
no_automatic_receipts = true
[[relais.institution]]
id = "ccas-25056"
signing_keys = ["signing.key"]
sealing_keys = [
  "sealing.key",  # the one in use
]
[log]
level = "warning"
format = "json"
"""

BAD = """
[relais]
name = "ccas de Besançon"
authority_public_key = "abc"
broker_public_key = 7
endpoints = ["tcp://127.0.0.1:5570", "127.0.0.1:5570", "tcp://127.0.0.1:99999"]
transport_key = "signing.key"
data_dir = ""
in_hand_messages_max = 0
reconnect_most = "1 day"
colour = "blue"
[[relais.institution]]
id = "ccas-25056"
signing_keys = ["open.key"]
sealing_keys = []
[[relais.institution]]
id = "ccas-25056"
signing_keys = ["missing.key"]
sealing_keys = "sealing.key"
[log]
level = "loud"
[extra]
"""


class ConfigTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="relais-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.public = base64.b64encode(bytes(range(32))).decode()
        for use in ("transport", "signing", "sealing"):
            self.key_file(f"{use}.key", use)
        os.chmod(self.key_file("open.key", "signing"), 0o640)

    def key_file(self, name, use):
        key, path = new_key(use, f"{use}-1"), self.folder / name
        public, secret = (base64.b64encode(half).decode() for half in (key.public, key.secret))
        path.write_text(f'relais-key = "1"\nuse = "{use}"\nid = "{key.id}"\npublic = "{public}"\nsecret = "{secret}"\n')
        path.chmod(0o600)
        return path

    def write(self, text):
        path = self.folder / "adapter.toml"
        path.write_text(text.replace("{key}", self.public))
        return path

    def faults(self, text, read_tables=None):
        with self.assertRaises(relais.ConfigInvalid) as no:
            read_config(self.write(text), read_tables)
        return no.exception.violations

    def test_everything_that_can_be_said(self):
        config = read_config(self.write(GOOD))
        self.assertEqual((config.name, config.pins.network, config.pins.broker_public_key), ("ccas", "besancon", bytes(range(32))))
        self.assertEqual(config.endpoints, ("tcp://127.0.0.1:5570", "tcp://[::1]:5570"))
        self.assertEqual((config.data_dir, config.health_port), (self.folder / "data", 5591))
        self.assertEqual((config.times.reconnect_most_s, config.automatic_receipts), (10.0, False))
        self.assertEqual((config.log_level, config.log_format), ("warning", "json"))
        institution, = config.institutions
        self.assertEqual((institution.id, institution.sealing_keys[0].id), ("ccas-25056", "sealing-1"))
        self.assertNotIn(repr(institution.sealing_keys[0].secret), repr(config))

    def test_what_a_new_adapter_leaves_to_be_replaced_is_a_fault(self):
        found = self.faults(GOOD.replace('"besancon"', '"REPLACE"').replace('"ccas-25056"', '"REPLACE"'))
        self.assertEqual([(fault.line, fault.path) for fault in found], [(4, "relais.network"), (14, "relais.institution[0].id")])

    def test_all_faults_at_once_each_with_its_line(self):
        found = [(fault.line, fault.path) for fault in self.faults(BAD)]
        self.assertEqual(found, [
            (2, "relais.network"),
            (3, "relais.name"),
            (4, "relais.authority_public_key"),
            (5, "relais.broker_public_key"),
            (6, "relais.endpoints[1]"),
            (6, "relais.endpoints[2]"),
            (7, "relais.transport_key"),
            (8, "relais.data_dir"),
            (9, "relais.in_hand_messages_max"),
            (10, "relais.reconnect_most"),
            (11, "relais.colour"),
            (14, "relais.institution[0].signing_keys[0]"),
            (15, "relais.institution[0].sealing_keys"),
            (17, "relais.institution[1].id"),
            (18, "relais.institution[1].signing_keys[0]"),
            (19, "relais.institution[1].sealing_keys"),
            (21, "log.level"),
            (22, "extra"),
        ])
        texts = "\n".join(map(str, self.faults(BAD)))
        self.assertIn("its mode is 0640, it must be 0600", texts)
        self.assertIn("is a key for signing (a key file for transport, mode 0600)", texts)
        self.assertIn("adapter.toml:21: log.level is not a level (debug, info, warning, error)", texts)

    def test_files_that_are_no_settings(self):
        fault, = self.faults("[relais\n")
        self.assertEqual((fault.line, fault.problem.startswith("is not TOML")), (1, True))
        fault, = self.faults("")
        self.assertEqual((fault.path, fault.problem), ("relais", "is missing"))
        fault, = self.faults("relais = 3")
        self.assertEqual((fault.path, fault.problem), ("relais", "is of another kind"))
        with self.assertRaises(relais.ConfigInvalid) as no:
            read_config(self.folder / "nothing.toml")
        self.assertIn("can not be read", str(no.exception))
        self.write("").write_bytes(b"[relais]\nname = \"\xff\"\n")
        with self.assertRaises(relais.ConfigInvalid) as no:
            read_config(self.folder / "adapter.toml")
        self.assertIn("UTF-8", str(no.exception))

    def test_lines_of_keys(self):
        text = 'a = 1\n[t]\n"b" = """\nc = 1\n"""\nd = [\n  "e = [",\n]\n[[t.u]]\nx = 1\n[[t.u]]\nx = {y = 1}\n[t.u.v]\nz = 1 # [\nw = 1\n'
        self.assertEqual(find_lines(text), {
            "a": 1, "t": 2, "t.b": 3, "t.d": 6, "t.u[0]": 9, "t.u[0].x": 10, "t.u[1]": 11, "t.u[1].x": 12, "t.u[1].v": 13,
            "t.u[1].v.z": 14, "t.u[1].v.w": 15})

    def test_a_key_file_that_others_may_read_is_refused(self):
        for mode, code in ((0o600, None), (0o400, None), (0o640, "key.file_mode"), (0o604, "key.file_mode"), (0o601, "key.file_mode")):
            path = self.folder / "signing.key"
            path.chmod(mode)
            if code is None:
                self.assertEqual(read_key_file(path).use, "signing")
                continue
            with self.assertRaises(relais.Refusal) as no:
                read_key_file(path)
            self.assertEqual((no.exception.code, no.exception.facts["mode"]), (code, f"{mode:04o}"))
        for path, code in ((self.folder, "key.invalid"), (self.folder / "none.key", "io.failed")):
            with self.assertRaises(relais.Refusal) as no:
                read_key_file(path)
            self.assertEqual(no.exception.code, code)

    def run_greeter(self, *words):
        return subprocess.run([sys.executable, "-B", GREETER, *words], capture_output=True, text=True, timeout=60)

    def test_the_command_line(self):
        good = self.write(GOOD + '[greeter]\nrecipients = ["caf-25"]\n')
        done = self.run_greeter("--check", good)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"{good}: no faults\n", ""))
        self.assertFalse((self.folder / "data").exists(), "a check makes nothing")
        done = self.run_greeter("--check", self.write(BAD + "[greeter]\nrecipients = 1\n"))
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 19), done.stderr)
        for words, code in (((), 2), (("--check",), 2), (("a", "b"), 2), (("--what", "a"), 2), (("--help",), 0), (("--version",), 0)):
            self.assertEqual(self.run_greeter(*words).returncode, code, words)

    def test_a_data_folder_that_can_not_be_used_ends_the_program(self):
        text = GOOD.replace('"data"', '"no/such/folder"').replace("health_port = 5591\n", "")
        done = self.run_greeter(self.write(text))
        self.assertEqual(done.returncode, 1)
        self.assertIn("relais-greeter: io.failed: ", done.stderr)


if __name__ == "__main__":
    unittest.main()
