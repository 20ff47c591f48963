"""The kit tells a good adapter from one that breaks a promise, and says which, and where that is written."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KIT = ROOT / "adapters/conformance/run"
CONTROL = Path(os.environ["RELAIS_BUILD"]) / "bin/relaisctl"

# step: lines that, put before the main program of a new adapter, break its promise; how that is seen.
BREAKING = {
    "rejects_a_forged_signature": (
        "import relais.opener\nrelais.opener.verifies = lambda *_: True",
        "'reject' for what was delivered.* said: acknowledge"),
    "rejects_missing_compartments": (
        "import relais.opener\nrelais.opener._open_contents = lambda *_: None",
        "'reject' for what was delivered.* said: acknowledge"),
    "stops_after_the_receipt": (
        "import relais.outbox\nrelais.outbox.Outbox.settle = lambda *_: None",
        "it was sent again"),
    "survives_being_killed_before_the_receipt": (
        "import shutil\nshutil.rmtree('data', ignore_errors=True)",
        "the same bytes after the restart: not within"),
    "recognises_what_it_had": (
        "import relais.inbox\nrelais.inbox.Inbox.was_handled = lambda *_: False\n"
        "Software.hold = lambda self, _, text: print(text, file=open(self._folder / 'received' / 'all', 'a'))",
        "3 of 3 records reached the software more than once"),
    "acknowledges_what_is_durable": (
        "_kept = []\nSoftware.hold = lambda self, _, text: _kept.append(text)",
        "records in the software: 0 of"),
    "does_not_acknowledge_what_it_does_not_understand": (
        "import relais.worker\nrelais.worker._Settle.retry = lambda self, *_: self.acknowledge()",
        "'retry' for what was delivered.* said: acknowledge"),
    "says_nothing_about_anybody": (
        "_hold = Software.hold\n"
        "Software.hold = lambda self, number, text: (print(text, file=sys.stderr), _hold(self, number, text))[1]",
        "a family name stands in its output"),
    "refuses_open_key_files": (
        "import stat\nstat.S_IRWXG = stat.S_IRWXO = 0",
        "it opened a session with a key file of mode 0644"),
}


class Kit(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="relais-kit-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def new_adapter(self, name="essai"):
        made = subprocess.run([CONTROL, "adapter", "new", name, "--language", "python", "--dir", self.folder / name,
                               "--clone", ROOT], capture_output=True, text=True, check=False)
        self.assertEqual(made.returncode, 0, made.stderr)
        return self.folder / name

    def run_kit(self, *arguments):
        return subprocess.run([KIT, *map(str, arguments)], capture_output=True, text=True, check=False)

    def test_a_new_adapter_passes_what_needs_no_long_wait(self):
        report = self.folder / "report.json"
        quick = ["believes_nothing_before_the_network", "submits_what_is_handed_over", "waits_as_it_is_told", "closes_the_loop",
                 "remembers_what_it_had", "bears_absent_software", "bears_being_killed_in_the_middle", "keeps_the_newest_network",
                 "bears_malformed_frames", "bears_a_flood", *BREAKING]
        steps = [word for name in quick for word in ("--step", name)]
        done = self.run_kit("--json", report, "--flood", 50, *steps, self.new_adapter() / "conformance.toml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        said = json.loads(report.read_text())
        self.assertTrue(said["good"])
        self.assertEqual(said["passed"], said["asked"])
        self.assertEqual({one["name"] for one in said["steps"] if not one["name"].startswith("always_")}, set(quick))
        self.assertRegex(done.stdout.splitlines()[-1], rf"^essai passed {said['passed']}/{said['asked']}$")

    def test_a_broken_promise_is_seen_and_named(self):
        def try_broken(step, lines):
            adapter = self.new_adapter(step.replace("_", "-")[:30].strip("-"))
            program = adapter / "adapter.py"
            main = 'if __name__ == "__main__":\n'
            program.write_text(program.read_text().replace(main, f"{lines}\n{main}"))
            return self.run_kit("--step", step, adapter / "conformance.toml")

        with ThreadPoolExecutor(len(BREAKING)) as pool:
            runs = {step: pool.submit(try_broken, step, lines) for step, (lines, _) in BREAKING.items()}
        for step, (_, seen) in BREAKING.items():
            with self.subTest(step):
                done = runs[step].result()
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                told = rf"(?m)^ +failed  {step} .*\n +promise: .+\n +written: (proto|adapters)/.+\n +seen: {seen}"
                self.assertRegex(done.stdout, told)

    def test_of_several_adapters_each_has_a_line_and_its_faults_stand_below_its_name(self):
        good, bad = (self.new_adapter(name) / "conformance.toml" for name in ("good", "bad"))
        bad.write_text(re.sub(r"(?m)^received = .*$", 'received = ["true"]', bad.read_text()))
        steps = ("--step", "keeps_talking", "--step", "hands_on_what_is_delivered")
        done = self.run_kit("--quiet", "--json", self.folder / "reports", *steps, good, bad)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[-2], r"^good passed (\d+)/\1(;|$)")
        self.assertRegex(lines[-1], r"^bad FAILED \d+/\d+; broken: hands_on_what_is_delivered(;|$)")
        self.assertEqual(lines[0], "bad:")
        self.assertIn("failed  hands_on_what_is_delivered", lines[1])
        for name in ("good", "bad"):
            said = json.loads((self.folder / "reports" / f"{name}.json").read_text())
            self.assertEqual((said["adapter"], said["good"]), (name, name == "good"))
            self.assertGreater(said["seconds"], 3)

        done = self.run_kit(good, good)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("another of these adapters is called good", done.stderr)

    def test_a_flood_that_the_software_can_not_take_is_cut_and_nothing_is_lost(self):
        descriptor = self.new_adapter("slow") / "conformance.toml"
        program = descriptor.parent / "adapter.py"
        slowly = ("import time\n_hold = Software.hold\n"
                  "Software.hold = lambda self, number, text: (time.sleep(0.02), _hold(self, number, text))[1]\n")
        main = 'if __name__ == "__main__":\n'
        program.write_text(program.read_text().replace(main, f"{slowly}{main}"))
        step = ("--step", "bears_a_flood", "--longest", 8, "--flood", 2_000)
        for alone, pace in (("sleep 10", "passed"), ("true", "FAILED")):
            descriptor.write_text(re.sub(r"(?m)^received = ", f'alone = ["sh", "-c", "{alone}"]\nreceived = ',
                                         re.sub(r"(?m)^alone = .*\n", "", descriptor.read_text())))
            done = self.run_kit(*step, descriptor)
            self.assertRegex(done.stdout.splitlines()[-1], rf"^slow {pace} \d+/\d+; ")
            self.assertRegex(done.stdout, r"[\d,]+ of 2,000 in 8 s, \d+\.\d/s; its software alone \d+\.\d/s")

    def test_a_new_adapter_has_a_good_name_and_a_folder_of_its_own(self):
        for name in ("Essai", "e", "9lives", "two--dashes", "end-", "files", "rdvsp", "a" * 41, "../essai"):
            done = subprocess.run([CONTROL, "adapter", "new", name, "--language", "cpp", "--dir", self.folder / "no"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((name, done.returncode), (name, 1))
            self.assertIn("(NAME)", done.stderr)
            self.assertFalse((self.folder / "no").exists())
        before = (self.new_adapter() / "adapter.py").read_text()
        again = subprocess.run([CONTROL, "adapter", "new", "essai", "--language", "cpp", "--dir", self.folder / "essai"],
                               capture_output=True, text=True, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("exists already", again.stderr)
        self.assertEqual(before, (self.folder / "essai/adapter.py").read_text())

    def test_nothing_is_left_to_be_filled_in_by_the_tool(self):
        for language in ("cpp", "python"):
            folder = self.folder / language
            subprocess.run([CONTROL, "adapter", "new", "my-own", "--language", language, "--dir", folder, "--clone", ROOT],
                           capture_output=True, check=True)
            names = {path.name for path in folder.iterdir()}
            self.assertEqual(names, {path.stem for path in (ROOT / "adapters/templates" / language).iterdir()})
            for path in folder.iterdir():
                self.assertNotRegex(path.read_text(), r"@[A-Z]+@", path)
                self.assertEqual(os.access(path, os.X_OK), path.read_text().startswith("#!"), path)

    def test_every_fault_of_a_descriptor_is_told_at_once(self):
        wrong = self.folder / "wrong.toml"
        wrong.write_text('name = "Wrong Name"\nother = 1\n[adapter]\nstart = "one"\n[software]\nhand_over = ["${nowhere}"]\n'
                         'down = ["true"]\n[messages]\nreceives = "letters"\nsays = "much"\nhands_over = "none"\nmore = 1\n'
                         '[files]\n"../out" = ""\n')
        done = self.run_kit(wrong)
        self.assertEqual(done.returncode, 2)
        for place in ("name:", "other:", "adapter.start:", "software.received:", "hand_over: ${nowhere}", "down and up",
                      "files.../out:", "messages.receives:", "messages.says:", "messages.hands_over:", "messages.more:"):
            self.assertIn(place, done.stderr)

    def test_a_command_of_the_software_that_fails_is_no_verdict(self):
        descriptor = self.new_adapter() / "conformance.toml"
        failing = 'received = ["sh", "-c", "echo broken >&2; exit 3"]'
        descriptor.write_text(re.sub(r"(?m)^received = .*$", failing, descriptor.read_text()))
        done = self.run_kit("--step", "hands_on_what_is_delivered", descriptor)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("software.received ended with 3: broken", done.stderr)

    def test_every_step_says_where_its_promise_is_written(self):
        done = self.run_kit("--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertGreater(len(lines), 3 * 60)
        for place in lines[2::3]:
            page, section = place.strip().split(", ", 1)
            self.assertRegex((ROOT / page).read_text(), rf"(?m)^## {re.escape(section)}$")


if __name__ == "__main__":
    unittest.main()
