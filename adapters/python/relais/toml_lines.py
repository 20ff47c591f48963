"""Where a key stands in a TOML file, which tomllib does not tell."""

import re

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*=""")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')


def find_lines(text: str) -> dict[str, int]:
    """Path -> line, counted from 1; e.g. "relais.institution[0].id", and "relais" for the table's head. Of keys written
    with dots only the first part is known."""
    lines: dict[str, int] = {}
    arrays: dict[str, int] = {}
    table, depth, quotes = "", 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if quotes:  # within a text of several lines
            quotes = "" if quotes in line else quotes
            continue
        if depth == 0:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                table = _table(header[1], header[2], arrays)
                lines.setdefault(table, number)
                continue
            if key:
                name = next(part for part in key.groups() if part is not None)
                lines.setdefault(f"{table}.{name}" if table else name, number)
        rest = line
        for mark in ('"""', "'''"):
            if line.count(mark) == 1:
                quotes, rest = mark, line.partition(mark)[0]
        bare = _STRING.sub("", rest).partition("#")[0]
        depth += sum(bare.count(bracket) for bracket in "[{") - sum(bare.count(bracket) for bracket in "]}")
    return lines


def _table(mark: str, name: str, arrays: dict[str, int]) -> str:
    """With the number of each array that it is in."""
    path = ""
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for index, part in enumerate(parts):
        path = f"{path}.{part}" if path else part
        if mark == "[[" and index == len(parts) - 1:
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path = f"{path}[{arrays[path]}]"
    return path
