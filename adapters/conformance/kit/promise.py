"""The steps of a run: what each asks of an adapter, and where that is promised."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from kit.protocol import ROOT

PAGE = "proto/README.md"


class Broken(Exception):
    """The adapter does not keep the promise; the text says how that was seen. Never a word about a person."""


class NotAsked(Exception):
    """The descriptor does not offer what the step needs."""


@dataclass(frozen=True)
class Step:
    name: str
    section: str
    promise: str
    run: Callable[..., str | None]
    """What it says, if anything, belongs into the report of a step that passed."""
    fresh: bool = False
    """Begins with an adapter that was never started."""

    @property
    def where(self) -> str:
        return where(self.section)


def where(section: str) -> str:
    """"proto/README.md, 6. Submitting, and what a receipt promises"; a section that is a path stands for itself."""
    if not section.isdigit():
        return section
    found = re.search(rf"^## ({section}\. .*)$", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise LookupError(f"{PAGE} has no section {section}")
    return f"{PAGE}, {found[1]}"


STEPS: list[Step] = []


def step(section: str, promise: str, fresh: bool = False):
    """Registers a step, in the order of the modules and of their lines."""

    def register(run):
        STEPS.append(Step(run.__name__, section, promise, run, fresh))
        return run

    return register
