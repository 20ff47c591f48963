"""What stands on the disk: all or nothing, once, and only one process at a time."""

import sqlite3
import threading
import unittest

from preparation_test import PERSON, request
from small_network import CAF, CCAS, WithDesks

import relais
from relais.inbox import Inbox
from relais.network_keeper import NetworkKeeper
from relais.notes import NoteStore
from relais.outbox import Outbox
from relais.store import Store
from relais.v1 import refusal_pb2


class StoreTest(WithDesks):
    def setUp(self):
        super().setUp()
        self.ccas = self.desk(CCAS)
        self.outbox = self.ccas.outbox

    def again(self):
        """What the next process finds."""
        self.ccas.store.close()
        self.ccas = self.desk(CCAS)
        self.outbox = self.ccas.outbox
        return self.outbox

    def test_a_transaction_that_fails_leaves_nothing(self):
        notes = NoteStore(self.ccas.store)
        with self.assertRaises(ZeroDivisionError), self.ccas.store.transaction():
            self.ccas.preparation.add(request())
            notes.write({"a": b"1"})
            raise ZeroDivisionError
        self.assertEqual((self.outbox.messages(), self.outbox.total_bytes(), notes.scan()), (0, 0, []))
        self.ccas.add(request())
        self.assertEqual(self.outbox.messages(), 1)

    def test_it_is_written_with_full_synchronisation(self):
        self.assertEqual(self.ccas.store.row("pragma synchronous"), (2,))
        Inbox(self.ccas.store).begin(CCAS, b"m" * 16)
        self.assertEqual(self.ccas.store.row("pragma synchronous"), (2,), "and so after an unsynced note")

    def test_figures_survive(self):
        for _ in range(3):
            self.ccas.add(request())
        before = (self.outbox.messages(), self.outbox.total_bytes(), self.outbox.oldest_ms())
        first = self.outbox.entries(0, 1)[0]
        self.assertEqual(before[0], 3)
        again = self.again()
        self.assertEqual((again.messages(), again.total_bytes(), again.oldest_ms()), before)
        again.settle(first)
        again.settle(first)
        self.assertEqual((again.messages(), again.total_bytes()), (2, before[1] - first.size))
        self.assertIsNone(again.submit(first.sequence))

    def test_a_sequence_is_never_given_twice(self):
        self.ccas.add(request())
        entry, = self.outbox.entries(0, 10)
        self.outbox.settle(entry)
        self.again()
        self.ccas.add(request())
        self.assertGreater(self.outbox.entries(0, 10)[0].sequence, entry.sequence)

    def test_what_is_refused_for_good_waits_for_a_person(self):
        message_id = relais.named_id("test", "1")
        self.ccas.add(request(message_id=message_id))
        entry, = self.outbox.entries(0, 10)
        refusal = refusal_pb2.Refused(code="route.none", english="No.")
        self.outbox.refuse(entry, refusal)
        self.outbox.refuse(entry, refusal)
        kept, = self.again().refused(10)
        self.assertEqual((kept.message_id, kept.refusal, kept.envelope.sender), (message_id, refusal, CCAS))
        self.assertEqual((self.outbox.messages(), self.outbox.total_bytes(), self.outbox.refused_messages()), (0, 0, 1))
        self.assertFalse(self.ccas.add(request(message_id=message_id)).repeated, "its id may be tried again")
        self.outbox.forget_refused(message_id)
        with self.refused("not.found", "message_id"):
            self.outbox.forget_refused(message_id)

    def test_marks_of_the_inbox(self):
        inbox = Inbox(self.ccas.store)
        message = (CCAS, b"m" * 16)
        inbox.begin(*message)
        self.again()
        inbox = Inbox(self.ccas.store)
        self.assertEqual((inbox.was_begun(*message), inbox.was_handled(*message)), (True, False))
        with self.ccas.store.transaction():
            inbox.handled(*message)
        self.assertEqual((inbox.was_begun(*message), inbox.was_handled(*message)), (False, True))
        self.assertFalse(inbox.was_handled(CAF, b"m" * 16), "of another institution")

    def test_marks_go_after_more_than_a_year(self):
        self.ccas.store.write("insert into handled values (?, ?, ?)", (CCAS, b"old", self.now - 401 * 86_400_000))
        self.ccas.store.write("insert into handled values (?, ?, ?)", (CCAS, b"new", self.now - 399 * 86_400_000))
        self.again()
        self.assertEqual(self.ccas.store.rows("select message_id from handled"), [(b"new",)])

    def test_notes(self):
        notes = NoteStore(self.ccas.store)
        notes.write({"file/b": b"2", "file/a": b"1", "file%": b"3", "other": b"4"})
        notes.write({"other": None, "file/a": b"5"})
        self.assertEqual(notes.scan("file/"), [("file/a", b"5"), ("file/b", b"2")])
        self.assertIsNone(notes.get("other"))
        for wrong in ({"n" * 1_025: b""}, {"n": bytes((1 << 20) + 1)}):
            with self.assertRaises(ValueError):
                notes.write({"good": b"", **wrong})
        self.assertIsNone(notes.get("good"))

    def test_one_process_at_a_time(self):
        with self.refused("io.failed") as no:
            Store(self.folder / CCAS)
        self.assertIn("another process uses it", no.refusal.english)

    def test_a_store_of_a_later_version_is_left_alone(self):
        self.ccas.store.close()
        with sqlite3.connect(self.folder / CCAS / "adapter.sqlite") as db:
            db.execute("pragma user_version = 2")
        db.close()
        with self.refused("journal.version"):
            Store(self.folder / CCAS)
        with sqlite3.connect(self.folder / CCAS / "adapter.sqlite") as db:
            db.execute("pragma user_version = 1")
        db.close()
        self.ccas = self.desk(CCAS)

    def test_a_file_that_is_no_database_is_said(self):
        (self.folder / CAF).mkdir()
        (self.folder / CAF / "adapter.sqlite").write_bytes(b"not a database, " * 100)
        with self.refused("io.failed"):
            Store(self.folder / CAF)

    def test_nobody_else_may_read_it_and_no_content_stands_in_it(self):
        for name in ("adapter.sqlite", "lock"):
            self.assertEqual((self.folder / CCAS / name).stat().st_mode & 0o077, 0)
        self.ccas.add(request(PERSON))
        self.ccas.store.rows("pragma wal_checkpoint(truncate)")
        for path in (self.folder / CCAS).iterdir():
            self.assertNotIn(b"Exemple", path.read_bytes())

    def test_the_network_definition_stays_and_is_never_older(self):
        keeper = self.ccas.network
        keeper.accept(self.net.signed(version=5))
        keeper.keep(self.net.signed(version=5))
        with self.refused("network.not_newer", "version"):
            keeper.accept(self.net.signed(version=4))
        forged = self.net.signed(version=6)
        forged.signature = bytes(64)
        with self.refused("network.signature"):
            keeper.accept(forged)
        stored = NetworkKeeper(self.ccas.store, self.net.pins)
        self.assertEqual((stored.version(), stored.current().institution(CAF).id), (5, CAF))

    def test_a_stored_definition_of_another_network_is_left_aside(self):
        strange = type(self.net)()
        self.assertEqual(NetworkKeeper(self.ccas.store, self.net.pins).version(), 1)
        self.assertEqual(NetworkKeeper(self.ccas.store, strange.pins).version(), 0)


