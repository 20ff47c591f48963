"""What docs/metrics.md says there is, and what a program serves."""

import re
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
PAGE = ROOT / "docs" / "metrics.md"


class Metric(NamedTuple):
    name: str
    type: str
    labels: frozenset


def rows(heading):
    """The cells of the tables below that heading of the page."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def catalogue(heading):
    return {Metric(cells[0].strip("`"), cells[1], frozenset(re.findall(r"`(\w+)`", cells[3]))) for cells in rows(heading)}


def names(*headings):
    return {metric.name for heading in headings or ("The broker", "Adapters") for metric in catalogue(heading)}


_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Served:
    """One look at /metrics."""

    def __init__(self, url):
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        self.types, self._samples = {}, []
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split()
                self.types[name] = kind
            elif not line.startswith("#"):
                name, labels, value = _SAMPLE.fullmatch(line).groups()
                self._samples.append((name, dict(_LABEL.findall(labels or "")), float(value)))

    def metrics(self):
        """Each with the labels of its samples; a family without a sample has none."""
        found = {Metric(name, kind, frozenset()) for name, kind in self.types.items() if name not in self.with_samples()}
        return found | {Metric(name, self.types[name], frozenset(labels)) for name, labels, _ in self._samples}

    def with_samples(self):
        return {name for name, _, _ in self._samples}

    def value(self, name, **labels):
        found = [value for sample, has, value in self._samples if sample == name and labels.items() <= has.items()]
        assert len(found) == 1, f"{name} {labels}: {len(found)} samples"
        return found[0]
