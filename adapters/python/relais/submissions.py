"""Which submissions are out, which may go next, and when those that were refused for a time go again."""

import heapq
from collections import deque
from dataclasses import dataclass

from relais.outbox import Entry, Outbox
from relais.v1 import frames_pb2

OUT_MAX = 1_024
OUT_BYTES_MAX = 16 << 20
FRAME_MESSAGES_MAX = 256
FRAME_BYTES_MAX = 1 << 20
_ENTRIES_MAX = 65_536
_READ_AT_ONCE = 1_000
_CAREFULLY = 16
_FRAMING = 16


@dataclass
class _Sent:
    entry: Entry
    at: float


class Submissions:
    """Messages of one case go one after another, each when the one before is answered; different cases side by side.

    Threads: the session's.
    """

    def __init__(self, outbox: Outbox, answer_within_s: float, refused_first_s: float, refused_most_s: float) -> None:
        self._outbox = outbox
        self._answer_within_s = answer_within_s
        self._refused_first_s = refused_first_s
        self._refused_most_s = refused_most_s
        self._read = 0                               # the highest sequence that is known here
        self._lines: dict[bytes, deque[Entry]] = {}  # case -> its entries; the first is ready or out
        self._ready: list[tuple[int, bytes]] = []    # heap of (sequence of the first, case)
        self._entries = 0
        self._out: dict[bytes, _Sent] = {}           # message id -> sent and not answered
        self._out_bytes = 0
        self._out_max = OUT_MAX
        self._refusals_in_a_row = 0
        self.paused_until = 0.0

    def session_opened(self) -> None:
        """Everything that was out goes again."""
        for sent in self._out.values():
            heapq.heappush(self._ready, (sent.entry.sequence, sent.entry.case_id))
        self._out.clear()
        self._out_bytes = 0
        self._out_max = OUT_MAX
        self._refusals_in_a_row = 0
        self.paused_until = 0.0

    def something_to_send(self, now: float) -> bool:
        if now < self.paused_until or len(self._out) >= self._out_max or self._out_bytes >= OUT_BYTES_MAX:
            return False
        if not self._ready:
            self._read_more()
        return bool(self._ready)

    def fill(self, frame: frames_pb2.AdapterFrame, frame_bytes_max: int, now: float) -> None:
        size = 0
        while len(frame.submits) < FRAME_MESSAGES_MAX and size < FRAME_BYTES_MAX and self.something_to_send(now):
            sequence, case_id = self._ready[0]
            entry = self._lines[case_id][0]
            if frame.submits and size + entry.size + _FRAMING > frame_bytes_max:
                return
            heapq.heappop(self._ready)
            stored = self._outbox.submit(sequence)
            if stored is None:  # answered in an earlier session
                self._over(entry)
                continue
            frame.submits.add().MergeFromString(stored)
            size += entry.size + _FRAMING
            self._out[entry.message_id] = _Sent(entry, now)
            self._out_bytes += entry.size

    def answered(self, message_id: bytes) -> Entry | None:
        """None when that is not out."""
        sent = self._take_back(message_id)
        if sent is None:
            return None
        self._over(sent.entry)
        self._refusals_in_a_row = 0
        self._out_max = min(OUT_MAX, self._out_max * 2)
        return sent.entry

    def put_off(self, message_id: bytes, hint_ms: int, now: float) -> Entry | None:
        """Refused, to be sent again. None when that is not out."""
        sent = self._take_back(message_id)
        if sent is None:
            return None
        heapq.heappush(self._ready, (sent.entry.sequence, sent.entry.case_id))
        if now >= self.paused_until:  # those that were sent together are refused together: one pause for all
            grown = self._refused_first_s * 2**min(self._refusals_in_a_row, 32)
            self._refusals_in_a_row += 1
            self._out_max = _CAREFULLY
            self.pause(hint_ms / 1_000 if hint_ms > 0 else min(grown, self._refused_most_s), now)
        return sent.entry

    def pause(self, seconds: float, now: float) -> None:
        self.paused_until = max(self.paused_until, now + seconds)

    def overdue(self, now: float) -> bool:
        """Something is without an answer for too long."""
        oldest = next(iter(self._out.values()), None)  # in the order of sending
        return oldest is not None and now - oldest.at > self._answer_within_s

    def _take_back(self, message_id: bytes) -> _Sent | None:
        sent = self._out.pop(message_id, None)
        if sent:
            self._out_bytes -= sent.entry.size
        return sent

    def _over(self, entry: Entry) -> None:
        line = self._lines[entry.case_id]
        line.popleft()
        self._entries -= 1
        if line:
            heapq.heappush(self._ready, (line[0].sequence, entry.case_id))
        else:
            del self._lines[entry.case_id]

    def _read_more(self) -> None:
        while not self._ready and self._entries < _ENTRIES_MAX:
            found = self._outbox.entries(self._read, _READ_AT_ONCE)
            if not found:
                return
            for entry in found:
                self._read = entry.sequence
                self._entries += 1
                line = self._lines.setdefault(entry.case_id, deque())
                line.append(entry)
                if len(line) == 1:
                    heapq.heappush(self._ready, (entry.sequence, entry.case_id))


