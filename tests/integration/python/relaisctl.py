"""What an operator types, as a program of its own, and the answers."""

import json
import subprocess
import time
import unittest

from broker_process import BIN

PATIENCE_S = 120.0


class Control(unittest.TestCase):
    """For tests that have a `broker`."""

    def run_control(self, *words):
        return subprocess.run([BIN / "relaisctl", "--json", *map(str, words)], capture_output=True, text=True, timeout=300)

    def control(self, *words):
        done = self.run_control(*words)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def refused(self, *words):
        done = self.run_control(*words)
        self.assertEqual(done.returncode, 1, f"{words}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)["refused"]["code"]

    def wait_for(self, condition, what, traffic=None):
        """Of what goes on by itself."""
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if traffic and traffic.broken:
                raise traffic.broken
            self.assertLess(time.monotonic(), until, f"{what} did not happen\n{self.broker.log()}")
            time.sleep(0.1)

    def stop_broker(self):
        self.broker.process.terminate()
        self.assertEqual(self.broker.process.wait(PATIENCE_S), 0, self.broker.log())
