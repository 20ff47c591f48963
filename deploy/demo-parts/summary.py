"""What came of everything: the books of the sender's software against those of the others.

The broker's own counters take no part in it, except for one question that only the broker can answer: is the loop closed?"""

from collections import Counter
from dataclasses import dataclass, field

from sender import Journey, Sender


@dataclass
class Summary:
    """`json()` is the last line of `deploy/demo --once --json`."""

    requested: int = 0
    delivered: int = 0
    accepted: int = 0
    rejected: int = 0
    completed: int = 0
    closed: int = 0
    booked: int = 0
    fulfilled: int = 0
    noshow: int = 0
    cancelled: int = 0
    refused: int = 0
    refused_expected: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)  # (rule, words) of each refused record
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def good(self) -> bool:
        return (self.requested > 0 and self.closed == self.requested and not self.lost and not self.duplicated
                and not self.complaints and self.refused == self.refused_expected)

    def json(self, seconds: float) -> dict:
        return {
            "referrals": {"requested": self.requested, "delivered": self.delivered, "accepted": self.accepted,
                          "rejected": self.rejected, "completed": self.completed, "closed": self.closed},
            "appointments": {"booked": self.booked, "fulfilled": self.fulfilled, "noshow": self.noshow,
                             "cancelled": self.cancelled},
            "lost": len(self.lost), "duplicated": len(self.duplicated), "refused": self.refused,
            "seconds": round(seconds, 1),
        }


_COUNTED = {"referral_accepted": "accepted", "referral_rejected": "rejected", "referral_completed": "completed",
            "appointment_booked": "booked", "appointment_fulfilled": "fulfilled", "appointment_no_show": "noshow",
            "appointment_cancelled": "cancelled"}


def _words(sentence: str) -> str:
    """The sentence without the figures of one record."""
    return sentence.split(":")[0].strip().rstrip(".")


def _count_steps(summary: Summary, journey: Journey):
    for kind, _ in journey.steps:
        if kind in _COUNTED:
            setattr(summary, _COUNTED[kind], getattr(summary, _COUNTED[kind]) + 1)


def sum_up(sender: Sender, held: list[tuple[str, str]]) -> Summary:
    """`held`: (sender, who) of every dossier in the software of the recipients: the sender's number of the referral where
    the recipient's software has it, else the person."""
    refused = sender.refused()
    summary = Summary(requested=len(sender.expected), refused=len(refused), refused_expected=sender.faults_expected,
                      reasons=[(row["regle"], _words(row["reason"])) for row in refused])
    books = Counter()
    for reference, person in sender.expected.items():
        books[(sender.institution, person)] += 1
    others = Counter(held)
    summary.delivered = (books & others).total()
    summary.lost += [f"{who} is with nobody" for _, who in (books - others).elements()]
    for institution, who in (others - books).elements():
        known = books[(institution, who)]
        (summary.duplicated if known else summary.complaints).append(
            f"{who} of {institution} is with the recipients {others[(institution, who)]} times instead of {known}")
    summary.duplicated += [f"{step}: imported twice" for step in sender.twice]
    summary.complaints += [f"an answer to what was never sent: {row}" for row in sender.strange]
    for journey in sender.all_journeys():
        summary.closed += journey.closed
        _count_steps(summary, journey)
        if journey.steps and not journey.ended:
            summary.lost.append(f"{journey.reference}: the outcome did not come back")
    return summary
