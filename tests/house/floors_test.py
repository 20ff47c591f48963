"""Includes follow the floors of the house, and every library stays behind its wall."""

import re
import unittest

import tree

# folder: what it may include of ours, besides itself and the generated protocol (relais/v1/).
FLOORS = {
    "broker/base": [],
    "broker/core": ["broker/base"],
    "broker/access": ["broker/base"],
    "broker/journal": ["broker/core", "broker/base"],
    "broker/evidence": ["broker/core", "broker/journal", "broker/base"],
    "broker/transport": ["broker/base"],
    "broker/engine": ["broker/core", "broker/journal", "broker/base"],
    "broker/admin": ["broker/engine", "broker/access", "broker/base"],
    "broker/app": ["broker/base", "broker/core", "broker/journal", "broker/transport", "broker/engine", "broker/evidence",
                   "broker/access", "broker/admin"],
    "broker/cli": ["broker/base", "broker/core", "broker/journal", "broker/evidence", "broker/access", "adapters/mapping"],
    # core is pure: both ends judge by the same rules of secrecy, from the same definition
    "adapters/sdk": ["broker/base", "broker/core"],
    "adapters/mapping": ["broker/base"],
    "adapters/files": ["adapters/sdk", "adapters/mapping", "broker/base"],
    "adapters/postgres": ["adapters/sdk", "adapters/mapping", "broker/base"],
    "adapters/sftp": ["adapters/files", "adapters/sdk", "adapters/mapping", "broker/base"],
    "adapters/rdvsp": ["adapters/http", "adapters/files", "adapters/sdk", "adapters/mapping", "broker/base"],
    "adapters/http": ["adapters/files", "adapters/sdk", "adapters/mapping", "broker/base"],
    "adapters/calendar": ["adapters/http", "adapters/files", "adapters/sdk", "adapters/mapping", "broker/base"],
}

# header of a library: the files that may include it.
WALLS = {
    r"rocksdb/.*": r"broker/journal/.*|adapters/sdk/.*(outbox|inbox|store).*",
    r"zmq\.h(pp)?|zmq_addon\.hpp": r"broker/transport/.*|adapters/sdk/.*(session|socket).*",
    r"sodium(/.*)?\.h|sodium": r"broker/base/crypto.*",
    r"spdlog/.*": r"broker/base/log.*",
    r"libxml/.*": r"adapters/mapping/.*",
    r"libpq-fe\.h|libpq/.*": r"adapters/postgres/.*",
    r"libssh/.*": r"adapters/sftp/.*",
    r"libical/.*": r"adapters/calendar/ical_handle\.h",
    r"liboath/.*": r"broker/access/totp.*",
    r"openssl/.*": r"broker/admin/tls.*",
    r"cjose/.*": r"broker/access/jws.*",
}


def folder_of(path: str) -> str:
    return "/".join(path.split("/")[:2])


def own_code():
    return [path for top in ("broker", "adapters") for path in tree.files(".h", ".cpp", below=top)]


class Floors(unittest.TestCase):
    def test_every_folder_with_code_stands_in_the_table(self):
        for path in own_code():
            self.assertIn(folder_of(str(path)), FLOORS, path)

    def test_no_folder_includes_one_that_it_may_not(self):
        wrong = []
        for path in own_code():
            folder = folder_of(str(path))
            for own, name in tree.includes(path):
                if not own or name.startswith("relais/v1/"):
                    continue
                target = folder_of(name)
                if target != folder and target not in FLOORS.get(folder, []):
                    wrong.append(f"{path} includes {name}")
        self.assertEqual([], wrong)

    def test_own_headers_are_included_by_their_full_path(self):
        wrong = []
        for path in own_code() + tree.files(".h", ".cpp", below="tests"):
            for own, name in tree.includes(path):
                if own and not name.startswith("relais/v1/") and name != "relais_paths.h" and not (tree.ROOT / name).is_file():
                    wrong.append(f"{path} includes {name}")
        self.assertEqual([], wrong)

    def test_there_is_no_circle_of_folders(self):
        arrows: dict[str, set[str]] = {}
        for path in own_code():
            folder = folder_of(str(path))
            for own, name in tree.includes(path):
                if own and folder_of(name) != folder and not name.startswith("relais/v1/"):
                    arrows.setdefault(folder, set()).add(folder_of(name))

        def walk(folder, way):
            self.assertNotIn(folder, way, f"circle: {' > '.join([*way, folder])}")
            for target in sorted(arrows.get(folder, ())):
                walk(target, [*way, folder])

        for folder in sorted(arrows):
            walk(folder, [])

    def test_there_is_no_circle_of_headers(self):
        done: set[str] = set()

        def walk(name, way):
            self.assertNotIn(name, way, f"circle: {' > '.join([*way, name])}")
            if name in done or not (tree.ROOT / name).is_file():
                return
            for own, target in tree.includes(tree.Path(name)):
                if own:
                    walk(target, [*way, name])
            done.add(name)

        for path in own_code():
            walk(str(path), [])

    def test_each_library_stays_behind_its_wall(self):
        wrong = []
        for path in own_code():
            for own, name in tree.includes(path):
                for library, allowed in WALLS.items():
                    if not own and re.fullmatch(library, name) and not re.fullmatch(allowed, str(path)):
                        wrong.append(f"{path} includes <{name}>")
        self.assertEqual([], wrong)


if __name__ == "__main__":
    unittest.main()
