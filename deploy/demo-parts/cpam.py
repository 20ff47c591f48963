"""The CPAM's software: imports referrals as XML, and exports what its agents did with them."""

import datetime
import os
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr


@dataclass
class Dossier:
    referral: str
    sender: str
    reference: str
    fate: int
    step: str = "new"
    tries: int = 0


def _meeting(dossier: Dossier) -> str:
    day = datetime.datetime.now(datetime.timezone.utc).replace(hour=9, minute=0, second=0, microsecond=0)
    start = day + datetime.timedelta(days=3 + dossier.fate % 15, minutes=30 * (dossier.fate % 8))
    end = start + datetime.timedelta(minutes=30)
    return (f"<Debut>{start.isoformat()}</Debut><Fin>{end.isoformat()}</Fin>"
            f"<Lieu>cpam-25-besancon</Lieu><Mode>agence</Mode>")


class Cpam:
    """A step of a dossier is one <Suivi>; all steps of one moment are one file."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.dossiers: dict[str, Dossier] = {}
        self.twice: list[str] = []
        self._read = folder / "read"
        self._read.mkdir(parents=True, exist_ok=True)
        self._exports = 0

    def import_referrals(self):
        for path in sorted((self.folder / "out").glob("*.xml")):
            root = ElementTree.fromstring(path.read_bytes())
            os.rename(path, self._read / f"{time.time_ns()}-{path.name}")
            for element in root:
                if element.tag == "Orientation":
                    self._open(element)
                elif element.get("id") in self.dossiers:
                    self.dossiers[element.get("id")].step = "withdrawn"

    def _open(self, element):
        referral = element.get("id")
        if referral in self.dossiers:
            self.twice.append(referral)
            return
        reference = element.findtext("Personne/DossierCcas") or element.findtext("Personne/Dossier") or ""
        self.dossiers[referral] = Dossier(referral, element.get("de"), reference, int(referral.replace("-", "")[:7], 16) % 100)

    def work(self):
        """One step of each open dossier. Of a hundred: 8 refused, most come, 15 do not, 10 need a second appointment."""
        lines = [line for dossier in self.dossiers.values() for line in [self._treat(dossier)] if line]
        if not lines:
            return
        self._exports += 1
        text = '<?xml version="1.0" encoding="UTF-8"?>\n<Suivis>\n' + "\n".join(lines) + "\n</Suivis>\n"
        target = self.folder / "in" / f"suivi-{self._exports:05d}.xml"
        part = target.with_name(f".{target.name}.part")
        part.write_text(text, encoding="utf-8")
        os.rename(part, target)

    def _treat(self, d: Dossier) -> str:
        if d.step == "new" and d.fate < 8:
            return self._say(d, "refus", "rejected", f"<Motif>{('hors-secteur', 'non-eligible', 'incomplet')[d.fate % 3]}</Motif>")
        if d.step == "new":
            return self._say(d, "prise-en-charge", "accepted")
        if d.step == "accepted":
            return self._say(d, "rdv-fixe", "booked", meeting=_meeting(d))
        if d.step == "booked" and d.fate >= 90 and d.tries == 0:
            said = self._say(d, "rdv-annule", "accepted", "<Motif>indisponible</Motif>", meeting=" ")
            d.tries = 1
            return said
        if d.step == "booked" and 75 <= d.fate < 90:
            return self._say(d, "rdv-absence", "missed", meeting=" ")
        if d.step == "booked":
            return self._say(d, "rdv-arrivee", "arrived", meeting=" ")
        if d.step == "arrived":
            return self._say(d, "rdv-honore", "seen", meeting=" ")
        if d.step in ("seen", "missed"):
            outcome = "abouti" if d.step == "seen" else ("injoignable" if d.fate % 2 else "refuse-par-la-personne")
            return self._say(d, "cloture", "completed", f"<Issue>{outcome}</Issue>")
        return ""

    def _say(self, d: Dossier, kind: str, next_step: str, inner: str = "", meeting: str = "") -> str:
        if meeting:
            number = escape(f"RDV-{d.referral[:8]}-{d.tries}")
            inner += f'<RendezVous numero="{number}">{meeting.strip()}</RendezVous>'
        d.step = next_step
        return f"  <Suivi type={quoteattr(kind)} orientation={quoteattr(d.referral)}>{inner}</Suivi>"

    def open_dossiers(self) -> int:
        return sum(dossier.step not in ("rejected", "completed", "withdrawn") for dossier in self.dossiers.values())
