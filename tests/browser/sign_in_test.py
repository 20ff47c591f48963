"""Signing in by a provider of identities, in a real browser, with a real provider on another site than the broker's."""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).parent
BUILD = Path(os.environ["RELAIS_BUILD"])
sys.path += [str(HERE.parent / "integration/python"), str(HERE.parent / "integration/access")]

from provider_stage import ProviderStage  # noqa: E402

PACKAGES = BUILD / "browser"          # node_modules are there
PICTURES = BUILD.parent / "browser"   # what the pages look like


class SignInTest(unittest.TestCase):
    def test_people_sign_in_and_out_by_a_provider(self):
        PICTURES.mkdir(exist_ok=True)
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, PACKAGES)
        stage = ProviderStage()
        self.addCleanup(stage.close)
        console = stage.broker.url("/console/")
        done = subprocess.run(["node", PACKAGES / "sign_in.mjs"], env={**os.environ, "CONSOLE": console, "PICTURES": str(PICTURES)})
        self.assertEqual(0, done.returncode, stage.broker.log()[-2000:])


if __name__ == "__main__":
    unittest.main()
