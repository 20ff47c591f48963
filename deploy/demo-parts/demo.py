"""The demo: see deploy/demo for its options."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from processes import StartFailed
from sender import Journey
from stage import Stage
from summary import Summary

ROOT = Path(__file__).resolve().parents[2]
MARK = "relais-demo"  # the first line of the file that says: this folder is a demo's, it may be emptied
STEP_SECONDS = 0.3
PATIENCE_SECONDS = 600
LINES_AT_ONCE = 12


class Stopped(Exception):
    """Ctrl-C, or --stop."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/demo")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--dir", type=Path, default=ROOT / "build/demo")
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--count", type=int, default=720)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chosen.dir = chosen.dir.resolve()
    chosen.bin = chosen.bin.resolve()
    return chosen


def say(text: str = ""):
    print(text, flush=True)


class Demo:
    def __init__(self, chosen: argparse.Namespace):
        self._chosen = chosen
        self._folder = chosen.dir
        self._started = time.monotonic()

    def run(self) -> int:
        self._take_folder()
        self._stage = Stage(self._chosen.bin, self._folder)
        try:
            self._stage.start(say)
            self._stage.export(self._generate(), say)
            summary = self._play_to_the_end()
            self._tell(summary)
            if not self._chosen.once:
                self._stay()
            return 0 if summary.good() else 1
        except Stopped:
            say("stopped")
            return 130 if self._chosen.once else 0
        finally:
            self._stage.stop()
            self._pid_file().unlink(missing_ok=True)

    # ---- its folder ----

    def _pid_file(self) -> Path:
        return self._folder / "demo.pid"

    def _take_folder(self):
        """Empties the folder of an earlier demo; any other folder must be empty or absent."""
        mark = self._folder / MARK
        running = running_demo(self._folder)
        if running:
            raise StartFailed(f"a demo runs in {self._folder} already (process {running}); deploy/demo --stop ends it")
        if self._folder.exists() and any(self._folder.iterdir()) and not mark.exists():
            raise StartFailed(f"{self._folder} holds something that is not a demo's; choose another --dir")
        shutil.rmtree(self._folder, ignore_errors=True)
        os.umask(0o022)  # the PostgreSQL server runs as another user, and must be able to walk to its folder
        self._folder.mkdir(parents=True)
        mark.write_text("Made by deploy/demo, which may delete this folder with all it holds.\n", encoding="utf-8")
        self._pid_file().write_text(f"{os.getpid()}\n", encoding="utf-8")

    def _generate(self) -> Path:
        exports = self._folder / "exports"
        subprocess.run([ROOT / "deploy/demo-data/generate", "--out", exports, "--seed", str(self._chosen.seed), "--count",
                        str(self._chosen.count), "--formats", Stage.FORMATS], check=True, stdin=subprocess.DEVNULL)
        return exports

    # ---- the play ----

    def _play_to_the_end(self) -> Summary:
        until = time.monotonic() + PATIENCE_SECONDS
        last_word = time.monotonic()
        while True:
            self._show(self._stage.step())
            summary = self._stage.sum_up()
            if summary.closed == summary.requested:
                # What must not come does not come at once either: wait for the rejects, and for answers on their way.
                if summary.refused >= summary.refused_expected and self._stage.quiet():
                    return summary
            if time.monotonic() > until:
                say("the demo takes too long; what is missing is told below")
                return summary
            if time.monotonic() - last_word > 5:
                last_word = time.monotonic()
                say(f"  ... {summary.requested} exported, {summary.delivered} with the recipients, {summary.closed} closed")
            time.sleep(STEP_SECONDS)

    def _show(self, changed: list[Journey]):
        """Journeys that ended, and a few of those that moved: everything would run by too fast to read."""
        moving = LINES_AT_ONCE
        for journey in changed:
            if journey.closed or (len(changed) <= LINES_AT_ONCE and moving > 0):
                moving -= not journey.closed
                say(journey.line())

    def _tell(self, summary: Summary):
        for word, rows in (("lost", summary.lost), ("duplicated", summary.duplicated), ("wrong", summary.complaints)):
            for row in rows[:20]:
                say(f"{word}: {row}")
        say()
        say(f"{summary.refused} records or files were refused ({summary.refused_expected} are wrong on purpose); the reasons, "
            f"with file and line, are in {self._stage.ccas.folder / 'rejects'}:")
        for (rule, words), count in sorted(Counter(summary.reasons).items()):
            say(f"{count:>6}  {rule:<20} {words}")
        closed = "every loop is closed" if summary.closed == summary.requested else "NOT every loop is closed"
        say(f"{closed}: {summary.requested} requested, {summary.delivered} delivered, lost {len(summary.lost)}, "
            f"duplicated {len(summary.duplicated)}")
        if self._chosen.json:
            say(json.dumps(summary.json(time.monotonic() - self._started)))

    def _stay(self):
        say()
        self._stage.explain(say)
        self._stage.ccas.open_to_new = True
        while True:
            for journey in self._stage.step():
                say(journey.line())
            time.sleep(STEP_SECONDS)


def running_demo(folder: Path) -> int | None:
    """The process of the demo that uses this folder."""
    try:
        process = int((folder / "demo.pid").read_text(encoding="utf-8"))
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return process if any(word.endswith(b"demo-parts/demo.py") for word in words) else None


def stop(folder: Path) -> int:
    process = running_demo(folder)
    if not process:
        print(f"no demo runs in {folder}", file=sys.stderr)
        return 1
    os.kill(process, signal.SIGTERM)
    until = time.monotonic() + 60
    while running_demo(folder) and time.monotonic() < until:
        time.sleep(0.1)
    return 0 if not running_demo(folder) else 1


def raise_stopped(*_):
    raise Stopped


def main() -> int:
    chosen = options()
    if chosen.stop:
        return stop(chosen.dir)
    signal.signal(signal.SIGTERM, raise_stopped)
    signal.signal(signal.SIGINT, raise_stopped)
    try:
        return Demo(chosen).run()
    except StartFailed as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
