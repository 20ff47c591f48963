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
PATIENCE_S = 240


class ConsoleTest(unittest.TestCase):
    def test_every_page_does_what_it_says(self):
        folder = Path(tempfile.mkdtemp(prefix="relais-browser-"))
        self.addCleanup(shutil.rmtree, folder, True)
        shutil.rmtree(PICTURES, ignore_errors=True)
        PICTURES.mkdir()
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, PACKAGES)
        stage = BrowserStage(BUILD / "bin", folder / "stage")
        self.addCleanup(stage.stop)
        stage.start()
        address = stage.network.console()
        driver = subprocess.Popen(["node", PACKAGES / "drive.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                  env={**os.environ, "CONSOLE": address, "PICTURES": str(PICTURES)})
        self.addCleanup(driver.kill)
        said = []
        for line in driver.stdout:  # what it wants of the stage begins with @
            if line == "@stop\n":
                stage.network.program.stop()
            elif line == "@start\n":
                stage.network.program.start()
            else:
                said.append(line)
                continue
            driver.stdin.write("done\n")
            driver.stdin.flush()
        self.assertEqual(0, driver.wait(PATIENCE_S), "".join(said))
        self.assertIsNone(stage.failure)
        print("".join(said[-1:]), end="")


if __name__ == "__main__":
    unittest.main()
