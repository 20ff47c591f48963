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

    def line(self) -> str:
        said = ["requested", *(words for _, words in self.steps), *(["closed"] if self.closed else [])]
        name = self.reference if len(self.reference) <= 16 else "..." + self.reference[-13:]
        return f"{name:<16} {self.sender} > {self.recipient or '?':<14} {', '.join(said)}"


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
        self.expected: dict[str, str] = {}       # reference of what was exported and is right: who it is about
        self.faults_expected = 0
        self.journeys: dict[str, Journey] = {}   # by reference
        self.unnumbered: dict[str, Journey] = {} # by Relais' id: exports without a number of their own
        self.twice: list[str] = []               # the same step of the same referral, imported again
        self.strange: list[str] = []             # rows about a referral that this software never exported
        self.open_to_new = False                 # true once a reader of the demo may drop files of their own
        self._seen: set[tuple] = set()
        self._read = folder / "read"
        self._read.mkdir(parents=True, exist_ok=True)

    def export(self, source: Path):
        """As a careful software does: written under a name that nobody picks up, then renamed."""
        target = self.folder / "in" / source.name
        part = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, part)
        while target.exists():  # a file of that name still waits: renaming would replace it
            time.sleep(0.05)
        os.rename(part, target)

    def expects(self, persons: dict[str, str], faults: int):
        """What the next export holds. The number `line:N` stands for a row that has none."""
        self.expected.update(persons)
        self.faults_expected += faults
        for reference in persons:
            if not reference.startswith("line:"):
                self.journeys[reference] = Journey(self.institution, reference)

    def all_journeys(self) -> list[Journey]:
        return [*self.journeys.values(), *self.unnumbered.values()]

    def import_answers(self) -> list[Journey]:
        """Reads every file in `out`; answers the journeys that changed."""
        changed: dict[str, Journey] = {}
        for path in sorted((self.folder / "out").glob("*.csv")):
            text = path.read_bytes().decode("windows-1252")
            os.rename(path, self._read / f"{time.time_ns()}-{path.name}")
            for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
                journey = self._import_row(row)
                if journey:
                    changed[journey.referral] = journey
        return list(changed.values())

    def _import_row(self, row: dict) -> Journey | None:
        key = (row["Relais"], row["Événement"], row["Rendez-vous"], row["Le"])
        if key in self._seen:
            self.twice.append(f"{row['N° dossier'] or row['Relais']} {row['Événement']}")
            return None
        self._seen.add(key)
        journey = self._journey_of(row)
        if journey is None:
            self.strange.append(f"{row['N° dossier'] or row['Relais']} {row['Événement']}")
            return None
        journey.referral = row["Relais"]
        if row["De"] != "relais":
            journey.recipient = row["De"]
        journey.steps.append((row["Événement"], words_for(row)))
        journey.ended = journey.ended or row["Événement"] in ENDS
        return journey

    def _journey_of(self, row: dict) -> Journey | None:
        number = row["N° dossier"]
        if number:
            if self.open_to_new and number not in self.journeys:
                self.journeys[number] = Journey(self.institution, number)
            return self.journeys.get(number)
        expected = sum(reference.startswith("line:") for reference in self.expected)
        if row["Relais"] not in self.unnumbered and len(self.unnumbered) < expected:
            self.unnumbered[row["Relais"]] = Journey(self.institution, f"(no number) {row['Relais'][:4]}")
        return self.unnumbered.get(row["Relais"])

    def refused(self) -> list[dict]:
        """One row for each record or file that was refused, out of the tables of reasons in the folder of rejects."""
        found = {}
        for path in sorted((self.folder / "rejects").glob("*.csv")):
            text = path.read_bytes().decode("utf-8-sig", errors="replace")
            if text.startswith("fichier;ligne;"):
                for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
                    found.setdefault((row["fichier"], row["enregistrement"]), row)
        return list(found.values())
