"""A store that was damaged behind the broker's back, and a disk that is full: nothing acknowledged is lost in silence.

What is promised: broker/journal/README.md, docs/formats/store.md, docs/operations.md.
"""

import json
import os
import re
import subprocess
import time
import unittest
from pathlib import Path

import generated  # noqa: F401  (makes the protocol importable)
from relais.v1 import content_pb2

import roles
from broker_process import BIN, BrokerProcess
from relais_adapter import Adapter, Settings

CCAS, CAF, PURPOSE = "ccas-25056", "caf-25", "access_to_rights"
PATIENCE_S = 120.0


class Noting(Adapter):
    """An adapter that notes why the broker refused what it may send again."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.put_off = []

    def _refused(self, refused, session):
        if refused.message_id and refused.retry:
            self.put_off.append((refused.message_id, refused.code))
        super()._refused(refused, session)


class Store(unittest.TestCase):
    """A broker, an institution that asks, and one that takes what it gets and says nothing."""

    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.data = self.broker.folder / "data"
        self.database = self.data / "store" / "db"
        self.prepare()
        self.broker.start()
        self.broker.apply_network()
        self.ccas = self.adapter(CCAS, roles.Asking())
        self.caf = self.adapter(CAF, roles.Role())

    def prepare(self):
        """Before the broker's first start."""

    def adapter(self, institution, role):
        made = Noting(Settings(
            institution=institution, endpoint=self.broker.endpoint, broker_key=self.broker.broker_key,
            authority_key=self.broker.authority_key, network="test", keys=self.broker.keys_of(institution),
            store=self.broker.folder / f"{institution}.sqlite"), role)
        self.addCleanup(made.close, bye=False)
        return made

    def step_until(self, adapter, condition, what):
        until = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), until, f"{what} did not happen\n{self.broker.log()}")
            adapter.step(0.01)

    def ask(self) -> bytes:
        self.step_until(self.ccas, lambda: self.ccas.network, "the definition")
        with self.ccas.store.transaction():
            return self.ccas.role.ask(self.ccas, CAF, PURPOSE, os.urandom(16), os.urandom(16),
                                      content_pb2.Identity(family_name="Martin", given_names="Camille"))

    def position_of(self, message):
        return self.ccas.store.db.execute("select position from outbox where message_id = ? and state = 'accepted'",
                                          [message]).fetchone()

    def accept(self, count) -> dict:
        """Messages that the broker confirmed, one after another, each with the position that it was promised."""
        accepted = {}
        for _ in range(count):
            message = self.ask()
            self.step_until(self.ccas, lambda: self.position_of(message), "a receipt")
            accepted[message] = self.position_of(message)[0]
        return accepted

    def arrived(self) -> set:
        return {message for (message,) in self.caf.store.db.execute("select message_id from inbox")}

    def deliver(self, accepted):
        """What arrives twice ends the adapter's step: its inbox has each id once."""
        self.step_until(self.caf, lambda: set(accepted) <= self.arrived(), "each delivery")
        self.assertEqual(set(accepted), self.arrived())

    def control(self, *words):
        """Exit code and what was said."""
        done = subprocess.run([BIN / "relaisctl", "--json", *map(str, words), "--data", self.data], capture_output=True,
                              text=True, check=False, timeout=300)
        self.assertEqual("", done.stderr)
        return done.returncode, json.loads(done.stdout)

    def verified(self) -> int:
        """The records of a stopped broker's journal."""
        code, said = self.control("journal", "verify")
        self.assertEqual((0, True), (code, said.get("verified")), said)
        return said["records"]


