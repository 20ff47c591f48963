"""The département's software: a spreadsheet. Imports referrals as CSV, and exports rows with a status typed by somebody.

The format is that of config/mappings/accueil-csv.toml."""

import csv
import datetime
import io
import os
import time
from dataclasses import dataclass
from pathlib import Path

_HEADER = ["Identifiant Relais", "Numéro", "Statut", "Motif", "Issue", "RDV le", "RDV à", "RDV fin", "Lieu"]


@dataclass
class Row:
    referral: str
    number: str
    sender: str
    person: str  # "FAMILY NAME|GIVEN NAMES|YYYY-MM-DD"
    fate: int
    step: str = "new"


class Departement:
    def __init__(self, folder: Path):
        self.folder = folder
        self.rows: list[Row] = []  # also when one referral stands there twice
        self._read = folder / "read"
        self._read.mkdir(parents=True, exist_ok=True)
        self._exports = 0

    def import_referrals(self):
        for path in sorted((self.folder / "out").glob("*.csv")):
            text = path.read_text(encoding="utf-8-sig")
            os.rename(path, self._read / f"{time.time_ns()}-{path.name}")
            for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";"):
                if "Mouvement" in row:
                    self._move(row)
                else:
                    self._open(row)

    def _open(self, row: dict):
        day, _, month_year = row["Né(e) le"].partition("/")
        month, _, year = month_year.partition("/")
        referral = row["Identifiant Relais"]
        self.rows.append(Row(referral, f"DEP-{len(self.rows) + 1:05d}", row["Orienteur"],
                             f"{row['Nom']}|{row['Prénom']}|{year}-{month}-{day}", int(referral.replace("-", "")[:7], 16) % 100))

    def _move(self, movement: dict):
        for row in self.rows:
            if row.referral == movement["Identifiant Relais"] and movement["Mouvement"] in ("annulée", "délai dépassé"):
                row.step = "withdrawn"

    def work(self):
        """One step of each open row. Of a hundred: 6 refused, most come, some do not."""
        typed = [cells for row in self.rows for cells in [self._treat(row)] if cells]
        if not typed:
            return
        self._exports += 1
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(_HEADER)
        writer.writerows(typed)
        target = self.folder / "in" / f"statuts-{self._exports:05d}.csv"
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(text.getvalue().encode("utf-8-sig"))
        os.rename(part, target)

    def _treat(self, row: Row) -> list[str]:
        if row.step == "new" and row.fate < 6:
            row.step = "rejected"
            return [row.referral, row.number, "refusé", ("hors secteur", "doublon", "complet")[row.fate % 3], "", "", "", "", ""]
        if row.step == "new":
            row.step = "booked"
            day = datetime.date.today() + datetime.timedelta(days=3 + row.fate % 20)
            hour = 9 + row.fate % 8
            return [row.referral, row.number, "RDV pris", "", "", day.strftime("%d/%m/%Y"), f"{hour}h00", f"{hour}h45",
                    "maison-du-departement"]
        if row.step == "booked" and row.fate >= 80:
            row.step = "missed"
            return [row.referral, row.number, "absent", "", "", "", "", "", ""]
        if row.step == "booked":
            row.step = "seen"
            return [row.referral, row.number, "venu", "", "", "", "", "", ""]
        if row.step in ("seen", "missed"):
            outcome = "abouti" if row.step == "seen" else "injoignable"
            row.step = "completed"
            return [row.referral, row.number, "terminé", "", outcome, "", "", "", ""]
        return []

    def open_rows(self) -> int:
        return sum(row.step not in ("rejected", "completed", "withdrawn") for row in self.rows)
