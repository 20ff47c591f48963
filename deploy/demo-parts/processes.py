"""Programs that the demo starts, and stops again: these and no others."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class StartFailed(Exception):
    pass


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on; all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Program:
    """One child process with a log file. Dies with the demo, however that ends."""

    def __init__(self, name: str, command: list, log: Path, user: tuple[int, int] | None = None, stop_signal=signal.SIGTERM):
        self.name = name
        self._command = [str(word) for word in command]
        self._log = log
        self._user = user
        self._stop_signal = stop_signal
        self._child: subprocess.Popen | None = None

    def start(self):
        def in_child():
            _libc.prctl(_PR_SET_PDEATHSIG, self._stop_signal)
            os.setpgid(0, 0)  # Ctrl-C in the terminal is for the demo, which then stops its programs in order
            if self._user:
                os.setgroups([])
                os.setgid(self._user[1])
                os.setuid(self._user[0])
                _libc.prctl(_PR_SET_PDEATHSIG, self._stop_signal)  # a change of user clears it

        with open(self._log, "ab") as log:
            self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           preexec_fn=in_child, close_fds=True, cwd="/" if self._user else None)

    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def wait(self) -> int:
        return self._child.wait()

    def stop(self, patience: float = 20):
        if not self.alive():
            return
        self._child.send_signal(self._stop_signal)
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def last_words(self, lines: int = 15) -> str:
        try:
            return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def wait_until(self, ready, patience: float, what: str):
        """Polls `ready` until it answers True; StartFailed with the end of the log when the program ends or time is up."""
        until = time.monotonic() + patience
        while not ready():
            if not self.alive():
                raise StartFailed(f"{self.name} ended at once; the end of {self._log}:\n{self.last_words()}")
            if time.monotonic() > until:
                raise StartFailed(f"{self.name} is not {what} after {patience:.0f} s; the end of {self._log}:\n{self.last_words()}")
            time.sleep(0.1)
