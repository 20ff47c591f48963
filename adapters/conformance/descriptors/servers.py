"""A server of the software: started by one command of a descriptor, ended by another. What it says goes to NAME.log."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_S = 500.0


def start(name: str, command: list, port: int, folder: Path) -> None:
    """Returns when somebody listens on `port`."""
    with open(folder / f"{name}.log", "ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (folder / f"{name}.pid").write_text(str(process.pid))
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
            return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > until:
            sys.exit(f"{name} did not start: {(folder / f'{name}.log').read_text()[-1000:]}")
        time.sleep(0.05)


def stop(name: str, folder: Path) -> None:
    """At once, with whatever it is doing."""
    pid = folder / f"{name}.pid"
    if not pid.exists():
        return
    process = int(pid.read_text())
    os.kill(process, signal.SIGKILL)
    while _runs(process):
        time.sleep(0.01)
    pid.unlink()


def _runs(process: int) -> bool:
    """A dead one whose parent does not ask for it does not count."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
