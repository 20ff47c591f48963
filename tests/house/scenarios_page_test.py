"""docs/scenarios.md shows each story that is run, and what it shows of the configuration is what the story runs with."""

import re
import unittest

import tree

SECTION = re.compile(r"(?ms)^## (S\d+)\. .*?(?=^## |\Z)")
FRAGMENT = re.compile(r"(?ms)^```toml\n# (\S+)\n(.*?)^```$")


class ScenariosPage(unittest.TestCase):
    def setUp(self):
        self.page = tree.text("docs/scenarios.md")
        self.sections = {found[1]: found[0] for found in SECTION.finditer(self.page)}

    def test_each_story_has_its_section_and_each_section_its_story(self):
        stories = re.findall(r'(?m)^    "(S\d+)": "(s\d+_\w+)",$', tree.text("tests/scenarios/run.py"))
        self.assertEqual([name for name, _ in stories], list(self.sections))
        for name, module in stories:
            self.assertTrue(tree.text(f"tests/scenarios/{module}.py").startswith(f'"""{name}: '), module)
            self.assertIn(f"    deploy/test scenarios {name}\n", self.sections[name])

    def test_each_fragment_stands_in_the_file_that_it_names(self):
        fragments = FRAGMENT.findall(self.page)
        self.assertEqual(self.page.count("```toml"), len(fragments))
        for path, text in fragments:
            self.assertIn(text, tree.text(f"tests/scenarios/{path}"), path)


if __name__ == "__main__":
    unittest.main()
