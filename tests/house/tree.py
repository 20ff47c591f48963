"""The files of this tree, for the tests beside it."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SKIPPED = {".git", "build", "node_modules", "__pycache__"}


def files(*suffixes: str, below: str = "") -> list[Path]:
    """Paths relative to the root, in order; all of them without a suffix given."""
    found = []
    for folder, folders, names in os.walk(ROOT / below):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = (Path(folder) / name).relative_to(ROOT)
            if not suffixes or path.suffix in suffixes:
                found.append(path)
    return found


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(path: Path) -> list[tuple[bool, str]]:
    """(own, path) of each include; own when written with quotes."""
    return [(mark == '"', name) for mark, name in _INCLUDE.findall(text(path))]


def scripts(interpreter: str) -> list[Path]:
    """Executable scripts whose first line names the interpreter."""
    found = []
    for path in files():
        full = ROOT / path
        if full.is_symlink() or not os.access(full, os.X_OK):
            continue
        with open(full, "rb") as file:
            first = file.readline(200)
        if first.startswith(b"#!") and interpreter.encode() in first:
            found.append(path)
    return found
