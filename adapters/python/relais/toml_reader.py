"""Reads tables of a TOML file and gathers every violation in it, each with its place, its key and what is allowed."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relais.keys import from_base64
from relais.toml_lines import find_lines

_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")


@dataclass(frozen=True)
class Violation:
    file: str
    line: int
    """0: of the file as a whole"""
    path: str
    problem: str
    allowed: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        allowed = f" ({self.allowed})" if self.allowed else ""
        return f"{place}: {self.path}{' ' if self.path else ''}{self.problem}{allowed}"


class Findings:
    def __init__(self, file: Path, lines: dict[str, int]) -> None:
        self._file = str(file)
        self._lines = lines
        self.violations: list[Violation] = []

    def add(self, path: str, problem: str, allowed: str = "") -> None:
        """At the line of `path`, or of the nearest table around it. One violation for each path: the first."""
        if any(known.path == path for known in self.violations):
            return
        place = path
        while place and place not in self._lines:
            place = re.sub(r"(\[[0-9]+\]|\.?[^.\[\]]+)$", "", place)
        self.violations.append(Violation(self._file, self._lines.get(place, 0), path, problem, allowed))

    def in_order(self) -> list[Violation]:
        return sorted(self.violations, key=lambda one: one.line)


class Table:
    """One table; every key of it must be asked for before finish(). A fault answers an empty value."""

    def __init__(self, values: dict[str, Any], path: str, findings: Findings) -> None:
        self._values = values
        self._path = path
        self._findings = findings
        self._asked: set[str] = set()

    def fault(self, key: str, problem: str, allowed: str = "") -> None:
        self._findings.add(self._of(key), problem, allowed)

    def text(self, key: str) -> str:
        return self._get(key, str, "", "a text")

    def needed_text(self, key: str, allowed: str) -> str:
        text = self.text(key)
        if not text:
            self.fault(key, "is missing", allowed)
        return text

    def texts(self, key: str) -> list[str]:
        values: list[Any] = self._get(key, list, [], "a list of texts")
        good = [value for value in values if isinstance(value, str)]
        if len(good) != len(values):
            self.fault(key, "is not a list of texts", "a list of texts")
        return good

    def boolean(self, key: str) -> bool:
        return self._get(key, bool, False, "true or false")

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        allowed = f"a whole number from {least} to {most}"
        value = self._get(key, int, default, allowed)
        if least <= value <= most or key not in self._values:
            return value
        self.fault(key, "is too small" if value < least else "is too large", allowed)
        return default

    def seconds(self, key: str, default: float) -> float:
        allowed = 'a duration such as "45m", "72h" or "10d"'
        text = self._get(key, str, "", allowed)
        match = _DURATION.fullmatch(text)
        if match:
            return int(match[1]) * _UNITS_MS[match[2]] / 1_000
        if text or (key in self._values and self._values[key] == ""):
            self.fault(key, "is not a duration", allowed)
        return default

    def key_bytes(self, key: str) -> bytes:
        allowed = "32 bytes as 44 characters of base64 (relaisctl keys show)"
        data = from_base64(self._get(key, str, "", allowed))
        if data is None or len(data) != 32:
            self.fault(key, "is not a public key", allowed)
            return bytes(32)
        return data

    def table(self, key: str) -> "Table | None":
        """None when it is missing."""
        value: dict[str, Any] | None = self._get(key, dict, None, "a table")
        return None if value is None else Table(value, self._of(key), self._findings)

    def tables(self, key: str) -> "Iterator[Table]":
        """Each one's finish() is called here."""
        values: list[Any] = self._get(key, list, [], f"tables [[{self._of(key)}]]")
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                self.fault(f"{key}[{index}]", "is not a table", f"tables [[{self._of(key)}]]")
                continue
            one = Table(value, f"{self._of(key)}[{index}]", self._findings)
            yield one
            one.finish()

    def finish(self) -> None:
        for key in self._values:
            if key not in self._asked:
                self.fault(key, "is not known here", f"allowed: {', '.join(sorted(self._asked))}")

    def _of(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _get(self, key: str, kind: type, default: Any, allowed: str) -> Any:
        self._asked.add(key)
        if key not in self._values:
            return default
        value = self._values[key]
        if type(value) is not kind:
            self.fault(key, "is of another kind", allowed)
            return default
        return value


def read_toml(file: Path) -> tuple[Table | None, Findings]:
    """The whole file; None when it can not be read or is no TOML, which stands in the findings."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        findings = Findings(file, {})
        findings.add("", f"can not be read: {error.strerror}")
        return None, findings
    except UnicodeDecodeError:
        findings = Findings(file, {})
        findings.add("", "is not a text in UTF-8")
        return None, findings
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        findings = Findings(file, {})
        findings.violations.append(Violation(str(file), int(line[1]) if line else 0, "", f"is not TOML: {error}"))
        return None, findings
    findings = Findings(file, find_lines(text))
    return Table(values, "", findings), findings
