"""Who writes settings wrongly reads every fault at once, each with its line, and nothing has happened yet.

What is said is recorded beside the settings: tests/golden/settings/relaisd.txt.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import tree

GOLDEN = tree.ROOT / "tests/golden/settings"
SAID = re.compile(r"relaisd\.toml:(\d+): (\S+) \S")


class Settings(unittest.TestCase):
    def setUp(self):
        if "RELAIS_BUILD" not in os.environ:
            self.skipTest("RELAIS_BUILD does not name a build folder")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        shutil.copy(GOLDEN / "relaisd.toml", self.folder)

    def check(self, *words):
        return subprocess.run([Path(os.environ["RELAIS_BUILD"]) / "bin/relaisd", "--config", "relaisd.toml", *words],
                              cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)

    def test_every_fault_is_named_in_one_run(self):
        answer = self.check("--check")
        self.assertEqual(1, answer.returncode)
        self.assertEqual("", answer.stdout)
        self.assertEqual((GOLDEN / "relaisd.txt").read_text(encoding="utf-8"), answer.stderr)

    def test_every_line_that_is_marked_as_wrong_is_named_with_its_field(self):
        lines = (GOLDEN / "relaisd.toml").read_text(encoding="utf-8").splitlines()
        marked = {(number, line.split()[0].strip("[]")) for number, line in enumerate(lines, 1) if "# wrong" in line}
        self.assertGreater(len(marked), 20)
        named = {(int(number), field.rpartition(".")[2]) for number, field in SAID.findall(self.check("--check").stderr)}
        self.assertEqual(set(), marked - named)
        # What is missing has no line of its own: it stands on the line of its table.
        absent = {(1, "signing_key"), (8, "tls_certificate"), (36, "silence"), (41, "retry_most")}
        self.assertEqual(set(), named - marked - absent)

    def test_nothing_is_made_on_disk_with_wrong_settings(self):
        for words in (["--check"], []):
            self.assertEqual(1, self.check(*words).returncode)
            self.assertEqual([self.folder / "relaisd.toml"], sorted(self.folder.rglob("*")))


if __name__ == "__main__":
    unittest.main()
