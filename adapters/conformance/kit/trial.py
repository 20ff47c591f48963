"""One run of all steps against one adapter."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from kit import steps  # noqa: F401  (registers them)
from kit.descriptor import Descriptor
from kit.promise import STEPS, Broken, NotAsked, Step, where
from kit.report import FAILED, NOT_ASKED, PASSED, Report, Result
from kit.watch import ALWAYS
from kit.world import World


class Trial:
    def __init__(self, descriptor: Descriptor, folder: Path, programs: Path, patience_s: float, flood: int, longest_s: float,
                 tell: Callable[[Result], None]) -> None:
        self._make = lambda number: World(descriptor, folder / f"world-{number}", programs, patience_s, flood, longest_s)
        self._report = Report(descriptor.name, descriptor.messages.twice_when_killed)
        self._tell = tell
        self._watches = []
        self._world: World | None = None

    def run(self, wanted: list[Step]) -> Report:
        """KitFailed when a command of the descriptor fails."""
        began = time.monotonic()
        try:
            for step in wanted:
                self._add(self._try(step))
        finally:
            if self._world:
                self._close()
        for promise, (section, sentence) in ALWAYS.items():
            self._add(self._always(promise, section, sentence))
        self._report.seconds = round(time.monotonic() - began, 1)
        self._report.cpu_seconds = round(sum(os.times()[:4]), 1)
        return self._report

    def _try(self, step: Step) -> Result:
        result, began = Result(step.name, PASSED, step.promise, step.where), time.monotonic()
        if self._world and step.fresh:
            self._close()
        if self._world is None:
            self._world = self._make(len(self._watches) + 1)
            self._watches.append(self._world.watch)
        try:
            self._world.begin_step(step)
            result.why = step.run(self._world) or ""
        except NotAsked as why:
            result.status, result.why = NOT_ASKED, str(why)
        except Broken as why:
            result.status, result.why = FAILED, str(why)
            # What is left of it would be blamed on the next step.
            self._close()
        result.seconds = round(time.monotonic() - began, 1)
        return result

    def _close(self) -> None:
        world, self._world = self._world, None
        self._report.excused += len(world.excused)
        world.close()

    def _always(self, promise: str, section: str, sentence: str) -> Result:
        faults = [fault for watch in self._watches for fault in watch.faults[promise]]
        occasions = sum(watch.counted[promise] for watch in self._watches)
        result = Result(f"always_{promise}", PASSED, sentence, where(section))
        if faults:
            result.status, result.why = FAILED, f"{len(faults)} times of {occasions}; first: {faults[0]}"
        elif not occasions:
            result.status, result.why = NOT_ASKED, "no occasion to see it"
        return result

    def _add(self, result: Result) -> None:
        self._report.results.append(result)
        self._tell(result)


def chosen(names: list[str]) -> list[Step]:
    """LookupError names what is unknown."""
    known = {step.name: step for step in STEPS}
    for name in names:
        if name not in known:
            raise LookupError(name)
    return [step for step in STEPS if not names or step.name in names]
