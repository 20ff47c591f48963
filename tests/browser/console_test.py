"""The console in a real browser, against a real broker under traffic: every page, both languages, both widths."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from stage import BrowserStage  # noqa: E402

BUILD = Path(os.environ["RELAIS_BUILD"])
HERE = Path(__file__).parent
PACKAGES = BUILD / "browser"          # node_modules are there
PICTURES = BUILD.parent / "browser"   # what the pages look like
PATIENCE_S = 60


class ConsoleTest(unittest.TestCase):
    def test_every_page_is_accessible_and_whole(self):
        self.drive("pages")

    def test_every_action_does_what_it_says(self):
        self.drive("functions")

    def drive(self, what: str):
        folder = Path(tempfile.mkdtemp(prefix="relais-browser-"))
        self.addCleanup(shutil.rmtree, folder, True)
        PICTURES.mkdir(exist_ok=True)
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, PACKAGES)
        stage = BrowserStage(BUILD / "bin", folder / "stage")
        self.addCleanup(stage.stop)
        stage.start()
        driver = subprocess.Popen(["node", PACKAGES / "drive.mjs", what], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True, env={**os.environ, "CONSOLE": stage.network.console(), "PICTURES": str(PICTURES),
                                       "BACKUPS": str(folder / "backups")})
        self.addCleanup(driver.stdout.close)
        self.addCleanup(driver.stdin.close)
        self.addCleanup(driver.kill)
        for line in driver.stdout:  # what it wants of the stage begins with @
            said = "done"
            if line == "@stop\n":
                stage.network.program.stop()
            elif line == "@start\n":
                stage.start_again()
            elif line.startswith("@account "):
                stage.add_account(*line.split()[1:])
            elif line.startswith("@network "):
                said = stage.make_network(line.split()[1])
            elif line.startswith("@verify "):
                said = stage.verify_evidence(line.split()[1])
            else:
                print(line, end="", flush=True)
                continue
            driver.stdin.write(f"{said}\n")
            driver.stdin.flush()
        self.assertIsNone(stage.failure, "the institutions' software stopped")
        self.assertEqual(0, driver.wait(PATIENCE_S))


if __name__ == "__main__":
    unittest.main()
