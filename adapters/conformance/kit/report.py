"""What became of each step, as text and as JSON."""

import json
from dataclasses import asdict, dataclass

PASSED, FAILED, NOT_ASKED = "passed", "failed", "not asked"


@dataclass
class Result:
    name: str
    status: str
    promise: str
    where: str
    why: str = ""
    seconds: float = 0.0


class Report:
    def __init__(self, adapter: str, excuse: str = "") -> None:
        self.adapter = adapter
        self.seconds = self.cpu_seconds = 0.0
        """The second counts the kit, the adapter and the commands of the descriptor, but no server that they leave running."""
        self.excused = 0
        """Records that reached the software twice after a SIGKILL, which `excuse` says in advance."""
        self._excuse = excuse
        self.results: list[Result] = []

    @property
    def passed(self) -> int:
        return sum(one.status == PASSED for one in self.results)

    @property
    def asked(self) -> int:
        return sum(one.status != NOT_ASKED for one in self.results)

    @property
    def good(self) -> bool:
        return self.asked > 0 and self.passed == self.asked

    def closing(self) -> str:
        """"files passed 41/41"."""
        failed = [one.name for one in self.results if one.status == FAILED]
        not_asked = [one.name for one in self.results if one.status == NOT_ASKED]
        line = f"{self.adapter} {'passed' if self.good else 'FAILED'} {self.passed}/{self.asked}"
        if failed:
            line += f"; broken: {', '.join(failed)}"
        line += "".join(f"; {one.name}: {one.why}" for one in self.results if one.status == PASSED and one.why)
        if self.excused:
            line += f"; twice after a SIGKILL: {self.excused} ({self._excuse})"
        return line + (f"; not asked: {', '.join(not_asked)}" if not_asked else "")

    def as_json(self) -> str:
        return json.dumps({"adapter": self.adapter, "passed": self.passed, "asked": self.asked, "good": self.good,
                           "excused": self.excused, "seconds": self.seconds, "cpu_seconds": self.cpu_seconds,
                           "steps": [asdict(one) for one in self.results]}, indent=2, ensure_ascii=False) + "\n"


def line_of(result: Result) -> str:
    text = f"{result.status:>9}  {result.name}  ({result.seconds:.1f} s)"
    if result.status == FAILED:
        text += f"\n           promise: {result.promise}\n           written: {result.where}\n           seen: {result.why}"
    elif result.why:
        text += f"\n           {result.why}"
    return text
