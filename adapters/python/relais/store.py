"""The one durable database of an adapter: SQLite, where a transaction that ended is on the disk."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from relais import log
from relais.ids import now_ms
from relais.refusal import Refusal

FORMAT = 1
MARK_AGE_MS = 400 * 86_400_000
"""Marks older than this are dropped at the next start. The broker gives up on a delivery after days, and refuses envelopes
older than 90 days."""

_SCHEMA = """
create table network (id integer primary key check (id = 1), signed blob not null);
create table outbox (sequence integer primary key autoincrement, message_id blob not null, case_id blob not null,
  referral_id blob not null, kind text not null, submitted_at_ms integer not null, automatic integer not null,
  repeatable integer not null, bytes integer not null, submit blob not null);
create table refused (sequence integer primary key, message_id blob not null, envelope blob not null,
  refusal blob not null, at_ms integer not null);
create table submitted (message_id blob primary key, at_ms integer not null) without rowid;
create table handled (recipient text, message_id blob, at_ms integer not null, primary key (recipient, message_id))
  without rowid;
create table begun (recipient text, message_id blob, at_ms integer not null, primary key (recipient, message_id))
  without rowid;
create table referrals (referral_id blob primary key, case_id blob not null, sender text not null,
  recipient text not null, purpose text not null, priority integer not null, exercise integer not null) without rowid;
create table notes (name text primary key, value blob not null) without rowid;
"""


class Store:
    """Threads: any; one at a time is let in, but for committed_rows(), which never waits for a transaction. A read that the
    disk refuses raises io.failed like a write."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder when it is missing (its parent must exist). io.failed: it can not be used, or another process
        has it; journal.version: a newer version of the SDK wrote it."""
        self.failed = False
        self.when_rolled_back: Callable[[], None] = lambda: None
        self._folder = folder
        self._mutex = threading.RLock()
        self._depth = 0
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._io_failed(os.strerror(error.errno or 0)) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise self._io_failed("another process uses it") from None
        try:
            self._db = self._opened(folder / "adapter.sqlite")
            self._reading = threading.Lock()
            self._reader = sqlite3.connect(folder / "adapter.sqlite", isolation_level=None, check_same_thread=False)
        except Refusal:
            os.close(self._lock)
            raise

    def _opened(self, path: Path) -> sqlite3.Connection:
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = full")
            version = db.execute("pragma user_version").fetchone()[0]
            if version > FORMAT:
                db.close()
                raise Refusal("journal.version", version=str(version))
            if version == 0:
                db.executescript(f"begin;{_SCHEMA}pragma user_version = {FORMAT};commit;")
                self._sync_folder()
            for marks in ("handled", "begun", "submitted"):
                db.execute(f"delete from {marks} where at_ms < ?", (now_ms() - MARK_AGE_MS,))
            return db
        except (sqlite3.Error, OSError) as error:
            raise self._io_failed(type(error).__name__) from None

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; on the disk, synced, when the block is left. May stand within another one, of which it is
        a part then. io.failed: nothing was written."""
        with self._mutex:
            if self._depth:
                yield
                return
            self._run("begin immediate")
            self._depth = 1
            try:
                yield
                self._run("commit")
                self.failed = False
            finally:
                self._depth = 0
                if self._db.in_transaction:
                    self._db.rollback()
                    self.when_rolled_back()

    def note_unsynced(self, sql: str, values: tuple[Any, ...]) -> int:
        """One write that survives the end of the process, but not that of the machine. Rows that were changed."""
        with self._mutex:
            if self._depth:
                return self._run(sql, values).rowcount
            self._run("pragma synchronous = normal")
            try:
                return self._run(sql, values).rowcount
            finally:
                self._run("pragma synchronous = full")

    def write(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Rows that were changed."""
        with self._mutex:
            return self._run(sql, values).rowcount

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self._mutex:
            return self._run(sql, values).fetchall()

    def row(self, sql: str, values: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        with self._mutex:
            found: tuple[Any, ...] | None = self._run(sql, values).fetchone()
            return found

    def committed_rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """What is on the disk, whatever a transaction is about to write: for threads that must not wait."""
        with self._reading:
            return self._run(sql, values, self._reader).fetchall()

    def free_bytes(self) -> int:
        facts = os.statvfs(self._folder)
        return facts.f_bavail * facts.f_frsize

    def close(self) -> None:
        """Idempotent."""
        with self._mutex, self._reading:
            self._reader.close()
            self._db.close()
            if self._lock >= 0:
                os.close(self._lock)
            self._lock = -1

    def _run(self, sql: str, values: tuple[Any, ...] = (), db: sqlite3.Connection | None = None) -> sqlite3.Cursor:
        try:
            return (db or self._db).execute(sql, values)
        except sqlite3.Error as error:
            self.failed = True
            log.error("store failed", why=type(error).__name__)
            raise self._io_failed(type(error).__name__) from None

    def _io_failed(self, why: str) -> Refusal:
        return Refusal("io.failed", path=str(self._folder), why=why)
