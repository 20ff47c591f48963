"""The tables of fields in the READMEs of adapters are those of the mappings that they name."""

import tomllib
import unittest

import tree

TABLES = {
    "adapters/files/README.md": "config/mappings/accueil-csv.toml",
    "adapters/http/README.md": "config/mappings/http-orientations.toml",
}


def place(field, key):
    if "constant" in field:
        return f"always `{field['constant']}`"
    names = field[key] if isinstance(field[key], list) else [field[key]]
    return " + ".join(f"`{name}`" for name in names)


def table(mapping):
    """One row for each field of a message, in the order of the mapping: where it is read from, and where it is written."""
    rows = {}

    def add(path, column, text):
        texts = rows.setdefault(path, ([], []))[column]
        if text not in texts:
            texts.append(text)
    kind = mapping["in"]["kind"]
    add("kind", 0, place(kind, "from") if isinstance(kind, dict) else f"always `{kind}`")
    for field in mapping["in"]["fields"]:
        add(field["to"], 0, place(field, "from"))
    for record in mapping["out"]["records"]:
        for field in record["fields"]:
            for path in field["from"] if isinstance(field["from"], list) else [field["from"]]:
                add(path, 1, place(field, "to"))
    lines = ["| Relais | read from | written to |", "|---|---|---|"]
    return "\n".join(lines + [f"| `{path}` | {', '.join(read)} | {', '.join(written)} |" for path, (read, written) in rows.items()])


class MappingTables(unittest.TestCase):
    def test_each_readme_shows_the_fields_of_its_mapping(self):
        for readme, mapping in TABLES.items():
            with self.subTest(readme):
                wanted = table(tomllib.loads(tree.text(mapping)))
                page = tree.text(readme)
                self.assertIn(f"({'../../' + mapping})", page)
                self.assertIn(f"\n\n{wanted}\n\n", page, f"{readme} should hold:\n{wanted}")


if __name__ == "__main__":
    unittest.main()
