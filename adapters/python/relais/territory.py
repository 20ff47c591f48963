"""The communes of France: which EPCI and département each belongs to, and what became of those that were merged away.

All codes are INSEE codes, for EPCI their SIREN."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files


def departement_of(commune: str) -> str:
    """25 of 25056, 2A of 2A004, 974 of 97411; of any code of five characters."""
    return commune[: 3 if commune[:2] in ("97", "98") else 2]


class Territory:
    """Immutable; any thread."""

    def __init__(self, lines: Iterable[str]) -> None:
        """`lines` as in config/territories/communes.txt. ValueError: one of them is none."""
        self._communes: set[str] = set()
        self._in_epci: dict[str, frozenset[str]] = {}
        self._in_departement: dict[str, set[str]] = defaultdict(set)
        self._today: dict[str, str] = {}
        self._arrondissements: dict[str, frozenset[str]] = {}
        for line in lines:
            match line.split():
                case ["departements", *_]:
                    pass
                case ["alone", *codes]:
                    self._communes.update(codes)
                case ["epci", epci, *codes]:
                    self._in_epci[epci] = frozenset(codes)
                    self._communes.update(codes)
                case ["within", city, *codes]:
                    self._arrondissements[city] = frozenset(codes)
                    self._today.update(dict.fromkeys(codes, city))
                case ["now", commune, *codes]:
                    self._today.update(dict.fromkeys(codes, commune))
                case _:
                    raise ValueError(f"no line of communes.txt: {line[:40]}")
        for commune in self._communes:
            self._in_departement[departement_of(commune)].add(commune)

    def commune_today(self, code: str) -> str:
        """The commune of today in which `code` lies: itself, or what it was merged into, or the city whose arrondissement
        it is. Empty when there never was one."""
        return code if code in self._communes else self._today.get(code, "")

    def is_arrondissement(self, code: str) -> bool:
        """Of Paris, Lyon or Marseille: no commune, but a catchment may be one."""
        return code in self._arrondissements.get(self._today.get(code, ""), ())

    def arrondissements_of(self, city: str) -> frozenset[str]:
        """None of any other commune."""
        return self._arrondissements.get(city, frozenset())

    def communes_in(self, epci: str = "", departement: str = "") -> frozenset[str]:
        """The communes of today that lie in the EPCI or in the département."""
        return self._in_epci.get(epci, frozenset()) | frozenset(self._in_departement.get(departement, ()))


@lru_cache(maxsize=1)
def france() -> Territory:
    """The whole of France, as it is packed with the SDK."""
    return Territory(files("relais").joinpath("communes.txt").read_text(encoding="utf-8").splitlines())
