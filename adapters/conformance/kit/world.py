"""Everything a step uses: the broker, the partners, the adapter and its software, and patience."""

import contextlib
import math
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from kit.adapter import KitFailed, Program, Software
from kit.broker import CREDIT_MOST, Behaviour, Broker, free_port
from kit.descriptor import Descriptor
from kit.letters import Letter, Partner, Submission
from kit.network import NETWORK, OTHER, OURS, PARTNER, PURPOSE, Network, text, write_key
from kit.promise import Broken, Step
from kit.protocol import ROOT
from kit.watch import Watch

# More than any step hands over while the broker behaves badly.
_ANSWERABLE = 12
_CREDIT_LEAST = 20


def credit_for(flood: int) -> int:
    """A small flood is to exhaust the credit, too."""
    return min(CREDIT_MOST, max(flood // 4, _CREDIT_LEAST)) if flood else CREDIT_MOST


class World:
    """One run of the kit has one world after another: a step that failed leaves a new one to the next."""

    def __init__(self, descriptor: Descriptor, folder: Path, programs: Path, patience_s: float, flood: int,
                 longest_s: float = math.inf) -> None:
        folder.mkdir(parents=True)
        self.patience_s = patience_s
        self.flood = flood
        self.longest_s = longest_s
        self.run = secrets.token_hex(3)
        self.network = Network()
        self.watch = Watch(self.network, f"Essai{self.run}".encode())
        self.messages = descriptor.messages
        self.broker = Broker(self.network, self.watch, self.messages.hands_over, credit_for(flood), patience_s)
        self.partner = Partner(self.network, PARTNER, self.messages.receives)
        self.other = Partner(self.network, OTHER, self.messages.receives)
        self._tokens = 0
        self._answerable: list[str] = []
        self._kills = 0
        self.excused: set[str] = set()
        """Who reached the software twice, where the descriptor says that a SIGKILL may do that."""
        places = self._places(descriptor, folder, programs)
        self.key_files = [Path(places["transport_key"]), Path(places["signing_key"])]
        self.adapter = Program(descriptor, places)
        self.software = Software(descriptor, places, rf"Essai{self.run}n\d+")
        self._prepared = False

    def _places(self, descriptor: Descriptor, folder: Path, programs: Path) -> dict[str, str]:
        net, keys = self.network, folder / "keys"
        sealing = [f'"{write_key(key, keys)}"' for key in reversed(net.keys[OURS]["sealing"])]
        return {
            "here": str(descriptor.path.parent.resolve()), "root": str(ROOT), "bin": str(programs), "folder": str(folder),
            "network": NETWORK, "institution": OURS, "partner": PARTNER, "purpose": PURPOSE, "endpoint": self.broker.endpoint,
            "dead_endpoint": f"tcp://127.0.0.1:{free_port()}", "authority_key": text(net.authority.public),
            "broker_key": text(net.transport.public), "transport_key": str(write_key(net.latest(OURS, "transport"), keys)),
            "signing_key": str(write_key(net.latest(OURS, "signing"), keys)), "sealing_keys": ", ".join(sealing),
            "data_dir": str(folder / "data"), "port": str(free_port()), "adapter_port": str(free_port()),
        }

    # ---- before and after ----

    def begin(self) -> None:
        """A faithful broker, and the software."""
        if not self._prepared:
            self._prepare()
        self.broker.behaviour = Behaviour()
        self.broker.up()

    def _prepare(self) -> None:
        try:
            self.software.prepare()
            self._prepared = True
        except KitFailed:
            # Half of it may run already.
            with contextlib.suppress(KitFailed):
                self.software.finish()
            raise

    def begin_step(self, step: Step) -> None:
        """Beside them an adapter that has a session."""
        self.watch.step = step.name
        self.begin()
        if step.fresh:
            return
        if not self.adapter.running:
            self.start()
        self.wait_for_session()
        if self.messages.answers:
            self._bring_people(_ANSWERABLE)

    def close(self) -> None:
        self.adapter.kill()
        self.broker.close()
        if self._prepared:
            self.software.finish()

    # ---- the adapter ----

    def start(self) -> None:
        self.adapter.start()

    def kill(self) -> None:
        self._kills += 1
        self.adapter.kill()
        self.broker.forget_session()

    def stop(self) -> int:
        try:
            return self.adapter.stop(self.patience_s)
        finally:
            self.broker.forget_session()

    def restart(self) -> None:
        self.kill()
        self.start()
        self.wait_for_session()

    def wait_for_session(self, than: int = 0) -> int:
        """Until there is a session with credit, of a number above `than`; its number."""
        def there():
            session = self.broker.session
            return session.number if session and session.number > than and session.granted else 0
        return self.wait(there, "a session with credit")

    def let_it_catch_up(self) -> None:
        """What was said to the adapter so far has arrived, and it had a moment to note it."""
        self.settled(self.post())
        time.sleep(1)

    # ---- people ----

    def tokens(self, count: int) -> list[str]:
        """Family names that nobody had before."""
        first, self._tokens = self._tokens, self._tokens + count
        return [f"Essai{self.run}n{number:06d}" for number in range(first, first + count)]

    def token(self) -> str:
        return self.tokens(1)[0]

    def to_hand_over(self, count: int) -> list[str]:
        """Family names of people whom the software can hand over now."""
        if not self.messages.answers:
            return self.tokens(count)
        self._bring_people(count)
        taken, self._answerable = self._answerable[:count], self._answerable[count:]
        return taken

    def _bring_people(self, count: int) -> None:
        """So many are in the software, and nothing more is to be said of them, until it answers."""
        if len(self._answerable) >= count:
            return
        letters = self.post(count - len(self._answerable))
        self.settled(letters)
        self.in_software(letters)
        wanted = {(kind, letter.case_id) for letter in letters for kind in self.messages.says}

        def said():
            return {(one.kind, one.envelope.case_id) for one in list(self.broker.submissions.values()) if one.answered}
        self.wait_while_it_moves(lambda: len(wanted & said()), len(wanted), "what the adapter says by itself")
        self._answerable += [letter.token for letter in letters]

    def hand_over(self, count: int = 1) -> list[str]:
        """The software has `count` new records for the partner."""
        tokens = self.to_hand_over(count)
        self.software.hand_over(tokens)
        return tokens

    def submitted(self, token: str, patience_s: float | None = None) -> Submission:
        return self.wait(lambda: self.broker.by_token.get(token), "the submission of what the software handed over", patience_s)

    def answered(self, tokens: list[str]) -> None:
        """Until all of it was submitted and has its receipt."""
        def count():
            found = [self.broker.by_token.get(token) for token in tokens]
            return sum(one is not None and one.answered for one in found)
        self.wait_while_it_moves(count, len(tokens), "receipts for what the software handed over")

    def post(self, count: int = 1, **fields) -> list[Letter]:
        """From the partner, one person each."""
        letters = [self.partner.request(token, **fields) for token in self.tokens(count)]
        self.broker.post(letters)
        return letters

    def post_flood(self) -> list[Letter]:
        """What must have come before is a flood of its own, and over when this returns."""
        letters = [self.partner.request(token) for token in self.tokens(self.flood)]
        openings = [letter.before for letter in letters if letter.before]
        self.broker.post(openings)
        self.settled(openings)
        for letter in letters:
            letter.before = None
        self.broker.post(letters)
        return letters

    def settled(self, letters: list[Letter], verdict: str = "acknowledge", within_s: float = math.inf) -> bool:
        """False when time is over, and it still moves."""
        openings = [letter.before for letter in letters if letter.before]

        def count():
            return sum(one.verdict == verdict for one in letters) + sum(one.verdict == "acknowledge" for one in openings)
        try:
            return self.wait_while_it_moves(count, len(letters) + len(openings), f"'{verdict}' for what was delivered", within_s)
        except Broken as why:
            said = sorted({f"{one.verdict} {one.reason}".strip() or "nothing" for one in letters})
            raise Broken(f"{why}; said: {', '.join(said)}") from None

    def in_software(self, letters: list[Letter]) -> None:
        """Each person once; at most one for each SIGKILL twice, where the descriptor says so."""
        tokens, received = {letter.token for letter in letters}, {}

        def count():
            nonlocal received
            received = self.software.received()
            return len(tokens & received.keys())
        self.wait_while_it_moves(count, len(tokens), "records in the software")
        twice = {token for token in tokens if received[token] > 1}
        if self.messages.twice_when_killed and all(received[token] == 2 for token in twice) \
                and len(self.excused | twice) <= self._kills:
            self.excused |= twice
            return
        self.expect(not twice, f"{len(twice)} of {len(tokens)} records reached the software more than once")

    def not_in_software(self, letters: list[Letter]) -> None:
        received = self.software.received()
        found = sum(letter.token in received for letter in letters)
        self.expect(found == 0, f"{found} of {len(letters)} records that must not be believed reached the software")

    def follow_up(self, letter: Letter, kind: str) -> Submission | None:
        """The adapter's message of that kind about the referral of that letter."""
        case_id = letter.case_id
        return next((one for one in list(self.broker.submissions.values()) if one.kind == kind and one.envelope.case_id == case_id),
                    None)

    # ---- patience ----

    def wait(self, condition: Callable[[], object], what: str, patience_s: float | None = None):
        """What the condition says as soon as it says something. Broken when it does not in time."""
        patience_s = patience_s or self.patience_s
        until = time.monotonic() + patience_s
        while not (found := condition()):
            if time.monotonic() > until:
                raise Broken(f"{what}: not within {patience_s:.0f} s")
            time.sleep(0.02)
        return found

    def wait_while_it_moves(self, count: Callable[[], int], whole: int, what: str, within_s: float = math.inf) -> bool:
        """However slow it is: Broken when nothing is added for as long as patience lasts. False when time is over."""
        before, until, end = -1, 0.0, time.monotonic() + within_s
        while True:
            began = time.monotonic()
            now, counted = count(), time.monotonic()
            if now >= whole:
                return True
            if now > before:
                before, until = now, counted + self.patience_s
            if counted > until:
                raise Broken(f"{what}: {now} of {whole}, and nothing more in {self.patience_s:.0f} s")
            if counted > end:
                return False
            # Who looks must not be what everybody waits for.
            time.sleep(max(0.1, 2 * (counted - began)))

    def never(self, condition: Callable[[], object], what: str, seconds: float = 2.0) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.expect(not condition(), what)
            time.sleep(0.02)

    def expect(self, kept: bool, how: str) -> None:
        if not kept:
            raise Broken(how)
