"""How an adapter is doing, for people, probes and Prometheus. Names and meanings are those of the C++ SDK."""

import json
import threading
from dataclasses import asdict, dataclass, replace

from relais.ids import now_ms
from relais.version import VERSION


@dataclass(frozen=True)
class Health:
    """A snapshot. Counters count since the adapter was opened."""

    connected: bool = False
    endpoint: str = ""
    draining: bool = False
    last_contact_ms: int | None = None
    network_version: int = 0
    outbox_messages: int = 0
    outbox_bytes: int = 0
    outbox_oldest_ms: int | None = None
    refused_messages: int = 0
    submitted: int = 0
    receipts: int = 0
    refusals: int = 0
    refusals_retried: int = 0
    received: int = 0
    handled: int = 0
    repeated: int = 0
    retried: int = 0
    rejected: int = 0
    withheld: int = 0
    sessions: int = 0
    last_error: str = ""
    last_error_at_ms: int | None = None
    store_failed: bool = False

    @property
    def ready(self) -> bool:
        """Messages flow: connected, with a network definition and a disk that takes writes."""
        return self.connected and self.network_version != 0 and not self.store_failed

    def as_json(self, adapter: str) -> str:
        facts = {"adapter": adapter, "ready": self.ready, **asdict(self), "version": VERSION}
        return json.dumps(facts, separators=(",", ":")) + "\n"

    def as_metrics(self, adapter: str) -> str:
        """Prometheus' text format."""
        text = ""
        for name, kind, explanation in _METRICS:
            field = name.replace("_seconds", "_ms")
            value = float(getattr(self, field) or 0) / (1 if field == name else 1_000)
            full = f"relais_adapter_{name}{'_total' if kind == 'counter' else ''}"
            text += f'# HELP {full} {explanation}\n# TYPE {full} {kind}\n{full}{{adapter="{adapter}"}} {value:.15g}\n'
        return text


_METRICS = (
    ("connected", "gauge", "1 while a session with the broker is open."),
    ("ready", "gauge", "1 while messages can flow."),
    ("last_contact_seconds", "gauge", "When the broker was last heard, since 1970."),
    ("network_version", "gauge", "Version of the network definition in use."),
    ("outbox_messages", "gauge", "Submissions without a receipt."),
    ("outbox_bytes", "gauge", "Bytes of the submissions without a receipt."),
    ("outbox_oldest_seconds", "gauge", "When the first of them was submitted, since 1970; 0: none."),
    ("refused_messages", "gauge", "Refused submissions that nobody has looked at."),
    ("submitted", "counter", "Submissions written to the outbox."),
    ("receipts", "counter", "Receipts of the broker."),
    ("refusals", "counter", "Submissions refused for good."),
    ("refusals_retried", "counter", "Submissions refused and sent again."),
    ("received", "counter", "Deliveries received."),
    ("handled", "counter", "Deliveries handled by the connector."),
    ("repeated", "counter", "Deliveries that had been handled before."),
    ("retried", "counter", "Deliveries put off."),
    ("rejected", "counter", "Deliveries rejected."),
    ("withheld", "counter", "Contents that agreement or mission did not allow and that were left out."),
    ("sessions", "counter", "Sessions opened."),
    ("store_failed", "gauge", "1 while the disk refuses writes."),
)


class Figures:
    """The part of a snapshot that is counted while things happen. Threads: any."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._health = Health()
        self.message_bytes_max = 0

    def count(self, name: str, by: int = 1) -> None:
        with self._mutex:
            self._health = replace(self._health, **{name: getattr(self._health, name) + by})

    def note(self, **facts: object) -> None:
        with self._mutex:
            self._health = replace(self._health, **facts)

    def error(self, code: str) -> None:
        self.note(last_error=code, last_error_at_ms=now_ms())

    def contact(self) -> None:
        self.note(last_contact_ms=now_ms())

    def snapshot_with(self, **facts: object) -> Health:
        with self._mutex:
            return replace(self._health, **facts)
