"""What the ledgers say together: everything handed over was accepted, handled once, in order, and every loop is closed.

A line: event message case referral kind others number via (tests/crash/ledger.cpp)."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

# Said by the SDK itself: no line of the sender tells of them.
AUTOMATIC = {"referral_received", "outcome_acknowledged"}


class Entry(NamedTuple):
    event: str
    message: str
    case: str
    referral: str
    kind: str
    others: str
    number: int
    via: str


def read(path: Path) -> list[Entry]:
    """Whole lines only: the last one may be being written."""
    data = path.read_bytes() if path.exists() else b""
    entries = []
    for line in data[:data.rfind(b"\n") + 1].decode("ascii").splitlines():
        words = line.split()
        entries.append(Entry(*words[:6], int(words[6]), words[7]))
    return entries


@dataclass
class Comparison:
    handed: int = 0       # deliveries owed by what the softwares handed over and the SDK said by itself
    accepted: int = 0     # of these, those that the broker promised
    delivered: int = 0    # of these, those that had their effect
    accepted_messages: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)  # loops that are open, receipts that nobody told
    strange: list[str] = field(default_factory=list)     # refusals, messages that nobody sent, positions that differ

    @property
    def complete(self) -> bool:
        """Nothing more is to come."""
        return not (self.lost or self.unfinished) and self.accepted == self.delivered

    @property
    def good(self) -> bool:
        return self.complete and not (self.duplicated or self.reordered or self.strange)

    def findings(self) -> list[str]:
        return [f"{word}: {what}" for word in ("lost", "duplicated", "reordered", "unfinished", "strange")
                for what in getattr(self, word)]


class _Comparer:
    def __init__(self, ledgers: dict[str, list[Entry]]):
        self.ledgers = ledgers
        self.result = Comparison()
        self.handed: dict[str, tuple[str, Entry]] = {}            # message -> who, what
        self.receipts: dict[str, set[int]] = defaultdict(set)     # message -> positions
        self.handled: dict[tuple[str, str], Entry] = {}           # who, message -> effect
        self.heard: set[tuple[str, str, str]] = set()             # who, referral, kind
        self.automatic: dict[str, Entry] = {}

    def compare(self) -> Comparison:
        for who, entries in self.ledgers.items():
            for entry in entries:
                getattr(self, "_" + entry.event, self._nothing)(who, entry)
        self._check_deliveries()
        for who, entries in self.ledgers.items():
            self._check_order(who, entries)
        self._check_loops()
        return self.result

    def _nothing(self, who: str, entry: Entry):
        pass

    def _handed(self, who: str, entry: Entry):
        if entry.message in self.handed:
            self.result.strange.append(f"{entry.message} {entry.kind} of {who}: handed over twice by the software itself")
        self.handed[entry.message] = (who, entry)

    def _receipt(self, who: str, entry: Entry):
        self.receipts[entry.message].add(entry.number)

    def _refused(self, who: str, entry: Entry):
        self.result.strange.append(f"{entry.message} of {who}: refused with {entry.others}")

    def _handled(self, who: str, entry: Entry):
        if (who, entry.message) in self.handled:
            self.result.duplicated.append(f"{entry.message} {entry.kind} of referral {entry.referral}: handled twice by {who}")
        self.handled[who, entry.message] = entry
        self.heard.add((who, entry.referral, entry.kind))
        if entry.kind in AUTOMATIC:
            self.automatic[entry.message] = entry

    def _check_deliveries(self):
        result = self.result
        for message, (who, entry) in self.handed.items():
            positions = self.receipts.get(message, set())
            recipients = entry.others.split(",")
            result.handed += len(recipients)
            if len(positions) == 1:
                result.accepted += len(recipients)
                result.accepted_messages += 1
            elif positions:
                result.duplicated.append(f"{message} {entry.kind} of {who}: accepted at the positions {sorted(positions)}")
            else:
                result.unfinished.append(f"{message} {entry.kind} of {who}: no receipt")
            for recipient in recipients:
                effect = self.handled.get((recipient, message))
                if effect is None:
                    result.lost.append(f"{message} {entry.kind} of referral {entry.referral}: "
                                       f"{'accepted' if positions else 'handed over'} from {who}, not handled by {recipient}")
                elif positions and effect.number not in positions:
                    result.strange.append(f"{message} {entry.kind}: receipt at {sorted(positions)}, delivered at {effect.number}")
        result.handed += len(self.automatic)
        result.accepted += len(self.automatic)
        result.accepted_messages += len(self.automatic)
        result.delivered = len(self.handled)
        for who, message in self.handled:
            if message not in self.handed and message not in self.automatic:
                result.strange.append(f"{message}: handled by {who}, sent by nobody")

    def _check_order(self, who: str, entries: list[Entry]):
        """What arrived at one place for one case, and what one place submitted for one case."""
        arrived: dict[str, int] = {}
        seen: set[str] = set()
        said: dict[str, int] = {}
        for entry in entries:
            if entry.event == "handled" and entry.message not in seen:
                seen.add(entry.message)
                self._check_next(arrived, entry, entry.number, f"handled by {who}")
            elif entry.event == "handed" and entry.via == "submit" and len(self.receipts.get(entry.message, ())) == 1:
                self._check_next(said, entry, min(self.receipts[entry.message]), f"submitted by {who}")

    def _check_next(self, last: dict[str, int], entry: Entry, position: int, what: str):
        if position <= last.get(entry.case, 0):
            self.result.reordered.append(f"{entry.message} {entry.kind} of case {entry.case}: position {position} {what} "
                                         f"after {last[entry.case]}")
        last[entry.case] = max(position, last.get(entry.case, 0))

    def _check_loops(self):
        """Each referral, and each leg of a forwarded one: received was told to its sender, the outcome acknowledged."""
        for who, entry in self.handed.values():
            if entry.kind == "referral_requested":
                self._check_loop(who, entry.others, entry.referral)
            if entry.kind == "referral_forwarded":
                sender, target = entry.others.split(",")
                leg = self.handled.get((target, entry.message))  # filed by the target under the id of the leg
                if leg is not None:
                    self._check_loop(sender, target, leg.referral)

    def _check_loop(self, sender: str, recipient: str, referral: str):
        if (sender, referral, "referral_received") not in self.heard:
            self.result.unfinished.append(f"referral {referral} of {sender}: not told that it was received")
        if (recipient, referral, "outcome_acknowledged") not in self.heard:
            self.result.unfinished.append(f"referral {referral} of {sender} to {recipient}: the loop is open")


def compare(ledgers: dict[str, list[Entry]]) -> Comparison:
    return _Comparer(ledgers).compare()


def check_sums(ledgers: dict[str, list[Entry]]) -> list[str]:
    """After a clean stop: the store of the SDK and the software agree on how many messages were handled."""
    wrong = []
    for who, entries in ledgers.items():
        handled = len({entry.message for entry in entries if entry.event == "handled"})
        said = entries[-1].number if entries and entries[-1].event == "sum" else None
        if said != handled:
            wrong.append(f"{who} handled {handled} messages, its adapter's store says {said}")
    return wrong
