"""Rounds of killing under load, then the reckoning."""

import random
import sys
import time
from pathlib import Path

import ledgers
from programs import Failed, Program
from rows import RowExchange
from stage import FILES_RECIPIENT, FILES_SENDER, PATIENCE_S, RECIPIENTS, SENDERS, SILENCE_S, Stage

ROUND_S = 2.0
VERIFY_EVERY = 5     # of the broker's crashes
SUSPEND_EVERY = 12   # of the rounds
DRAIN_PATIENCE_S = 90.0  # without any progress


class Campaign:
    def __init__(self, programs: Path, folder: Path, rounds: int, seed: int, cases_per_second: float, with_files: bool):
        self._rng = random.Random(seed)
        self._rounds = rounds
        self._stage = Stage(programs, folder, self._rng, cases_per_second, with_files)
        self._rows = None
        if with_files:
            self._rows = RowExchange(self._stage.adapter_folder(FILES_SENDER), self._stage.adapter_folder(FILES_RECIPIENT),
                                     FILES_RECIPIENT)
        self.findings: list[str] = []
        self._counts: dict[str, int] = {}

    def run(self):
        self._stage.start()
        self._wait_for_load()
        for number in range(1, self._rounds + 1):
            self._round(number)
            if number % 10 == 0 or number == self._rounds:
                self._tell(number)
        self._drain()
        self._end()

    def discard(self):
        self._stage.discard()

    def _wait_for_load(self):
        """What is killed before it has anything to lose proves nothing, and sanitized adapters start slowly."""
        until = time.monotonic() + PATIENCE_S
        while self._compare().accepted == 0:
            if time.monotonic() > until:
                raise Failed(f"nothing was accepted in the first {PATIENCE_S:.0f} s")
            time.sleep(0.2)

    def closing_line(self) -> str:
        """Empty when it did not come to the reckoning."""
        if not self._counts:
            return ""
        return f"rounds={self._rounds} " + " ".join(f"{word}={count}" for word, count in self._counts.items())

    def _round(self, number: int):
        end = time.monotonic() + ROUND_S
        if self._rows:
            self._rows.drop()
            self._rows.answer()
        time.sleep(self._rng.uniform(0.05, 1.2))
        for program in self._stage.programs:
            program.check_alive()
        if number % SUSPEND_EVERY == 0:
            self._suspend(self._rng.choice(self._stage.programs))
        else:
            victims = self._victims()
            self._kill(victims)
            if self._rng.random() < 0.2:  # again, while it recovers
                time.sleep(self._rng.uniform(0, 0.3))
                self._kill([self._rng.choice(victims)])
        time.sleep(max(0.0, end - time.monotonic()))

    def _victims(self) -> list[Program]:
        kind = self._rng.random()
        if kind < 0.35:
            return [self._stage.broker]
        if kind < 0.65:
            return [self._rng.choice(self._stage.adapters)]
        programs = self._stage.programs
        return self._rng.sample(programs, self._rng.randint(2, len(programs)))

    def _kill(self, victims: list[Program]):
        for program in victims:
            program.kill()
        broker = self._stage.broker
        if broker in victims and broker.kills % VERIFY_EVERY == 0:
            self._stage.verify_journal()
        for program in self._rng.sample(victims, len(victims)):
            time.sleep(self._rng.uniform(0, 0.1))
            program.start()

    def _suspend(self, program: Program):
        program.suspend()
        time.sleep(SILENCE_S + self._rng.uniform(0.5, 2))
        program.resume()

    def _compare(self) -> ledgers.Comparison:
        return ledgers.compare(self._ledgers())

    def _ledgers(self) -> dict[str, list[ledgers.Entry]]:
        return {institution: ledgers.read(self._stage.ledger(institution)) for institution in (*SENDERS, *RECIPIENTS)}

    def _tell(self, number: int):
        said = self._compare()
        kills = sum(program.kills for program in self._stage.programs)
        rows = f", rows {self._rows.delivered} of {self._rows.handed}" if self._rows else ""
        print(f"round {number}: {kills} kills, {said.delivered} of {said.handed} delivered{rows}", file=sys.stderr, flush=True)

    def _drain(self):
        """No new cases; what is under way goes to its end."""
        self._stage.drain_file.touch()
        best, until = -1, time.monotonic() + DRAIN_PATIENCE_S
        while time.monotonic() < until:
            time.sleep(1)
            for program in self._stage.programs:
                program.check_alive()
            said = self._compare()
            delivered = said.delivered
            missing = []
            if self._rows:
                self._rows.answer()
                delivered += self._rows.delivered
                missing = self._rows.findings()["lost"]
            if said.complete and not missing and self._broker_is_empty():
                return
            if delivered > best:
                best, until = delivered, time.monotonic() + DRAIN_PATIENCE_S

    def _broker_is_empty(self) -> bool:
        # A receipt or a settlement may still be on its way when the ledgers are complete.
        return all(queue[what] == 0 for queue in self._stage.queues()
                   for what in ("queued", "parked", "dead", "referrals_open"))

    def _end(self):
        queues = self._stage.queues()
        for adapter in self._stage.adapters:
            adapter.stop()
        self._stage.broker.stop()
        self._stage.verify_journal()
        kept = self._ledgers()
        said = ledgers.compare(kept)
        self.findings = said.findings() + ledgers.check_sums(kept)
        self._counts = {"accepted": said.accepted, "delivered": said.delivered}
        found = self._reckon_rows()
        for word in ("lost", "duplicated", "reordered"):
            self._counts[word] = len(getattr(said, word)) + len(found.get(word, []))
        self._reckon_queues(queues, said)
        if said.accepted == 0:
            self.findings.append("nothing was accepted: there was no load")

    def _reckon_rows(self) -> dict[str, list[str]]:
        if not self._rows:
            return {}
        self._rows.answer()
        found = self._rows.findings()
        self.findings += [f"{word}: {what}" for word, whats in found.items() for what in whats]
        # Receipts are not shown to the software of a folder; what the broker counted is compared with all below.
        self._counts["accepted"] += self._rows.handed
        self._counts["delivered"] += self._rows.delivered
        return found

    def _reckon_queues(self, queues: list[dict], said: ledgers.Comparison):
        """The broker's own count of the same campaign."""
        sums = {what: sum(queue[what] for queue in queues)
                for what in ("sent", "delivered", "queued", "parked", "dead", "referrals_open")}
        rows = self._rows.handed if self._rows else 0
        expected = {"sent": said.accepted_messages + rows, "delivered": said.accepted + rows, "queued": 0, "parked": 0,
                    "dead": 0, "referrals_open": 0}
        self.findings += [f"the broker counts {what}={sums[what]}, the ledgers say {expected[what]}"
                          for what in sums if sums[what] != expected[what]]
