"""Open data: communes, picked in proportion to their population."""

import bisect
import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Commune:
    code: str
    name: str
    postal_code: str


class Communes:
    def __init__(self, departement: str):
        self._communes: list[Commune] = []
        self._sums: list[int] = []
        total = 0
        with open(Path(__file__).parent.parent / "communes.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter=";"):
                if row["code"].startswith(departement) and row["code_postal"]:
                    total += max(int(row["population"]), 1)
                    self._communes.append(Commune(row["code"], row["nom"], row["code_postal"]))
                    self._sums.append(total)

    def pick(self, random) -> Commune:
        return self._communes[bisect.bisect_right(self._sums, random.randrange(self._sums[-1]))]
