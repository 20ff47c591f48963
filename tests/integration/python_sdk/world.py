"""A real relaisd and adapters of the Python SDK, each a process of its own or in this one."""

import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from broker_process import BrokerProcess

from relais import Adapter, Handler, handled, read_config

CCAS, CAF, PURPOSE = "ccas-25056", "caf-25", "access_to_rights"
PATIENCE_S = 90.0


def wait_until(condition, what, broker=None, patience_s=PATIENCE_S):
    until = time.monotonic() + patience_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen\n" + (broker.log() if broker else ""))
        time.sleep(0.02)


class Listening(Handler):
    """Takes everything, remembers it, and does nothing."""

    def __init__(self):
        self.seen, self.refusals = [], []

    def on_message(self, message):
        self.seen.append(message)
        return handled()

    def on_refused(self, message_id, refusal):
        self.refusals.append((message_id, refusal))

    def kinds(self):
        return [message.kind for message in self.seen]


class World(unittest.TestCase):
    """Two institutions, one broker; it runs, and its network is in force, unless a test says otherwise."""

    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.folder = self.broker.folder
        self.broker.start()
        self.broker.apply_network()

    def settings(self, institution, keys=None, extra="", endpoints=None):
        """The file of an adapter for that institution; `keys`: those of another one."""
        path = self.folder / f"{institution}.toml"
        path.write_text(self.broker.settings(f"python-{institution}", [institution], keys, endpoints) + extra)
        return path

    def adapter(self, institution, handler=None, start=True, **settings) -> Adapter:
        handler = handler or Listening()
        adapter = Adapter(read_config(self.settings(institution, **settings)), handler)
        self.addCleanup(adapter.close)
        handler.start(adapter)
        if start:
            adapter.start()
            self.wait(lambda: adapter.wait_for_network(0.1), "the network definition")
        return adapter

    def wait(self, condition, what):
        return wait_until(condition, what, self.broker)


class Program:
    """An adapter as a process, which a test may kill."""

    def __init__(self, test: World, script: Path, settings: Path, **environment):
        self._command = [sys.executable, "-B", script, settings]
        self._environment = {**os.environ, **environment}
        self._log = settings.with_suffix(".log")
        self.process = None
        test.addCleanup(self.kill)

    def start(self, **environment):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(self._command, stderr=log, env={**self._environment, **environment})
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def log(self) -> str:
        return self._log.read_text()
