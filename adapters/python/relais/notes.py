"""Small durable memory for a connector's own notes, in the same database as outbox and inbox, so that a note and a
message can be one fact."""

from relais.messages import Notes
from relais.store import Store

NAME_BYTES_MAX = 1 << 10
VALUE_BYTES_MAX = 1 << 20


class NoteStore:
    """Names are texts; use a prefix for each purpose ("file/..."). Not encrypted: no personal contents.

    Threads: any. io.failed when the disk refuses.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, name: str) -> bytes | None:
        found = self._store.row("select value from notes where name = ?", (name,))
        return found[0] if found else None

    def write(self, notes: Notes) -> None:
        """All or none, on the disk when it returns. ValueError beyond the sizes."""
        for name, value in notes.items():
            if len(name.encode()) > NAME_BYTES_MAX or len(value or b"") > VALUE_BYTES_MAX:
                raise ValueError(f"a note has a name of at most {NAME_BYTES_MAX} and a value of {VALUE_BYTES_MAX} bytes")
        with self._store.transaction():
            for name, value in notes.items():
                if value is None:
                    self._store.write("delete from notes where name = ?", (name,))
                else:
                    self._store.write("insert or replace into notes values (?, ?)", (name, value))

    def scan(self, prefix: str = "") -> list[tuple[str, bytes]]:
        """In the order of the names."""
        found = self._store.rows(
            "select name, value from notes where substr(name, 1, ?) = ? order by name", (len(prefix), prefix)
        )
        return [(name, value) for name, value in found]
