"""What is wrong on purpose, and how the manifest tells of it."""

from dataclasses import asdict, dataclass, field


@dataclass
class Fault:
    """One row, or one whole file when `reference` is empty, that a reader must refuse."""

    kind: str
    line: int         # of the file, where the record begins; 0 for a whole file
    column: str       # as the header or the schema names it; empty for a whole row or file
    reference: str


@dataclass
class Export:
    """One file as it is dropped, with the references of what is right in it."""

    name: str
    format: str
    encoding: str
    data: bytes
    persons: dict[str, str] = field(default_factory=dict)  # reference: "FAMILY NAME|GIVEN NAMES|YYYY-MM-DD" as written
    faults: list[Fault] = field(default_factory=list)
    silent: int = 0                                        # records that say nothing for anybody else

    def manifest(self) -> dict:
        return {"file": f"{self.format}/{self.name}", "format": self.format, "encoding": self.encoding,
                "references": list(self.persons), "persons": self.persons, "silent": self.silent,
                "faults": [asdict(fault) for fault in self.faults]}


class Plan:
    """Says which of `count` records are to be wrong, and how: every kind gets its turn, so that none is left out."""

    def __init__(self, random, count: int, share: float, kinds: list[str]):
        wrong = min(count, round(count * share))
        chosen = sorted(random.sample(range(count), wrong))
        self._kind_of = {index: kinds[turn % len(kinds)] for turn, index in enumerate(chosen)}

    def kind(self, index: int) -> str:
        """Empty: the record is right."""
        return self._kind_of.get(index, "")
