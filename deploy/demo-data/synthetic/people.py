"""Invented persons. Nobody here exists: see ../README.md for how one can tell."""

import datetime
from dataclasses import dataclass

from .places import Commune

# Family names are put together from syllables that make no known French name.
_FIRST = ["Brou", "Cla", "Fé", "Gri", "Jau", "Lam", "Mou", "Nau", "Pé", "Qui", "Ru", "Sau", "Tré", "Vau", "Œu", "Zé"]
_MIDDLE = ["bli", "cha", "dru", "fan", "gno", "lou", "mi", "nar", "pi", "ssou", "tu", "vré"]
_LAST = ["champeux", "doix", "fignac", "gnolle", "ivert", "louët", "mirel", "noisic", "plessoy", "ric", "varain", "zel"]
_PARTICLES = ["de La ", "D'", "Le ", "de "]
_WOMEN = ["Aurélie", "Béatrice", "Chloé", "Delphine", "Élodie", "Fatoumata", "Gaëlle", "Hélène", "Inès", "Joëlle", "Karima",
          "Léa", "Marie-Noëlle", "Naïma", "Océane", "Pénélope", "Rose", "Séverine", "Thérèse", "Yasmina", "Zoé"]
_MEN = ["Adrien", "Benoît", "Cédric", "Désiré", "Étienne", "François", "Gaëtan", "Hervé", "Ibrahim", "Jean-Noël", "Karim",
        "Loïc", "Mickaël", "Noël", "Omar", "Père-Louis", "Rémi", "Sébastien", "Théo", "Yannick", "Zacharie"]
_STREETS = ["de la Boucle", "du Rosemont", "des Tilleuls", "de l'Église", "du Pré-Haut", "des Œillets", "de la Source-Bleue",
            "de l'Hôtel-Dieu", "du Château-d'Eau", "des Glacis"]
_KINDS = ["rue", "avenue", "place", "chemin", "impasse", "boulevard"]

BIRTH_PLACE = "Ville-Fictive"
BIRTH_COMMUNE = "00999"  # no commune has a code in 00


@dataclass
class Person:
    """One invented person, with everything that any of the formats may ask for."""

    woman: bool
    family_name: str
    birth_name: str
    given_name: str
    birth_date: datetime.date
    nir: str          # 13 characters, formally valid; its place of birth cannot exist
    phone: str
    email: str
    street_number: str
    street_kind: str
    street: str
    complement: str
    commune: Commune
    allocataire: str  # number by which a CAF would know the person
    job_seeker: str   # number by which France Travail would

    @property
    def title(self) -> str:
        return "MME" if self.woman else "M."

    def key(self, write=str) -> str:
        """How the manifest names the person; `write` is what the format does to names."""
        return f"{write(self.family_name)}|{write(self.given_name)}|{self.birth_date.isoformat()}"

    @property
    def address(self) -> str:
        return f"{self.street_number} {self.street_kind} {self.street}"


def nir_key(nir: str) -> str:
    """The two control digits of a number of 13 characters."""
    return f"{97 - int(nir) % 97:02d}"


def _family_name(random) -> str:
    name = random.choice(_FIRST) + random.choice(_MIDDLE) + random.choice(_LAST)
    chance = random.random()
    if chance < 0.06:
        return random.choice(_PARTICLES) + name
    if chance < 0.12:
        return name + "-" + random.choice(_FIRST) + random.choice(_LAST)
    return name


def _ascii(text: str) -> str:
    plain = {"é": "e", "è": "e", "ê": "e", "ë": "e", "ï": "i", "î": "i", "ô": "o", "œ": "oe", "ç": "c", "ñ": "n"}
    return "".join(plain.get(letter, letter if letter.isascii() and letter.isalnum() else "") for letter in text.lower())


def person(random, communes, adult=True) -> Person:
    woman = random.random() < 0.53
    family = _family_name(random)
    married = woman and adult and random.random() < 0.3
    given = random.choice(_WOMEN if woman else _MEN)
    year = random.randint(1944, 2006) if adult else random.randint(2007, 2024)
    born = datetime.date(year, 1, 1) + datetime.timedelta(days=random.randint(0, 364))
    nir = f"{2 if woman else 1}{year % 100:02d}{born.month:02d}00{random.randint(1, 998):03d}{random.randint(1, 998):03d}"
    chance = random.random()
    complement = ""
    if chance < 0.10:
        complement = f'Lieu-dit "{random.choice(["Le Sandwich", "La Vèze", "Le Petit-Chaos"])}"'
    elif chance < 0.20:
        complement = f"Bât. {random.choice('ABCD')} ; appt {random.randint(1, 60)}"
    elif chance < 0.28:
        complement = "CHEZ " + _family_name(random)
    return Person(
        woman=woman,
        family_name=_family_name(random) if married else family,
        birth_name=family,
        given_name=given,
        birth_date=born,
        nir=nir,
        phone=f"0639 98 {random.randint(0, 99):02d} {random.randint(0, 99):02d}".replace(" ", ""),
        email=f"{_ascii(given)}.{_ascii(family)}@example.org",
        street_number=str(random.randint(1, 180)) + random.choice(["", "", "", " bis", " ter"]),
        street_kind=random.choice(_KINDS),
        street=random.choice(_STREETS),
        complement=complement,
        commune=communes.pick(random),
        allocataire=f"99{random.randint(0, 99999):05d}",
        job_seeker=f"9{random.randint(0, 999999):06d}{random.choice('ABCDEFGHJKLMNPQRSTVWXYZ')}",
    )
