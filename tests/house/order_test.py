"""What every file of the tree must keep to: compiled, short, free of leftovers, where one looks for it."""

import json
import os
import re
import unittest
from pathlib import Path

import tree

TOP_FOLDERS = {".ci", "adapters", "broker", "config", "deploy", "docs", "proto", "tests"}
TOP_FILES = {".clang-format", ".clang-tidy", ".gitignore", "CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json", "LICENSE",
             "README.md"}

LINES_MAX = 400
# Longer files, and why.
LONGER = {
    "adapters/python/relais/refusal_catalogue.py": "one row for each refusal, written by a maker and never by hand",
    "proto/relais/v1/stored.proto": "every event of the journal and every row of the tables, on one page",
    "tests/unit/sdk/sealing_test.cpp": "one test for each way in which a sealed message may be wrong, with one set of helpers",
}

# Put together from pieces, so that this file does not hold them itself.
FORBIDDEN = [r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bX{3}\b", r"\bHA" + r"CK\b", "/wo" + "rk/", "/home" + r"/\w+", "/tmp/to" + "ols",
             r"\bdeb\.deb" + "ian", r"\bsnap" + "shot\\.deb", r"\bClau" + "de\\b", r"\bAnthro" + "pic\\b"]
# Recorded or real input: not written for this project.
NOT_OURS = ("tests/data/", "tests/golden/", "LICENSE", "deploy/demo-data/communes.csv")
TEXT = (".h", ".cpp", ".py", ".md", ".txt", ".toml", ".proto", ".cmake", ".json", ".sql", ".sh", ".html", ".js", ".css", "")


def ours(path: Path) -> bool:
    return not str(path).startswith(NOT_OURS)


class Order(unittest.TestCase):
    def test_the_top_holds_what_the_frame_names_and_nothing_else(self):
        entries = [entry for entry in os.scandir(tree.ROOT) if entry.name not in (".git", "build")]
        self.assertEqual(TOP_FOLDERS, {entry.name for entry in entries if entry.is_dir()})
        self.assertEqual(TOP_FILES, {entry.name for entry in entries if not entry.is_dir()})

    def test_every_source_is_compiled(self):
        build = os.environ.get("RELAIS_BUILD")
        if not build:
            self.skipTest("RELAIS_BUILD does not name a build folder")
        compiled = set()
        with open(Path(build) / "compile_commands.json", encoding="utf-8") as file:
            for entry in json.load(file):
                path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
                several = re.findall(r'#include "(.*\.cpp)"', Path(path).read_text(encoding="utf-8")) if "/Unity/" in path else [path]
                compiled.update(map(os.path.realpath, several))
        # The benchmark is compiled for release alone.
        left = [str(path) for top in ("broker", "adapters", "tests") for path in tree.files(".cpp", below=top)
                if "bench" not in path.parts and os.path.realpath(tree.ROOT / path) not in compiled]
        self.assertEqual([], left)

    def test_no_file_holds_a_forbidden_word(self):
        found = []
        for path in tree.files():
            if not ours(path) or path.suffix not in TEXT:
                continue
            try:
                lines = tree.text(path).splitlines()
            except UnicodeDecodeError:
                continue  # not a text
            for number, line in enumerate(lines, 1):
                found += [f"{path}:{number}: {word}" for word in FORBIDDEN if re.search(word, line)]
        self.assertEqual([], found)

    def test_no_file_of_ours_is_a_giant(self):
        giants = []
        for path in tree.files(".h", ".cpp", ".py", ".proto"):
            lines = tree.text(path).count("\n")
            if ours(path) and lines > LINES_MAX and str(path) not in LONGER:
                giants.append(f"{path}: {lines} lines")
        self.assertEqual([], giants)

    def test_the_list_of_longer_files_is_true(self):
        for path in LONGER:
            self.assertGreater(tree.text(Path(path)).count("\n"), LINES_MAX, f"{path} is short now: strike it off the list")

    def test_every_header_says_pragma_once(self):
        for path in tree.files(".h"):
            if ours(path):
                self.assertIn("#pragma once", tree.text(path), path)

    def test_the_support_bundle_and_the_guide_know_every_line_that_the_broker_logs(self):
        listed = tree.text(Path("broker/cli/support_bundle.cpp")).split("kEvents = ")[1].split("});")[0]
        lines = {found for path in tree.files(".cpp", below="broker")
                 for found in re.findall(r'\blog_(debug|info|warning|error)\(\s*"([^"]+)"', tree.text(path))}
        logged = {event for _, event in lines}
        # Those of single messages would leave no room for the others.
        self.assertEqual(sorted(event for level, event in lines if level != "debug"), re.findall(r'"([^"]+)"', listed))
        rows = re.search(r"What it says:\n(.*?)\n## ", tree.text(Path("docs/metrics.md")), re.DOTALL)[1]
        documented = [event for row in rows.splitlines() for event in re.findall(r"`([^`]+)`", row.split("|")[1:2][0] if "|" in row else "")]
        self.assertEqual(sorted(logged), sorted(documented))

    def test_every_folder_of_code_explains_itself(self):
        missing = [folder for top in ("broker", "adapters") for folder in sorted({str(path.parent) for path in tree.files(
            ".cpp", below=top)}) if not (tree.ROOT / folder / "README.md").is_file()]
        self.assertEqual([], missing)


if __name__ == "__main__":
    unittest.main()
