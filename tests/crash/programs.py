"""Programs of a campaign: started, killed, suspended, stopped; these and no others."""

import ctypes
import random
import signal
import socket
import subprocess
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """The campaign can not go on, or shows what it was looking for."""


def _in_child():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # whatever ends the campaign ends its programs


def free_port(rng: random.Random) -> int:
    """Below the ports that connections get by themselves: a client that tries and tries to connect to a broker that is
    down would otherwise connect to itself one day, and take the broker's port."""
    while True:
        port = rng.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Program:
    def __init__(self, name: str, command: list, log: Path):
        self.name = name
        self.kills = 0
        self.suspensions = 0
        self._command = [str(word) for word in command]
        self._log = log
        self._child = None

    def start(self):
        with open(self._log, "ab") as log:
            # A session of its own: Ctrl-C is for the campaign, which then ends its programs itself.
            self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           preexec_fn=_in_child, start_new_session=True)

    def check_alive(self):
        """A program that ends by itself is a finding."""
        if self._child.poll() is not None:
            raise Failed(f"{self.name} ended by itself with {self._child.returncode}; the end of {self._log}:\n{self.last_words()}")

    def kill(self):
        self.check_alive()
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        self.kills += 1

    def suspend(self):
        self.check_alive()
        self._child.send_signal(signal.SIGSTOP)
        self.suspensions += 1

    def resume(self):
        self._child.send_signal(signal.SIGCONT)

    def stop(self, patience: float = 30):
        """Asks, and insists on a clean end."""
        self.check_alive()
        self._child.terminate()
        try:
            code = self._child.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} does not stop; the end of {self._log}:\n{self.last_words()}") from None
        if code != 0:
            raise Failed(f"{self.name} stopped with {code}; the end of {self._log}:\n{self.last_words()}")

    def discard(self):
        if self._child is not None and self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def last_words(self, lines: int = 15) -> str:
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
