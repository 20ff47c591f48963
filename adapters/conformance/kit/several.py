"""Several adapters at the same time, each by a run of its own: most of a run is waiting."""

import argparse
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from kit.descriptor import Descriptor


class Several:
    """What failed is told as soon as a run ends, below the adapter's name; in the end a line for each, in the order asked for.

    Threads: one for each run that is going on, which waits for it."""

    def __init__(self, command: Path, descriptors: list[Descriptor], options: argparse.Namespace) -> None:
        self._command = command
        self._descriptors = descriptors
        self._options = options
        self._running: list[subprocess.Popen] = []
        if options.json:
            options.json.mkdir(parents=True, exist_ok=True)
        if options.keep:
            options.keep.mkdir(parents=True)

    def run(self) -> int:
        """The worst exit code."""
        lines: dict[str, str] = {}
        codes: list[int] = []
        with ThreadPoolExecutor(self._options.jobs) as pool:
            runs = {pool.submit(self._run_one, one): one.name for one in self._descriptors}
            try:
                for run in as_completed(runs):
                    code, said = run.result()
                    codes.append(code)
                    lines[runs[run]] = self._closing(runs[run], code, said)
            except SystemExit:
                pool.shutdown(wait=False, cancel_futures=True)
                for one in self._running:
                    one.send_signal(signal.SIGTERM)
                raise
        for one in self._descriptors:
            print(lines[one.name], flush=True)
        return max(codes)

    @staticmethod
    def _closing(name: str, code: int, said: str) -> str:
        """Tells everything but the closing line, which is the answer."""
        *others, closing = said.splitlines() or ["nothing was said"]
        if not closing.startswith(f"{name} "):
            others, closing = [*others, closing], f"{name} NOT TRIED: exit code {code}"
        if others:
            print(f"{name}:", *others, sep="\n", flush=True)
        return closing

    def _run_one(self, descriptor: Descriptor) -> tuple[int, str]:
        options, name = self._options, descriptor.name
        words = [sys.executable, self._command, "--bin", options.bin, "--flood", options.flood, "--patience", options.patience,
                 "--longest", options.longest, *(word for step in options.step for word in ("--step", step))]
        if options.quiet:
            words.append("--quiet")
        if options.json:
            words += ["--json", options.json / f"{name}.json"]
        if options.keep:
            words += ["--keep", options.keep / name]
        process = subprocess.Popen([*map(str, words), descriptor.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self._running.append(process)
        said, _ = process.communicate()
        return process.returncode, said