def turn_over(path: Path, at: int):
    """One bit of one byte."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


class DamagedStore(Store):
    def log_of_database(self) -> Path:
        return max(self.database.glob("*.log"))

    def file_of_journal(self) -> Path:
        return next(path for path in self.database.glob("*.sst") if b"journal" in path.read_bytes()[-4096:])

    def content(self):
        return {path.name: path.read_bytes() for path in self.database.iterdir()}

    def refusal_of_start(self) -> str:
        """The one line that a broker says which does not start."""
        done = subprocess.run([BIN / "relaisd", "--config", self.broker.folder / "relaisd.toml"], capture_output=True,
                              text=True, check=False, timeout=PATIENCE_S)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertEqual(1, len(done.stderr.splitlines()), done.stderr)
        return done.stderr

    def expect_damage_told(self, where, unchanged=True):
        before = self.content()
        code, said = self.control("journal", "verify")
        self.assertEqual((1, "journal.damaged"), (code, said["refused"]["code"]))
        sentence = said["refused"]["english"]
        self.assertIn(where, sentence)
        started = self.refusal_of_start()
        self.assertIn("level=error", started)
        self.assertIn("code=journal.damaged", started)
        self.assertIn(sentence, started, "both say the same")
        if unchanged:
            self.assertEqual(before.keys(), self.content().keys(), "nothing changed on disk")
            self.assertEqual(before, self.content(), "nothing changed on disk")

    def test_damage_of_the_log_is_told_with_the_position_where_the_journal_breaks_off(self):
        accepted = self.accept(9)
        self.broker.kill()
        log = self.log_of_database()
        whole = log.read_bytes()
        *_, last = accepted
        for message in (list(accepted)[4], last):
            turn_over(log, whole.index(message))
            self.expect_damage_told(f"at position {accepted[message]}: records up to {accepted[last]} "
                                    "were acknowledged and are missing")
            log.write_bytes(whole)
        log.write_bytes(whole[:whole.index(last)])
        self.expect_damage_told(f"at position {accepted[last]}: ")

        # Only this one is a tear: nobody was promised it.
        held = whole.rstrip(b"\0")
        log.write_bytes(held + b"half of a batch" * 10 + whole[len(held) + 150:])
        records = self.verified()
        self.assertGreaterEqual(records, accepted[last])
        self.broker.start()
        self.assertIn(f'event="torn end of the log dropped" position={records}\n', self.broker.log())
        self.deliver(accepted)

    def test_damage_of_a_table_file_is_told_with_the_file(self):
        accepted = self.accept(6)
        self.assertEqual(0, self.control("purge", "--operator", "anne", "--reason", "so that there are table files")[0])
        accepted |= self.accept(3)
        self.broker.kill()
        path = self.file_of_journal()
        whole = path.read_bytes()
        turn_over(path, whole.index(list(accepted)[3]))
        self.expect_damage_told(str(path), unchanged=False)
        path.unlink()
        self.expect_damage_told(path.stem, unchanged=False)
        path.write_bytes(whole)
        self.assertGreaterEqual(self.verified(), max(accepted.values()))
        self.broker.start()
        self.deliver(accepted)

    def test_damage_deep_in_a_table_file_is_told_with_the_position_and_the_file(self):
        accepted = self.accept(120)
        self.deliver(accepted)
        self.assertEqual(0, self.control("purge", "--operator", "anne", "--reason", "so that there are table files")[0])
        self.broker.kill()
        path = self.file_of_journal()
        whole = path.read_bytes()
        turned = list(accepted)[60]
        turn_over(path, whole.index(turned))
        code, said = self.control("journal", "verify")
        self.assertEqual((1, "journal.damaged"), (code, said["refused"]["code"]))
        sentence = said["refused"]["english"]
        self.assertIn(str(path), sentence)
        # A block holds some dozens of records; the first that can not be read is named.
        position = int(re.search(r"at position (\d+): ", sentence)[1])
        self.assertIn(position, range(max(2, accepted[turned] - 60), accepted[turned] + 1), sentence)


class FullDisk(Store):
    def prepare(self):
        """A small disk of its own for the data folder. The store puts 96 MiB aside."""
        self.data.mkdir(mode=0o700)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=264m,mode=0700", "tmpfs", self.data],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("this user may not mount a file system")
        self.addCleanup(self.unmount)
        with open(self.broker.folder / "relaisd.toml", "a", encoding="utf-8") as settings:
            settings.write(f"disk_reserve_bytes = {96 << 20}\n")

    def unmount(self):
        if self.broker.process:
            self.broker.kill()
        subprocess.run(["umount", "--lazy", self.data], check=True)

    def fill(self, leaves: int) -> Path:
        """Another program takes all but so many bytes."""
        path = self.data / "filler"
        with open(path, "wb") as file:
            left = os.statvfs(self.data)
            os.posix_fallocate(file.fileno(), 0, left.f_bavail * left.f_frsize - leaves)
        return path

    def test_submissions_wait_deliveries_go_on_and_so_does_everything_when_there_is_room(self):
        accepted = self.accept(5)
        filler = self.fill(72 << 20)
        # It looks at its disk now and then: until it does, it takes what comes.
        while not self.ccas.put_off:
            waiting = self.ask()
            self.step_until(self.ccas, lambda: self.position_of(waiting) or self.ccas.put_off, "an answer")
            if self.position_of(waiting):
                accepted[waiting] = self.position_of(waiting)[0]
        self.assertEqual((waiting, "broker.disk_full"), self.ccas.put_off[0])
        self.assertIsNone(self.position_of(waiting))
        self.assertEqual((503, {"ready": False, "why": "broker.disk_full"}), self.broker.says("/ready"))
        self.assertEqual((503, {"healthy": False}), self.broker.says("/health"))
        self.deliver(accepted)
        self.assertIsNone(self.position_of(waiting))

        filler.unlink()
        self.step_until(self.ccas, lambda: self.position_of(waiting), "a receipt without a restart")
        accepted[waiting] = self.position_of(waiting)[0]
        accepted |= self.accept(2)
        self.deliver(accepted)

        self.broker.kill()
        self.assertGreaterEqual(self.verified(), max(accepted.values()))

    def test_without_a_byte_left_what_was_accepted_is_delivered_all_the_same_and_the_broker_can_be_ended(self):
        accepted = self.accept(5)
        self.fill(0)
        self.deliver(accepted)
        self.broker.process.terminate()
        self.assertEqual(0, self.broker.process.wait(PATIENCE_S))


if __name__ == "__main__":
    unittest.main()
