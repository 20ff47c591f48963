"""What each story has: a territory in operation, and institutions with the software that they have, each with its adapter."""

import time
import unittest

from database import Database
from folders import Folders
from relais import Adapter, read_config
from territory import COMMON, Territory
from world import Listening, wait_until

READ = f"""
[[exchange.read]]
mapping = "{COMMON / "counter.toml"}"
[[exchange.write]]
mapping = "{COMMON / "counter.toml"}"
"""


class Counter(Folders):
    """Software that imports and exports files. What it took in stays with it, as rows."""

    def __init__(self, territory, institution, beside=()):
        super().__init__(territory, institution, READ, beside)
        self.rows = []

    def say(self, **row):
        self.drop([tuple(row), tuple(row.values())])

    def read(self, **wanted):
        """All rows so far that have these values, oldest first."""
        self.rows += self.take()
        return [row for row in self.rows if all(row.get(column) == value for column, value in wanted.items())]

    def orientations(self):
        return [row for row in self.read() if "Evenement" not in row]

    def told(self, number):
        """What the software knows of its referral of that number, as (event, outcome)."""
        return [(row["Evenement"], row["Issue"]) for row in self.read(Numero=number)]


class Neighbour(Counter):
    """Folders of an institution whose adapter is that of another one."""

    def __init__(self, territory, institution, counter):
        self.root = territory.folder / institution
        self._count = 0
        self._log = counter._log
        self.rows = []


class Desk(Listening):
    """Software written with the SDK: keeps what it is told. `answers`: kind -> drafts, given the message."""

    def __init__(self, answers=None):
        super().__init__()
        self._answers = answers or {}
        self.adapter = None

    def start(self, adapter):
        self.adapter = adapter

    def on_message(self, message):
        verdict = super().on_message(message)
        verdict.replies.extend(self._answers.get(message.kind, lambda _: [])(message))
        return verdict

    def of(self, kind):
        return [message for message in list(self.seen) if message.kind == kind]

    def refusal(self, submission):
        """None when there is none so far."""
        return next((refused for message_id, refused in list(self.refusals) if message_id == submission.message_id), None)


class Scenario(unittest.TestCase):
    STORY = ""
    TERRITORY = Territory
    BESIDE: dict[str, list[str]] = {}

    def setUp(self):
        self.territory = self.TERRITORY(self.STORY, self.BESIDE)
        self.addCleanup(self.territory.close)
        self.territory.start()
        self.territory.apply_network()

    def wait(self, condition, what):
        return wait_until(condition, what, self.territory)

    def counter(self, institution, beside=()):
        counter = Counter(self.territory, institution, beside)
        checked = counter.check()
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
        counter.start()
        self.addCleanup(counter.kill)
        self.wait(counter.ready, f"the folders of {institution}")
        return counter

    def database(self, institution):
        database = Database(self.territory, institution)
        self.addCleanup(database.stop)
        database.start()
        self.wait(database.ready, f"the adapter of {institution}")
        return database

    def desk(self, institution, answers=None):
        desk = Desk(answers)
        adapter = self.adapter(institution, desk)
        self.wait(lambda: adapter.wait_for_network(0.1), "the network definition")
        return desk

    def adapter(self, institution, handler, keys=None):
        """Written with the SDK, and started; with the keys of another institution when `keys` names one."""
        name = f"sdk-{institution}" + (f"-as-{keys}" if keys else "")
        path = self.territory.folder / f"{name}.toml"
        path.write_text(self.territory.settings(name, [institution], keys))
        adapter = Adapter(read_config(path), handler)
        self.addCleanup(adapter.close)
        handler.start(adapter)
        adapter.start()
        return adapter

    def orientation(self, counter, count=1):
        """The newest of that many referrals that the counter's software has taken in."""
        self.wait(lambda: len(counter.orientations()) >= count, f"{count} referrals in {counter.root.name}")
        return counter.orientations()[-1]

    def hears(self, counter, number, event, outcome=""):
        self.wait(lambda: (event, outcome) in counter.told(number), f"{event} of {number} in {counter.root.name}")

    def refused(self, desk, submission):
        """The refusal that a person at that desk is shown."""
        return self.wait(lambda: desk.refusal(submission), "the refusal")

    def all_closed(self):
        """Every loop, and nothing is left over in the broker."""
        self.wait(lambda: not self.territory.open_referrals(), "the end of every loop")
        self.assertEqual([], self.territory.ask("/api/v1/dead-letters")["dead_letters"])

    def takes_at_most(self, seconds, began):
        self.assertLess(time.monotonic() - began, seconds)
