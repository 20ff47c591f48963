"""The package installs from the tree with pip, complete, and its types are right."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / "adapters" / "python"
BUILT = Path(os.environ["RELAIS_BUILD"]) / "python" / "relais"


class PackageTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="relais-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_in(self, folder, *words, **environment):
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(words, cwd=folder, env={**clean, **environment}, capture_output=True, text=True, timeout=500)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_pip_installs_it_from_the_tree(self):
        # Packaging writes beside what it packs: a copy keeps the tree clean.
        for part in ("proto", "adapters/python"):
            shutil.copytree(ROOT / part, self.folder / "tree" / part)
        self.run_in(self.folder, sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-index", "--no-deps",
                    "--target", self.folder / "site", self.folder / "tree" / "adapters" / "python",
                    PIP_ROOT_USER_ACTION="ignore", PIP_DISABLE_PIP_VERSION_CHECK="1")
        installed = {path.name for path in (self.folder / "site" / "relais").glob("*") if path.name != "__pycache__"}
        self.assertEqual(installed - {"v1"}, {path.name for path in (PYTHON / "relais").glob("*")} - {"__pycache__"})
        messages = {path.stem for path in (ROOT / "proto" / "relais" / "v1").glob("*.proto")}
        for suffix in (".py", ".pyi"):
            found = {path.stem for path in (self.folder / "site" / "relais" / "v1").glob(f"*{suffix}")}
            self.assertEqual(found, {f"{name}_pb2" for name in messages})
        greeter = PYTHON / "examples" / "greeter.py"
        said = self.run_in(self.folder, sys.executable, "-B", greeter, "--version", PYTHONPATH=str(self.folder / "site"))
        self.assertEqual(said, "relais-greeter 0.1.0\n")

    def test_the_page_shows_the_example(self):
        page = (PYTHON / "README.md").read_text(encoding="utf-8")
        shown = page[page.index("```python\n") + len("```python\n"):]
        self.assertIn(shown[:shown.index("```")].strip(), (PYTHON / "examples" / "greeter.py").read_text(encoding="utf-8"))

    def test_the_types_are_right(self):
        said = self.run_in(self.folder, "mypy", "--config-file", PYTHON / "pyproject.toml", "--cache-dir", self.folder / "cache", BUILT)
        self.assertIn("Success", said)
        said = self.run_in(self.folder, "mypy", "--config-file", PYTHON / "pyproject.toml", "--cache-dir", self.folder / "cache",
                           PYTHON / "examples" / "greeter.py", MYPYPATH=str(BUILT.parent))
        self.assertIn("Success", said)


if __name__ == "__main__":
    unittest.main()
