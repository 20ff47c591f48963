"""Scripts are sound, and what the documents tell a reader to type exists."""

import functools
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import tree


class Scripts(unittest.TestCase):
    def test_bash_reads_every_shell_script(self):
        found = tree.scripts("bash") + tree.scripts("/sh")
        self.assertTrue(found)
        for path in found:
            answer = subprocess.run(["bash", "-n", tree.ROOT / path], capture_output=True, text=True, check=False)
            self.assertEqual(0, answer.returncode, answer.stderr)

    def test_shellcheck_has_nothing_to_say(self):
        paths = [tree.ROOT / path for path in tree.scripts("bash")]
        answer = subprocess.run(["shellcheck", "-x", *paths], capture_output=True, text=True, check=False, cwd=tree.ROOT)
        self.assertEqual("", answer.stdout)

    def test_python_compiles_every_script(self):
        for path in set(tree.files(".py")) | set(tree.scripts("python3")):
            compile(tree.text(path), str(path), "exec")

    def test_python_scripts_use_the_interpreter_of_the_system(self):
        for path in tree.scripts("python3"):
            self.assertTrue(tree.text(path).startswith("#!/usr/bin/python3\n"), path)

    def test_scripts_of_deploy_answer_to_help(self):
        for path in tree.scripts("bash") + tree.scripts("python3"):
            if path.parts[0] != "deploy" or len(path.parts) > 2:
                continue
            answer = subprocess.run([tree.ROOT / path, "--help"], capture_output=True, text=True, check=False, timeout=60,
                                    stdin=subprocess.DEVNULL)
            self.assertEqual(0, answer.returncode, f"{path}: {answer.stderr}")
            self.assertIn(path.name, answer.stdout)


COMMAND = re.compile(r"(?:^|[\s`(])((?:deploy|tests|\.ci)/[A-Za-z0-9_./-]*[A-Za-z0-9_])")
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


class Documents(unittest.TestCase):
    def pages(self):
        return [path for path in tree.files(".md") if not str(path).startswith("tests/data/")]

    def test_every_path_that_a_command_names_exists(self):
        wrong = []
        for page in self.pages():
            for name in COMMAND.findall(tree.text(page)):
                if not (tree.ROOT / name).exists():
                    wrong.append(f"{page}: {name}")
        self.assertEqual([], wrong)

    def test_every_link_leads_somewhere(self):
        wrong = []
        for page in self.pages():
            for name in LINK.findall(tree.text(page)):
                if not (tree.ROOT / page.parent / name).exists():
                    wrong.append(f"{page}: {name}")
        self.assertEqual([], wrong)


@functools.cache
def help_of(program: Path, *words: str) -> str:
    answer = subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=False, timeout=60,
                            stdin=subprocess.DEVNULL)
    return answer.stdout if answer.returncode == 0 else ""


class Programs(unittest.TestCase):
    PROGRAMS = ("relaisd", "relaisctl", "relais-files", "relais-postgres", "relais-http", "relais-sftp", "relais-rdvsp",
                "relais-calendar")

    def setUp(self):
        self.bin = Path(os.environ.get("RELAIS_BUILD", "")) / "bin"
        if "RELAIS_BUILD" not in os.environ:
            self.skipTest("RELAIS_BUILD does not name a build folder")

    def test_every_program_answers_to_help(self):
        for name in self.PROGRAMS:
            self.assertIn(name, help_of(self.bin / name), name)

    def test_the_example_of_settings_is_right_down_to_its_comments(self):
        text = tree.text(Path("config/examples/relaisd.toml"))
        with tempfile.TemporaryDirectory() as folder:
            for name in ("proconnect.secret", "authority.pem"):
                (Path(folder) / name).write_text("not a real one\n", encoding="utf-8")
                (Path(folder) / name).chmod(0o600)
            for name, content in (("as_it_is", text), ("all_said", re.sub(r"(?m)^# (\w+ = |\[)", r"\1", text))):
                path = Path(folder) / f"{name}.toml"
                path.write_text(content, encoding="utf-8")
                answer = subprocess.run([self.bin / "relaisd", "--config", path, "--check"], capture_output=True, text=True,
                                        check=False, timeout=60)
                self.assertEqual(0, answer.returncode, answer.stderr)

    def test_every_relaisctl_command_of_the_documents_exists(self):
        wrong = []
        for page in tree.files(".md"):
            for words in re.findall(r"\brelaisctl((?: [a-z][a-z-]*)+)", tree.text(page)):
                path = words.split()
                # Words after the command are its arguments: the first one must be a command, the second when it has any.
                first = help_of(self.bin / "relaisctl", path[0])
                if not first:
                    wrong.append(f"{page}: relaisctl {path[0]}")
                elif len(path) > 1 and re.search(r"^Subcommands:", first, re.MULTILINE):
                    if not help_of(self.bin / "relaisctl", *path[:2]):
                        wrong.append(f"{page}: relaisctl {' '.join(path[:2])}")
        self.assertEqual([], sorted(set(wrong)))


if __name__ == "__main__":
    unittest.main()
