"""What was handed over to the handler, so that its effect happens once."""

from relais.ids import now_ms
from relais.store import Store


class Inbox:
    """Threads: any. A message is known by its id and by which of our institutions it is for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def was_handled(self, recipient: str, message_id: bytes) -> bool:
        return self._has("handled", recipient, message_id)

    def was_begun(self, recipient: str, message_id: bytes) -> bool:
        """The handler was called, and no outcome was noted."""
        return self._has("begun", recipient, message_id)

    def begin(self, recipient: str, message_id: bytes) -> None:
        """Not synced: certain after a killed process, not after a power cut."""
        self._store.note_unsynced("insert or replace into begun values (?, ?, ?)", (recipient, message_id, now_ms()))

    def handled(self, recipient: str, message_id: bytes) -> None:
        """Within the transaction of the verdict."""
        self.not_handled(recipient, message_id)
        self._store.write("insert or replace into handled values (?, ?, ?)", (recipient, message_id, now_ms()))

    def not_handled(self, recipient: str, message_id: bytes) -> None:
        self._store.note_unsynced("delete from begun where recipient = ? and message_id = ?", (recipient, message_id))

    def _has(self, table: str, recipient: str, message_id: bytes) -> bool:
        sql = f"select 1 from {table} where recipient = ? and message_id = ?"
        return self._store.row(sql, (recipient, message_id)) is not None
