"""What the adapter remembers of the referrals that passed through it, so that further messages can be filled in."""

from dataclasses import dataclass

from relais.store import Store
from relais.v1 import envelope_pb2


@dataclass(frozen=True)
class KnownReferral:
    """A referral whose loop is not closed: what a further message about it repeats."""

    referral_id: bytes
    case_id: bytes
    sender: str
    """of the referral"""
    recipient: str
    purpose: str
    priority: int
    exercise: bool


class ReferralMemory:
    """Threads: any."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, referral_id: bytes) -> KnownReferral | None:
        found = self._store.row(
            "select case_id, sender, recipient, purpose, priority, exercise from referrals where referral_id = ?",
            (referral_id,),
        )
        if found is None:
            return None
        case_id, sender, recipient, purpose, priority, exercise = found
        return KnownReferral(referral_id, case_id, sender, recipient, purpose, priority, bool(exercise))

    def learn(self, envelope: envelope_pb2.Envelope, reached: str = "") -> None:
        """A message by us or to us, complete: opens (requested, forwarded), readdresses (reassigned) or forgets (outcome
        acknowledged) a referral. `reached`: the institution of ours that got it, which may be a fallback.
        Within the transaction that stores the message."""
        kind = envelope.WhichOneof("body")
        if kind == "referral_requested":
            self._open(envelope, envelope.referral_id, envelope.sender, reached or envelope.recipients[0])
        elif kind == "referral_forwarded":
            forwarded = envelope.referral_forwarded
            sender = next((recipient for recipient in envelope.recipients if recipient != forwarded.to), None)
            if sender:
                self._open(envelope, forwarded.new_referral_id, sender, forwarded.to)
        elif kind == "referral_reassigned":
            known = self.find(envelope.referral_id)
            if known:
                self._open(envelope, envelope.referral_id, known.sender, envelope.referral_reassigned.to)
        elif kind == "outcome_acknowledged":
            self.forget(envelope.referral_id)

    def forget(self, referral_id: bytes) -> None:
        self._store.write("delete from referrals where referral_id = ?", (referral_id,))

    def _open(self, envelope: envelope_pb2.Envelope, referral_id: bytes, sender: str, recipient: str) -> None:
        self._store.write(
            "insert or replace into referrals values (?, ?, ?, ?, ?, ?, ?)",
            (referral_id, envelope.case_id, sender, recipient, envelope.purpose, envelope.priority, envelope.exercise),
        )
