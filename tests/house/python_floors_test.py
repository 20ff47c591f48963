"""The modules of the Python SDK import each other without a circle, and every library stays behind its wall."""

import ast
import re
import unittest

import tree

PACKAGE = "adapters/python/relais"

# library: the modules that may import it.
WALLS = {
    "zmq": r"broker_socket|session",
    "nacl": r"signing|sealing|keys",
    "sqlite3": r"store",
    "tomllib": r"toml_reader",
    "http": r"health_server",
    "fcntl": r"store",
}


def imports(path):
    """Full names of what a module imports when it runs; imports for types alone do not count."""
    found = set()

    def walk(node):
        for one in ast.iter_child_nodes(node):
            if isinstance(one, ast.If) and isinstance(one.test, ast.Name) and one.test.id == "TYPE_CHECKING":
                continue
            if isinstance(one, ast.Import):
                found.update(alias.name for alias in one.names)
            elif isinstance(one, ast.ImportFrom):
                found.update({one.module or ""} if one.module != "relais" else {f"relais.{alias.name}" for alias in one.names})
            walk(one)

    walk(ast.parse(tree.text(path)))
    return found


class PythonFloors(unittest.TestCase):
    def modules(self):
        found = {path.stem: imports(path) for path in tree.files(".py", below=PACKAGE)}
        self.assertTrue(found)
        return found

    def test_there_is_no_circle_of_modules(self):
        arrows = {name: {one.split(".")[1] for one in names if one.startswith("relais.")} for name, names in self.modules().items()}

        def walk(name, way):
            self.assertNotIn(name, way, f"circle: {' > '.join([*way, name])}")
            for target in sorted(arrows.get(name, ())):
                walk(target, [*way, name])

        for name in arrows:
            walk(name, [])

    def test_each_library_stays_behind_its_wall(self):
        wrong = [f"{name} imports {one}" for name, names in self.modules().items() for one in names
                 for library, allowed in WALLS.items()
                 if one.split(".")[0] == library and not re.fullmatch(allowed, name)]
        self.assertEqual([], wrong)


if __name__ == "__main__":
    unittest.main()