class OutboxOnAFullDiskTest(WithDesks):
    def test_a_disk_that_takes_nothing_refuses_and_recovers(self):
        desk = self.desk(CCAS)
        desk.add(request(PERSON))
        pages, = desk.store.row("pragma page_count")
        most, = desk.store.row(f"pragma max_page_count = {pages}")
        before = (desk.outbox.messages(), desk.outbox.total_bytes())
        with self.refused("io.failed") as no:
            for _ in range(100):
                before = (desk.outbox.messages(), desk.outbox.total_bytes())
                desk.add(request(PERSON))
        self.assertTrue(no.refusal.retry)
        self.assertEqual((desk.outbox.messages(), desk.outbox.total_bytes(), desk.store.failed), (*before, True))
        self.assertEqual(len(desk.outbox.entries(0, 1_000)), before[0])
        desk.store.row(f"pragma max_page_count = {most + 1_000}")
        desk.add(request(PERSON))
        self.assertEqual((desk.outbox.messages(), desk.store.failed), (before[0] + 1, False))

    def test_reading_what_is_on_the_disk_does_not_wait_for_a_transaction(self):
        desk = self.desk(CCAS)
        desk.add(request(PERSON))
        with desk.store.transaction():
            desk.preparation.add(request(PERSON))
            seen = []
            reader = threading.Thread(target=lambda: seen.append(desk.outbox.entries(0, 10)))
            reader.start()
            reader.join(10)
            self.assertEqual([len(entries) for entries in seen], [1], "what is not written yet is not there yet")
        self.assertEqual(len(desk.outbox.entries(0, 10)), 2)

    def test_the_reserve_is_kept(self):
        desk = self.desk(CCAS)
        outbox = Outbox(desk.store, 1 << 40, desk.store.free_bytes() + (1 << 30))
        with self.refused("outbox.full") as no:
            outbox.check_room(1)
        self.assertIn("disk_reserve_bytes", no.refusal.english)


if __name__ == "__main__":
    unittest.main()
