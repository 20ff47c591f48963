"""Two institutions with relais-files between their folders and the broker: rows dropped in `in` of the one come out in
`out` of the other exactly once, and are answered the same way."""

import csv
import io
import os
from collections import Counter
from pathlib import Path

ROWS_IN_A_FILE = 5


class Desk:
    """An institution's software: drops files, takes away those it finds."""

    def __init__(self, folder: Path):
        self.folders = folder / "folders"
        self.rows: list[dict] = []
        self._dropped = 0
        self._taken = 0
        for name in ("in", "read"):
            (self.folders / name).mkdir(parents=True, exist_ok=True)

    def drop(self, rows: list[dict]):
        if not rows:
            return
        self._dropped += 1
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, ["kind", "reference", "referral", "to", "name"], delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        target = self.folders / f"in/rows-{self._dropped:05d}.csv"
        part = target.with_name(target.name + ".part")
        part.write_text(text.getvalue(), encoding="utf-8", newline="")
        os.rename(part, target)

    def take(self) -> list[dict]:
        """Rows of files that were not read before, files in the order of their numbers."""
        fresh = []
        for path in sorted((self.folders / "out").glob("*.csv"), key=lambda path: int(path.stem.rsplit("-", 1)[1])):
            text = path.read_bytes().decode("utf-8")
            self._taken += 1
            os.rename(path, self.folders / f"read/{self._taken:06d}-{path.name}")
            fresh += csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
        self.rows += fresh
        return fresh

    def rejects(self) -> list[str]:
        folder = self.folders / "rejects"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


class RowExchange:
    """Every row is one referral: requested, accepted, completed, acknowledged."""

    STEPS_BACK = ("referral_received", "referral_accepted", "referral_completed")
    STEPS_THERE = ("referral_requested", "outcome_acknowledged")

    def __init__(self, sender: Path, recipient: Path, recipient_id: str):
        self._sender, self._recipient, self._recipient_id = Desk(sender), Desk(recipient), recipient_id
        self._references: list[str] = []

    def drop(self):
        rows = []
        for _ in range(ROWS_IN_A_FILE):
            reference = f"row-{len(self._references) + 1:06d}"
            self._references.append(reference)
            rows.append({"kind": "request", "reference": reference, "referral": "", "to": self._recipient_id, "name": reference})
        self._sender.drop(rows)

    def answer(self):
        """Both softwares take what is there; the recipient's answers the requests among it."""
        self._sender.take()
        requests = [row for row in self._recipient.take() if row["kind"] == "referral_requested"]
        self._recipient.drop([{"kind": kind, "reference": "", "referral": row["referral"], "to": "", "name": ""}
                              for row in requests for kind in ("accept", "complete")])

    @property
    def handed(self) -> int:
        """Messages that the rows stand for, also those that the SDK says by itself."""
        return len(self._references) * (len(self.STEPS_BACK) + len(self.STEPS_THERE))

    @property
    def delivered(self) -> int:
        return len(self._there()) + len(self._back())

    def findings(self) -> dict[str, list[str]]:
        """lost, duplicated, reordered, strange."""
        found = {"lost": [], "duplicated": [], "reordered": [], "strange": []}
        expected = {(kind, reference) for kind in self.STEPS_THERE + self.STEPS_BACK for reference in self._references}
        counted = self._there() + self._back()
        for kind, reference in sorted(expected - counted.keys()):
            found["lost"].append(f"{kind} of {reference}: came out nowhere")
        for (kind, reference), count in sorted(counted.items()):
            if count > 1:
                found["duplicated"].append(f"{kind} of {reference}: came out {count} times")
            if (kind, reference) not in expected:
                found["strange"].append(f"{kind} of {reference}: nobody dropped it")
        found["reordered"] = self._out_of_order(self._sender.rows, self.STEPS_BACK)
        found["reordered"] += self._out_of_order(self._recipient.rows, self.STEPS_THERE)
        found["strange"] += [f"{name} is in the rejects" for desk in (self._sender, self._recipient) for name in desk.rejects()]
        return found

    def _there(self) -> Counter:
        """The recipient's software knows the reference by the row of the request; Relais gives it the referral's id."""
        names = {row["referral"]: row["name"] for row in self._recipient.rows if row["kind"] == "referral_requested"}
        return Counter((row["kind"], names.get(row["referral"], row["referral"])) for row in self._recipient.rows)

    def _back(self) -> Counter:
        return Counter((row["kind"], row["reference"]) for row in self._sender.rows)

    @staticmethod
    def _out_of_order(rows: list[dict], steps: tuple) -> list[str]:
        last: dict[str, int] = {}
        wrong = []
        for row in rows:
            step = steps.index(row["kind"]) if row["kind"] in steps else -1
            if step < last.get(row["referral"], -1):
                wrong.append(f"{row['kind']} of referral {row['referral']}: came out too late")
            last[row["referral"]] = step
        return wrong
