"""What the demo ships agrees with the programs: its network is sound, its mappings find just the faults that the generator made."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import tree

sys.path.insert(0, str(tree.ROOT / "deploy/demo-parts"))

from network import Network  # noqa: E402
from samples import FOLDER, SAMPLES  # noqa: E402

MAPPING_OF = {"ccas-csv": "demo/mappings/ccas.toml", "cnaf-xml": "mappings/cnaf-vrsb0801.toml",
              "departement-csv": "mappings/departement-beneficiaires.toml",
              "reorientation-csv": "mappings/departement-reorientations.toml",
              "france-travail-csv": "mappings/france-travail-extrait.toml"}


class Demo(unittest.TestCase):
    def setUp(self):
        self.bin = Path(os.environ.get("RELAIS_BUILD", "")) / "bin"
        if "RELAIS_BUILD" not in os.environ:
            self.skipTest("RELAIS_BUILD does not name a build folder")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def trial(self, mapping: str, sample: Path) -> dict:
        answer = subprocess.run([self.bin / "relaisctl", "--json", "mapping", "test", tree.ROOT / "config" / mapping, sample],
                                capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.assertTrue(answer.stdout, answer.stderr)
        return json.loads(answer.stdout)

    def test_the_demos_network_can_be_signed(self):
        network = Network(self.bin, self.folder / "demo", 1, 2)
        network.make()
        self.assertTrue((self.folder / "demo/network.signed").is_file())

    def test_mappings_of_the_demo_are_sound(self):
        for path in tree.files(".toml", below="config"):
            if "mappings" in path.parts:
                answer = subprocess.run([self.bin / "relaisctl", "mapping", "check", tree.ROOT / path], capture_output=True,
                                        text=True, check=False, stdin=subprocess.DEVNULL)
                self.assertEqual(0, answer.returncode, answer.stdout + answer.stderr)

    def test_mappings_find_the_faults_of_the_generator_and_no_others(self):
        subprocess.run([tree.ROOT / "deploy/demo-data/generate", "--out", self.folder, "--seed", "3", "--count", "300",
                        "--faulty", "0.1"], check=True, stdin=subprocess.DEVNULL)
        for entry in json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))["files"]:
            with self.subTest(entry["file"]):
                said = self.trial(MAPPING_OF[entry["format"]], self.folder / entry["file"])
                self.assertEqual(any(not fault["line"] for fault in entry["faults"]), bool(said["refused"]))
                if said["refused"]:
                    continue
                self.assertEqual([fault["line"] for fault in entry["faults"]],
                                 [reject["place"]["line"] for reject in said["rejects"]])
                self.assertEqual(entry["silent"], said["without_message"])
                persons = ["|".join(message["contents"]["identity"].get(name, "") for name in
                                    ("family_name", "given_names", "birth_date")) for message in said["messages"]]
                self.assertEqual(list(entry["persons"].values()), persons)

    def test_real_samples_hold_what_the_demo_expects_of_them(self):
        for sample in SAMPLES:
            path = tree.ROOT / FOLDER / sample.path
            with self.subTest(sample.path):
                self.assertTrue(path.is_file())
                for person in sample.persons.values():
                    family, given, born = person.split("|")
                    text = path.read_bytes().decode("utf-8-sig" if path.suffix == ".csv" else "windows-1252")
                    for word in (family, given, born):
                        self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
