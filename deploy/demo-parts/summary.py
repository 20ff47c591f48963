"""What came of everything: the books of one institution's software against those of the others, by reference.

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


def _count_steps(summary: Summary, journey: Journey):
    for kind, _ in journey.steps:
        if kind in _COUNTED:
            setattr(summary, _COUNTED[kind], getattr(summary, _COUNTED[kind]) + 1)


def sum_up(senders: list[Sender], held: list[tuple[str, str, str]]) -> Summary:
    """`held`: (referral, sender, reference) of every dossier in the software of the recipients."""
    summary = Summary()
    held_once = Counter((sender, reference) for _, sender, reference in held)
    ids_of = {(sender, reference): referral for referral, sender, reference in held}
    for sender in senders:
        rejects = sender.rejects()
        summary.refused += len({(row["fichier"], row["ligne"], row["enregistrement"]) for row in rejects})
        summary.refused_expected += sender.faults_expected
        summary.duplicated += [f"{sender.institution}: {step}" for step in sender.twice]
        summary.complaints += [f"{sender.institution} got an answer to what it never sent: {row}" for row in sender.strange]
        for reference in sorted(sender.expected):
            journey = sender.journeys[reference]
            summary.requested += 1
            times = held_once[(sender.institution, reference)]
            summary.delivered += times > 0
            summary.closed += journey.closed
            _count_steps(summary, journey)
            if times == 0:
                summary.lost.append(f"{sender.institution}: {reference} is with nobody")
            elif times > 1:
                summary.duplicated.append(f"{sender.institution}: {reference} is {times} times with the recipients")
            elif not journey.ended:
                summary.lost.append(f"{sender.institution}: {reference}: the outcome did not come back")
            elif journey.referral != ids_of[(sender.institution, reference)]:
                summary.complaints.append(f"{sender.institution}: {reference} is another referral with the recipient")
    known = {(sender.institution, reference) for sender in senders for reference in sender.expected}
    summary.complaints += [f"nobody sent {reference} of {sender}" for sender, reference in held_once
                           if (sender, reference) not in known]
    return summary
