"""The software of an institution that refers persons: exports files, imports what became of them."""

import csv
import io
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

ENDS = {"referral_rejected", "referral_completed", "referral_expired", "referral_forwarded"}


@dataclass
class Journey:
    """One referral as its sender's software knows it."""

    sender: str
    reference: str
    recipient: str = ""
    referral: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)  # (kind, words for a person)
    ended: bool = False
    closed: bool = False  # asked of the broker: the software itself has no word for it
    shown: int = 0

    def line(self) -> str:
        said = ["requested", *(words for _, words in self.steps), *(["closed"] if self.closed else [])]
        return f"{self.reference:<38.38} {self.sender} > {self.recipient or '?':<10} {', '.join(said)}"


def words_for(row: dict) -> str:
    """What the journey shows of one imported row."""
    kind = row["Événement"]
    word = kind.split("_", 1)[1] if kind.startswith(("referral_", "appointment_")) else kind
    if row.get("Début") and kind in ("appointment_booked", "appointment_rescheduled"):
        return f"{word} {row['Début']}"
    detail = row.get("Issue") or row.get("Motif")
    return f"{word}: {detail}" if detail else word


class Sender:
    """Its folders are the adapter's; the software writes into `in` and takes away what it finds in `out`."""

    def __init__(self, institution: str, folder: Path):
        self.institution = institution
        self.folder = folder
        self.journeys: dict[str, Journey] = {}   # by reference
        self.expected: set[str] = set()          # references exported that are right
        self.faults_expected = 0
        self.twice: list[str] = []               # the same step of the same referral, imported again
        self.strange: list[str] = []             # rows about a referral that this software never exported
        self.by_referral: dict[str, Journey] = {}
        self._seen: set[tuple] = set()
        self._read = folder / "read"
        self._read.mkdir(parents=True, exist_ok=True)

    def export(self, source: Path, inbox: Path | None = None):
        """As a careful software does: written under a name that nobody picks up, then renamed."""
        target = (inbox or self.folder / "in") / source.name
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        os.rename(part, target)

    def expects(self, references: list[str], faults: int):
        self.expected.update(references)
        self.faults_expected += faults
        for reference in references:
            self.journeys.setdefault(reference, Journey(self.institution, reference))

    def import_answers(self) -> list[Journey]:
        """Reads every file in `out`; answers the journeys that changed."""
        changed: dict[str, Journey] = {}
        for path in sorted((self.folder / "out").glob("*.csv")):
            data = path.read_bytes().decode("windows-1252")
            os.rename(path, self._read / f"{time.time_ns()}-{path.name}")
            for row in csv.DictReader(io.StringIO(data, newline=""), delimiter=";"):
                journey = self._import_row(row)
                if journey:
                    changed[journey.reference] = journey
        return list(changed.values())

    def _import_row(self, row: dict) -> Journey | None:
        key = (row["Relais"], row["Événement"], row["Rendez-vous"], row["Le"])
        if key in self._seen:
            self.twice.append(f"{row['N° dossier']} {row['Événement']}")
            return None
        self._seen.add(key)
        journey = self.journeys.get(row["N° dossier"])
        if journey is None:
            self.strange.append(f"{row['N° dossier'] or row['Relais']} {row['Événement']}")
            return None
        journey.referral = row["Relais"]
        self.by_referral[journey.referral] = journey
        if row["De"] != "relais":
            journey.recipient = row["De"]
        journey.steps.append((row["Événement"], words_for(row)))
        journey.ended = journey.ended or row["Événement"] in ENDS
        return journey

    def rejects(self) -> list[dict]:
        """Every line of every table of reasons in the folder of rejects."""
        found = []
        for path in sorted((self.folder / "rejects").glob("*")):
            if path.name.endswith(REASONS):
                text = path.read_text(encoding="utf-8-sig")
                found += list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
        return found


REASONS = "-reasons.csv"
