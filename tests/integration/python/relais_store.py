"""What must survive kill -9: outbox, inbox, the network definition (proto/README.md, 17). SQLite, synced."""

import sqlite3
from pathlib import Path

SCHEMA = """
create table if not exists outbox (seq integer primary key, message_id blob unique not null, referral_id blob not null,
    kind text not null, submit blob not null, state text not null default 'waiting', code text, position integer);
create table if not exists inbox (message_id blob primary key, kind text not null, sender text not null);
create table if not exists network (id integer primary key check (id = 1), version integer not null, signed blob not null);
"""


class Store:
    def __init__(self, path: Path):
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute("pragma synchronous = full")
        self.db.executescript(SCHEMA)

    def transaction(self):
        self.db.execute("begin immediate")
        return self.db  # as a context manager: commits, or rolls back on an exception

    def put_out(self, message_id, referral_id, kind, submit: bytes):
        self.db.execute(
            "insert into outbox (message_id, referral_id, kind, submit) values (?, ?, ?, ?)",
            (message_id, referral_id, kind, submit),
        )

    def next_out(self):
        """(message_id, submit): the first unanswered message of each referral, because the next depends on it."""
        return self.db.execute(
            "select message_id, submit from outbox where seq in "
            "(select min(seq) from outbox where state = 'waiting' group by referral_id) order by seq"
        ).fetchall()

    def answered(self, message_id, state, code=None, position=None):
        self.db.execute(
            "update outbox set state = ?, code = ?, position = ? where message_id = ? and state = 'waiting'",
            (state, code, position, message_id),
        )

    def has_in(self, message_id) -> bool:
        return self.db.execute("select 1 from inbox where message_id = ?", (message_id,)).fetchone() is not None

    def put_in(self, message_id, kind, sender):
        self.db.execute("insert into inbox values (?, ?, ?)", (message_id, kind, sender))

    def network(self):
        return self.db.execute("select version, signed from network").fetchone() or (0, None)

    def keep_network(self, version, signed: bytes):
        self.db.execute("insert or replace into network values (1, ?, ?)", (version, signed))

    def close(self):
        self.db.close()
