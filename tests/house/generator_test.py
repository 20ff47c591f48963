"""The generator of demo data: the same seed gives the same bytes, and the manifest tells the truth."""

import csv
import io
import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import tree

GENERATE = tree.ROOT / "deploy/demo-data/generate"


def generate(out: Path, *options: str) -> dict:
    subprocess.run([GENERATE, "--out", out, *options], check=True, stdin=subprocess.DEVNULL)
    return json.loads((out / "manifest.json").read_text(encoding="utf-8"))


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


class Generator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = Path(cls.folder.name)
        cls.manifest = generate(cls.out / "a", "--seed", "7", "--count", "600", "--faulty", "0.08")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def exports(self, name):
        return [(self.out / "a" / entry["file"], entry) for entry in self.manifest["files"] if entry["format"] == name]

    def test_the_same_seed_gives_the_same_bytes(self):
        generate(self.out / "b", "--seed", "7", "--count", "600", "--faulty", "0.08")
        self.assertEqual(bytes_below(self.out / "a"), bytes_below(self.out / "b"))

    def test_another_seed_gives_other_bytes(self):
        generate(self.out / "c", "--seed", "8", "--count", "600", "--faulty", "0.08")
        self.assertNotEqual(bytes_below(self.out / "a"), bytes_below(self.out / "c"))

    def test_the_manifest_names_every_record_and_every_fault(self):
        good = sum(len(entry["references"]) + entry["silent"] for entry in self.manifest["files"])
        bad = sum(bool(fault["line"]) for entry in self.manifest["files"] for fault in entry["faults"])
        self.assertAlmostEqual(600, good + bad, delta=3)  # the three files of re-referrals have the same length
        self.assertGreater(bad, 20)
        kinds = {fault["kind"] for entry in self.manifest["files"] for fault in entry["faults"]}
        self.assertLessEqual({"missing_required", "bad_date", "too_few_columns", "broken_quote", "unknown_code",
                              "wrong_encoding", "control_total", "document_type", "missing_element"}, kinds)
        references = [reference for entry in self.manifest["files"] for reference in entry["references"]
                      if not reference.startswith("line:")]
        self.assertEqual(len(references), len(set(references)))

    def test_faults_stand_on_the_line_that_the_manifest_names(self):
        seen = 0
        for entry in self.manifest["files"]:
            lines = (self.out / "a" / entry["file"]).read_bytes().split(b"\n")
            for fault in entry["faults"]:
                if not fault["line"]:
                    continue  # the whole file
                seen += 1
                line = lines[fault["line"] - 1]
                if entry["format"] == "cnaf-xml":
                    self.assertEqual(b"<InfosFoyerRSA>", line.strip())
                elif fault["reference"]:
                    self.assertIn(fault["reference"].encode(), line)
                elif fault["kind"] == "bad_date":
                    self.assertIn(b"31/02/1990", line)
        self.assertGreater(seen, 0)

    def test_a_cnaf_flow_is_valid_but_for_its_faults(self):
        schema = tree.ROOT / "config/mappings/schemas/vrsb0801.xsd"
        for path, entry in self.exports("cnaf-xml"):
            answer = subprocess.run(["xmllint", "--noout", "--schema", schema, path], capture_output=True, text=True, check=False)
            invalid = [fault for fault in entry["faults"] if fault["kind"] in ("bad_date", "missing_element")]
            self.assertEqual(len(invalid), answer.stderr.count("Schemas validity error"), answer.stderr)

    def test_a_cnaf_flow_closes_with_its_control_totals(self):
        for path, entry in self.exports("cnaf-xml"):
            root = ElementTree.parse(path).getroot()
            said = int(root.findtext("TransmissionFlux/NBTOTDOSRSATRANSM"))
            wrong = any(fault["kind"] == "control_total" for fault in entry["faults"])
            self.assertEqual(wrong, said != len(root.findall("InfosFoyerRSA")))

    def test_the_csv_of_a_departement_is_written_as_departements_do(self):
        for path, _ in self.exports("departement-csv"):
            data = path.read_bytes()
            self.assertTrue(data.startswith(b"\xef\xbb\xbf"))
            self.assertEqual(data.count(b"\n"), data.count(b"\r\n"))
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig", errors="replace")), delimiter=";"))
            self.assertEqual(25, len(rows[0]))

    def test_the_extract_of_france_travail_has_its_44_columns(self):
        for path, entry in self.exports("france-travail-csv"):
            rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter=";"))
            short = sum(fault["kind"] == "too_few_columns" for fault in entry["faults"])
            self.assertEqual(len(rows) - short, sum(len(row) == 44 for row in rows))

    def test_social_security_numbers_are_right_in_form_and_of_no_place(self):
        seen = 0
        for path, _ in self.exports("cnaf-xml"):
            for element in ElementTree.parse(path).getroot().iter("NIR"):
                seen += 1
                self.assertRegex(element.text, r"^[12]\d{2}(0[1-9]|1[0-2])00\d{6}$")
        self.assertGreater(seen, 100)


if __name__ == "__main__":
    unittest.main()
