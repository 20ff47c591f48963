"""Submissions on disk until the broker has promised them, or refused them for good."""

from dataclasses import dataclass, field

from relais.frames import read_envelope
from relais.ids import now_ms
from relais.refusal import Refusal
from relais.store import Store
from relais.v1 import envelope_pb2, frames_pb2, refusal_pb2

_ENTRY = "sequence, message_id, case_id, referral_id, kind, submitted_at_ms, automatic, repeatable, bytes"


@dataclass(frozen=True)
class Entry:
    """A submission without an answer. The sequence grows by one and is never given twice."""

    sequence: int
    message_id: bytes
    case_id: bytes
    referral_id: bytes
    kind: str
    submitted_at_ms: int
    automatic: bool
    """by the SDK itself: nobody is told of its receipt"""
    repeatable: bool
    """the caller chose the message id"""
    size: int


@dataclass(frozen=True)
class RefusedMessage:
    """A submission that the broker refused for good."""

    message_id: bytes
    envelope: envelope_pb2.Envelope = field(repr=False)
    refusal: refusal_pb2.Refused
    refused_at_ms: int


class Outbox:
    """Threads: any."""

    def __init__(self, store: Store, bytes_max: int, disk_reserve_bytes: int) -> None:
        self._store = store
        self._bytes_max = bytes_max
        self._disk_reserve_bytes = disk_reserve_bytes
        self._messages = self._bytes = 0
        store.when_rolled_back = self._count
        self._count()

    def check_room(self, count: int) -> None:
        """outbox.full."""
        if self.total_bytes() + count > self._bytes_max:
            raise Refusal("outbox.full", "outbox", why="outbox_bytes_max")
        if self._store.free_bytes() < self._disk_reserve_bytes + count:
            raise Refusal("outbox.full", "outbox", why="disk_reserve_bytes")

    def append(self, envelope: envelope_pb2.Envelope, submit: bytes, automatic: bool, repeatable: bool) -> None:
        """Within the transaction of everything that belongs to it."""
        if repeatable:
            self._store.write("insert or replace into submitted values (?, ?)", (envelope.message_id, now_ms()))
        self._store.write(
            "insert into outbox (message_id, case_id, referral_id, kind, submitted_at_ms, automatic, repeatable, bytes, submit)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (envelope.message_id, envelope.case_id, envelope.referral_id, envelope.WhichOneof("body"),
             envelope.sent_at_ms, automatic, repeatable, len(submit), submit),
        )
        self._messages += 1
        self._bytes += len(submit)

    def entries(self, after: int, count: int) -> list[Entry]:
        """In the order of submission. Never waits for a transaction."""
        found = self._store.committed_rows(f"select {_ENTRY} from outbox where sequence > ? order by sequence limit ?", (after, count))
        return [Entry(*row) for row in found]

    def submit(self, sequence: int) -> bytes | None:
        """What is sent, unchanged, until it is answered; None when it was meanwhile. Never waits for a transaction."""
        found = self._store.committed_rows("select submit from outbox where sequence = ?", (sequence,))
        return found[0][0] if found else None

    def settle(self, entry: Entry) -> None:
        """Not synced: when that is lost, the broker repeats its receipt."""
        if self._store.note_unsynced("delete from outbox where sequence = ?", (entry.sequence,)):
            self._forget(entry)

    def refuse(self, entry: Entry, refusal: refusal_pb2.Refused) -> None:
        """Out of the outbox, into the refused area."""
        with self._store.transaction():
            stored = self.submit(entry.sequence)
            if stored is None:
                return
            envelope = frames_pb2.Submit.FromString(stored).envelope
            self._store.write(
                "insert or replace into refused values (?, ?, ?, ?, ?)",
                (entry.sequence, entry.message_id, envelope, refusal.SerializeToString(), now_ms()),
            )
            self._store.write("delete from outbox where sequence = ?", (entry.sequence,))
            self._forget(entry)
            # The broker does not have it: the same id may be tried again once the reason is gone.
            self._store.write("delete from submitted where message_id = ?", (entry.message_id,))

    def was_submitted(self, message_id: bytes) -> bool:
        return self._store.row("select 1 from submitted where message_id = ?", (message_id,)) is not None

    def refused(self, count: int) -> list[RefusedMessage]:
        found = self._store.rows(
            "select message_id, envelope, refusal, at_ms from refused order by sequence limit ?", (count,)
        )
        return [
            RefusedMessage(message_id, read_envelope(envelope), refusal_pb2.Refused.FromString(refusal), at_ms)
            for message_id, envelope, refusal, at_ms in found
        ]

    def forget_refused(self, message_id: bytes) -> None:
        """not.found."""
        if self._store.write("delete from refused where message_id = ?", (message_id,)) == 0:
            raise Refusal("not.found", "message_id")

    def messages(self) -> int:
        return self._messages

    def total_bytes(self) -> int:
        return self._bytes

    def oldest_ms(self) -> int | None:
        found = self._store.committed_rows("select submitted_at_ms from outbox order by sequence limit 1")
        return found[0][0] if found else None

    def refused_messages(self) -> int:
        found = self._store.committed_rows("select count(*) from refused")
        return int(found[0][0])

    def _forget(self, entry: Entry) -> None:
        self._messages -= 1
        self._bytes -= entry.size

    def _count(self) -> None:
        found = self._store.row("select count(*), coalesce(sum(bytes), 0) from outbox")
        self._messages, self._bytes = found or (0, 0)
