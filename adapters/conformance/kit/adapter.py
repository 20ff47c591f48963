"""The adapter under test as a process, and its software as the commands of the descriptor."""

import os
import re
import signal
import subprocess
from pathlib import Path

from kit.descriptor import Descriptor, fill
from kit.promise import Broken, NotAsked
from kit.protocol import SDK

_COMMAND_S, _RECORD_S = 600.0, 1.0
"""What a command may take at all, and for each record that it is given."""


def _environment() -> dict[str, str]:
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{path}:{SDK}" if path else SDK}


class KitFailed(Exception):
    """A command of the descriptor failed: nothing is known of the adapter then."""


class Program:
    """Its standard output and error go to adapter.log in the folder of the run."""

    def __init__(self, descriptor: Descriptor, places: dict[str, str]) -> None:
        self._descriptor = descriptor
        self._places = places
        self.folder = Path(places["folder"])
        self._process: subprocess.Popen | None = None
        self.log = self.folder / "adapter.log"
        for name, content in descriptor.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fill(content, places), encoding="utf-8")

    def start(self) -> None:
        command = [fill(word, self._places) for word in self._descriptor.start]
        with open(self.log, "ab") as log:
            try:
                self._process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                 start_new_session=True, env=_environment())
            except OSError as error:
                raise KitFailed(f"adapter.start: {command[0]}: {error.strerror}") from None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL to it and to what it started."""
        if self._process:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._process.wait()

    def stop(self, within_s: float) -> int:
        """SIGTERM; its exit code. Broken when it does not end in time."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Broken(f"still running {within_s:.0f} s after SIGTERM") from None


class Software:
    """Each command runs in the folder of the run."""

    def __init__(self, descriptor: Descriptor, places: dict[str, str], token_pattern: str) -> None:
        self._descriptor = descriptor
        self._places = places
        self._pattern = re.compile(token_pattern)

    def prepare(self) -> None:
        self._run("prepare", optional=True)

    def finish(self) -> None:
        self._run("finish", optional=True)

    def hand_over(self, tokens: list[str]) -> None:
        """One referral for each family name, given one a line."""
        self._run("hand_over", "".join(f"{token}\n" for token in tokens))

    def can_alone(self) -> bool:
        return "alone" in self._descriptor.commands

    def alone(self, tokens: list[str]) -> None:
        """Takes one record for each family name, one after another, without an adapter."""
        self._run("alone", "".join(f"{token}\n" for token in tokens))

    def received(self) -> dict[str, int]:
        """How often each family name stands in what the software got."""
        counts: dict[str, int] = {}
        for token in self._pattern.findall(self._run("received")):
            counts[token] = counts.get(token, 0) + 1
        return counts

    def down(self) -> None:
        if "down" not in self._descriptor.commands:
            raise NotAsked("the descriptor has no software.down")
        self._run("down")

    def up(self) -> None:
        self._run("up")

    def _run(self, name: str, given: str = "", optional: bool = False) -> str:
        words = self._descriptor.commands.get(name)
        if words is None and optional:
            return ""
        command = [fill(word, self._places) for word in words]
        within_s = _COMMAND_S + _RECORD_S * given.count("\n")
        try:
            process = subprocess.Popen(command, cwd=self._places["folder"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True)
            said, complaint = process.communicate(given, within_s)
        except OSError as error:
            raise KitFailed(f"software.{name}: {error}") from None
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise KitFailed(f"software.{name} took longer than {within_s:.0f} s") from None
        if process.returncode:
            raise KitFailed(f"software.{name} ended with {process.returncode}: {complaint.strip()[-300:]}")
        return said
